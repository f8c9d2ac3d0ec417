#include "services/routing/knowledge/practices.h"

#include <algorithm>
#include <utility>

#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/case_writer.h"
#include "services/routing/knowledge/knowledge_store.h"
#include "services/routing/knowledge/practice_rules.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultPracticePage = 50;
constexpr int kLargestPracticePage = 500;
constexpr int kAdoptionsShown = 500;
// Practices are read where they are written: this place holds nobody up.
constexpr char kPracticeSource[] = "routing.practices";

std::string TokenOf(int64_t version) {
  return feed::MakeToken({feed::Position(kPracticeSource, 0, version)});
}

absl::StatusOr<v1::Case> ReadSource(db::Connection& connection, const v1::WritePracticeRequest& request) {
  std::optional<Uuid> case_id = Uuid::Parse(request.case_id());
  if (request.has_issue_key()) {
    const IssueKey key(request.issue_key().source_system(), request.issue_key().external_id());
    ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, {key}));
    if (found.empty()) return UnknownCase();
    case_id = found.begin()->second;
  }
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, {case_id.value_or(Uuid())}));
  if (cases.empty()) return UnknownCase();
  return cases.begin()->second.body;
}

absl::StatusOr<v1::WritePracticeResponse> WriteNew(db::Connection& connection,
                                                   const v1::WritePracticeRequest& request,
                                                   const KnowledgeCall& call) {
  ZHUQI_ASSIGN_OR_RETURN(const v1::Case source, ReadSource(connection, request));
  const Uuid case_id = Uuid::Parse(source.case_id()).value_or(Uuid());
  ZHUQI_ASSIGN_OR_RETURN(const auto written, ReadPracticesOfCases(connection, {case_id}, 0));
  if (!written.empty()) {
    return rpc::Error(absl::StatusCode::kAlreadyExists, "PRACTICE_EXISTS",
                      "the case has been written up already", "该工单已总结为经验",
                      {{"practice_id", written.begin()->second.ToString()}});
  }
  ZHUQI_ASSIGN_OR_RETURN(auto solutions, ReadSolutions(connection, {case_id}));
  v1::WritePracticeResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_practice(),
                         WriteUp(source, solutions[case_id], request.content(),
                                 Uuid::NewV7(call.now).ToString(), call.actor, call.now, *call.directory));
  ZHUQI_RETURN_IF_ERROR(InsertPractice(connection, response.practice()));
  response.set_consistency_token(TokenOf(1));
  return response;
}

// What the rules need to know of the database for this action.
absl::Status ReadForAction(db::Connection& connection, const Uuid& practice_id, PracticeActionInput& input,
                           CaseMap& cases) {
  if (input.action.has_adopt()) {
    const v1::AdoptPractice& adopt = input.action.adopt();
    ZHUQI_ASSIGN_OR_RETURN(input.earlier_adoption,
                           ReadAdoption(connection, practice_id, adopt.org_unit_id()));
    if (const std::optional<Uuid> case_id = Uuid::Parse(adopt.case_id())) {
      ZHUQI_ASSIGN_OR_RETURN(cases, ReadCases(connection, {*case_id}));
    }
    if (!cases.empty()) input.resolved = &cases.begin()->second.body;
  }
  if (input.action.has_rate()) {
    ZHUQI_ASSIGN_OR_RETURN(input.earlier_stars, ReadStars(connection, practice_id, input.actor));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ActOnPracticeResponse> ActNow(db::Connection& connection,
                                                 const v1::ActOnPracticeRequest& request,
                                                 const KnowledgeCall& call) {
  const Uuid practice_id = Uuid::Parse(request.practice_id()).value_or(Uuid());
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<PracticeRecord> record, ReadPractice(connection, practice_id));
  if (!record.has_value()) return UnknownPractice();
  if (!request.etag().empty() && request.etag() != record->body.etag()) {
    return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                      "the practice has changed since it was read", "经验已被更新，请刷新后重试",
                      {{"etag", record->body.etag()}});
  }
  PracticeActionInput input;
  input.action = request.action();
  input.actor = call.actor;
  input.now = call.now;
  CaseMap cases;
  ZHUQI_RETURN_IF_ERROR(ReadForAction(connection, practice_id, input, cases));
  ZHUQI_ASSIGN_OR_RETURN(PracticeChange change, ActOnPractice(record->body, input, *call.directory));
  // First: whoever finds it changed runs again before anything beside it is written.
  ZHUQI_RETURN_IF_ERROR(UpdatePractice(connection, change.practice, record->version));
  if (change.adoption.has_value()) {
    ZHUQI_RETURN_IF_ERROR(WriteAdoption(connection, practice_id, *change.adoption));
  }
  if (input.action.has_rate()) {
    ZHUQI_RETURN_IF_ERROR(
        WriteStars(connection, practice_id, call.actor, input.action.rate().stars(), call.now));
  }
  v1::ActOnPracticeResponse response;
  *response.mutable_practice() = std::move(change.practice);
  response.set_consistency_token(TokenOf(record->version + 1));
  return response;
}

}  // namespace

absl::Status UnknownPractice() {
  return rpc::Error(absl::StatusCode::kNotFound, "PRACTICE_UNKNOWN", "there is no such practice",
                    "经验不存在");
}

absl::StatusOr<OnceCommand> CheckWrite(v1::WritePracticeRequest& request) {
  rpc::Violations violations;
  OnceCommand command = ReadOnceCommand(request, violations);
  if (request.has_case_id()) rpc::ReadUuid(request.case_id(), "case_id", violations);
  if (request.has_issue_key()) ReadIssueKey(request.issue_key(), "issue_key", violations);
  if (request.target_case() == v1::WritePracticeRequest::TARGET_NOT_SET) {
    violations.Add("case_id", "CASE_REQUIRED", "name the case", "必须指定工单");
  }
  CheckPracticeContent("content", /*may_be_empty=*/true, *request.mutable_content(), violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<OnceCommand> CheckAct(v1::ActOnPracticeRequest& request, const Directory& directory) {
  rpc::Violations violations;
  OnceCommand command = ReadOnceCommand(request, violations);
  rpc::ReadUuid(request.practice_id(), "practice_id", violations);
  CheckPracticeAction(directory, *request.mutable_action(), violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<v1::WritePracticeResponse> WriteOnce(db::Transaction& transaction, const OnceCommand& command,
                                                    const v1::WritePracticeRequest& request,
                                                    const KnowledgeCall& call) {
  return AnswerOnce<v1::WritePracticeResponse>(
      transaction, command, "KnowledgeService.WritePractice", call.now,
      [&] { return WriteNew(transaction.connection(), request, call); });
}

absl::StatusOr<v1::ActOnPracticeResponse> ActOnce(db::Transaction& transaction, const OnceCommand& command,
                                                  const v1::ActOnPracticeRequest& request,
                                                  const KnowledgeCall& call) {
  return AnswerOnce<v1::ActOnPracticeResponse>(
      transaction, command, "KnowledgeService.ActOnPractice", call.now,
      [&] { return ActNow(transaction.connection(), request, call); });
}

absl::StatusOr<v1::GetPracticeResponse> GetPractice(db::Connection& connection, const Uuid& practice_id) {
  ZHUQI_ASSIGN_OR_RETURN(std::optional<PracticeRecord> record, ReadPractice(connection, practice_id));
  if (!record.has_value()) return UnknownPractice();
  v1::GetPracticeResponse response;
  *response.mutable_practice() = std::move(record->body);
  ZHUQI_ASSIGN_OR_RETURN(const auto adoptions, ReadAdoptions(connection, practice_id, kAdoptionsShown));
  response.mutable_adoptions()->Add(adoptions.begin(), adoptions.end());
  return response;
}

absl::StatusOr<PracticeList> CheckList(const v1::ListPracticesRequest& request, const Directory& directory) {
  rpc::Violations violations;
  PracticeList list;
  list.filter.state = request.state() == 0 ? v1::PRACTICE_STATE_PUBLISHED : request.state();
  const auto unit = [&](const char* field, const std::string& id) {
    const directory::v1::OrgUnit* found = id.empty() ? nullptr : directory.FindUnit(id);
    if (found == nullptr && !id.empty()) {
      violations.Add(field, "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
    }
    return found;
  };
  const directory::v1::OrgUnit* within = unit("org_unit_id", request.org_unit_id());
  // All is below the root.
  if (within != nullptr && !within->parent_id().empty()) {
    list.filter.org_unit_ids = directory.SelfAndBelow(within->org_unit_id());
  }
  unit("adopted_by_org_unit_id", request.adopted_by_org_unit_id());
  list.filter.adopted_by_org_unit_id = request.adopted_by_org_unit_id();
  list.filter.category_id = request.category_id();
  if (!request.category_id().empty() && !directory.HasCategory(request.category_id())) {
    violations.Add("category_id", "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
  }
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative",
                   "每页条数不得为负数");
  }
  list.page_size =
      request.page_size() == 0 ? kDefaultPracticePage : std::min(request.page_size(), kLargestPracticePage);
  v1::ListPracticesRequest filter = request;
  filter.clear_page_size();
  filter.clear_page_token();
  filter.clear_at_least_token();
  list.filter_text = filter.SerializeAsString();
  if (!request.page_token().empty()) {
    const auto parts = DecodePageToken(request.page_token(), list.filter_text, 1);
    if (parts.has_value()) list.before = Uuid::Parse(parts->front());
    if (!list.before.has_value()) {
      violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another filter",
                     "翻页令牌无效或与筛选条件不符");
    }
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return list;
}

absl::StatusOr<v1::ListPracticesResponse> ListPage(db::Connection& connection, const PracticeList& list) {
  // One more than the page holds says whether another follows.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Practice> practices,
                         SelectPractices(connection, list.filter, list.before, list.page_size + 1));
  v1::ListPracticesResponse response;
  if (CutToPage(practices, list.page_size))
    response.set_next_page_token(EncodePageToken(list.filter_text, {practices.back().practice_id()}));
  for (v1::Practice& practice : practices) *response.add_practices() = std::move(practice);
  return response;
}

}  // namespace zhuqi::routing
