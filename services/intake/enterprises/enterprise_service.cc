#include "services/intake/enterprises/enterprise_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/vocabulary/text.h"
#include "common/vocabulary/width.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_store.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/paging.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/enterprises/policy_matches.h"
#include "services/intake/enterprises/request_fields.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxEnterprises = 1000;
constexpr size_t kMaxRowKey = 100;
constexpr size_t kMaxText = 100;
constexpr size_t kCodeLength = 18;
// Enterprises that one page of matches looks at.
constexpr int kMaxConsidered = 2000;

void CheckRows(const v1::ApplyEnterprisesRequest& request, rpc::Violations& violations) {
  if (request.enterprises_size() < 1 || request.enterprises_size() > kMaxEnterprises) {
    violations.Add("enterprises", "OUT_OF_RANGE", "1 to 1000 enterprises are required",
                   "须包含 1 至 1000 家企业");
  }
  if (!request.row_keys().empty() && request.row_keys_size() != request.enterprises_size()) {
    violations.Add("row_keys", "ROW_KEYS_MISMATCH", "as many as there are enterprises are required, or none",
                   "行标识须与企业数量一致，或全部留空");
  }
  for (int i = 0; i < request.row_keys_size(); ++i) {
    if (vocabulary::CharacterCount(request.row_keys(i)) <= kMaxRowKey) continue;
    violations.Add(absl::StrCat("row_keys[", i, "]"), "TEXT_TOO_LONG", "must be at most 100 characters",
                   "最多 100 个字");
  }
}

// Something that a newer directory may know.
bool MentionsUnknown(const EnterpriseBatch& batch) {
  return std::any_of(batch.enterprises.begin(), batch.enterprises.end(), [](const CheckedEnterprise& row) {
    return std::any_of(
        row.violations.list().begin(), row.violations.list().end(),
        [](const rpc::Violation& violation) { return violation.reason == "ORG_UNIT_UNKNOWN"; });
  });
}

// What a repeated request must be the same in.
std::string ContentDigest(v1::ApplyEnterprisesRequest request) {
  request.clear_request_id();
  return Sha256(absl::StrCat("EnterpriseService.ApplyEnterprises", request.SerializeAsString()));
}

// The text as a part of a name and, when it could be one, as the beginning of a code.
void SetText(const std::string& text, EnterpriseFilter& filter, rpc::Violations& violations) {
  const std::optional<std::string> folded = vocabulary::FoldForSearch(vocabulary::TrimWhitespace(text));
  if (!folded.has_value() || vocabulary::CharacterCount(text) > kMaxText) {
    violations.Add("text", "TEXT_INVALID", "must be at most 100 characters of UTF-8",
                   "须为最多 100 个字的 UTF-8 文本");
    return;
  }
  filter.folded_text = *folded;
  const std::string code = absl::AsciiStrToUpper(vocabulary::ToHalfWidth(vocabulary::TrimWhitespace(text)));
  const bool may_be_code = !code.empty() && code.size() <= kCodeLength &&
                           std::all_of(code.begin(), code.end(), [](unsigned char c) {
                             return absl::ascii_isdigit(c) || absl::ascii_isupper(c);
                           });
  if (may_be_code) filter.code_prefix = code;
}

EnterpriseFilter FilterOf(const v1::ListEnterprisesRequest& request, const Directory& directory,
                          rpc::Violations& violations) {
  EnterpriseFilter filter;
  filter.org_unit_ids = ReadUnits(directory, request.org_unit_id(), "org_unit_id", violations);
  SetText(request.text(), filter, violations);
  filter.tag = request.tag();
  filter.industry_section = request.industry_section();
  filter.size = request.size();
  filter.not_visited_since =
      CheckDay(request.has_not_visited_since(), request.not_visited_since(), "not_visited_since", violations);
  filter.with_closed = request.with_closed();
  if (!filter.tag.empty() && !IsTag(filter.tag)) {
    violations.Add("tag", "IDENTIFIER_INVALID", "a tag is 1 to 64 of a-z, 0-9 and '-'",
                   "标签须为 1 至 64 个小写字母、数字或连字符");
  }
  if (!filter.industry_section.empty() && !IsIndustrySection(filter.industry_section)) {
    violations.Add("industry_section", "INDUSTRY_SECTION_UNKNOWN", "must be a section of GB/T 4754, A to T",
                   "须为国民经济行业分类（GB/T 4754）的门类 A 至 T");
  }
  return filter;
}

PageQuery PageOf(v1::ListEnterprisesRequest request, rpc::Violations& violations) {
  request.clear_include_total();  // it may be asked for on one page and not on another
  return ReadPageQuery(request, kDefaultPageSize, kMaxPageSize, 1, violations);
}

std::string AfterOf(const PageQuery& page) { return page.after.has_value() ? page.after->front() : ""; }

absl::StatusOr<v1::ListEnterprisesResponse> ReadPage(db::Connection& connection,
                                                     const EnterpriseFilter& filter, const PageQuery& page,
                                                     bool total) {
  v1::ListEnterprisesResponse response;
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Enterprise> enterprises,
                         ListEnterprises(connection, filter, AfterOf(page), page.size + 1));
  if (CutToPage(enterprises, page.size)) {
    response.set_next_page_token(EncodePageToken(page.filter, {enterprises.back().uscc()}));
  }
  for (v1::Enterprise& enterprise : enterprises) *response.add_enterprises() = std::move(enterprise);
  if (total) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t count, CountEnterprises(connection, filter));
    response.set_total(count);
  }
  return response;
}

absl::StatusOr<v1::ListPolicyMatchesResponse> ReadMatchPage(db::Connection& connection,
                                                            const Directory& directory,
                                                            const MatchQuery& query, const PageQuery& page) {
  ZHUQI_ASSIGN_OR_RETURN(MatchPage matches,
                         ReadMatches(connection, directory, query, AfterOf(page), page.size, kMaxConsidered));
  v1::ListPolicyMatchesResponse response;
  for (v1::PolicyMatch& match : matches.matches) *response.add_matches() = std::move(match);
  if (matches.more) response.set_next_page_token(EncodePageToken(page.filter, {matches.last_uscc}));
  return response;
}

}  // namespace

EnterpriseBatch EnterpriseServer::CheckAll(const v1::ApplyEnterprisesRequest& request) const {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  EnterpriseBatch batch;
  batch.directory_sequence = directory->sequence();
  batch.enterprises.reserve(static_cast<size_t>(request.enterprises_size()));
  for (int i = 0; i < request.enterprises_size(); ++i) {
    batch.enterprises.push_back(
        CheckEnterprise(request.enterprises(i), absl::StrCat("enterprises[", i, "]"), *directory, now));
  }
  return batch;
}

Task<absl::StatusOr<EnterpriseBatch>> EnterpriseServer::CheckWithNewestDirectory(
    absl::Time deadline, const v1::ApplyEnterprisesRequest& request) {
  EnterpriseBatch batch = CheckAll(request);
  if (!MentionsUnknown(batch)) co_return batch;
  auto refresh = parts_.sql->Run<bool>(deadline, [this](db::Connection& connection) -> absl::StatusOr<bool> {
    ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
    return true;
  });
  absl::StatusOr<bool> refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed.status();
  co_return CheckAll(request);
}

Task<absl::StatusOr<v1::ApplyEnterprisesResponse>> EnterpriseServer::Apply(
    rpc::CallContext& call, const v1::ApplyEnterprisesRequest& request) {
  rpc::Violations violations;
  const std::optional<Uuid> request_id =
      ReadRequestId(request.request_id(), !request.validate_only(), violations);
  CheckRows(request, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto check = CheckWithNewestDirectory(call.deadline, request);
  absl::StatusOr<EnterpriseBatch> batch = co_await check;
  if (!batch.ok()) co_return batch.status();
  batch->all_or_nothing = request.all_or_nothing();
  batch->row_keys.assign(request.row_keys().begin(), request.row_keys().end());
  if (request.validate_only()) {
    auto preview = parts_.sql->Run<v1::ApplyEnterprisesResponse>(
        call.deadline,
        [this, &batch](db::Connection& connection) { return parts_.writer->Preview(connection, *batch); });
    absl::StatusOr<v1::ApplyEnterprisesResponse> previewed = co_await preview;
    co_return previewed;
  }
  batch->request_id = *request_id;
  batch->digest = ContentDigest(request);
  auto write = parts_.writer->Write(*std::move(batch), call.deadline);
  absl::StatusOr<v1::ApplyEnterprisesResponse> written = co_await write;
  co_return written;
}

Task<absl::StatusOr<v1::GetEnterpriseResponse>> EnterpriseServer::Get(
    rpc::CallContext& call, const v1::GetEnterpriseRequest& request) {
  // Enterprises are read from the database that they were written to; only the directory is this replica's
  // own. So in the lists below.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const std::string uscc = ReadCreditCode(request.uscc(), "uscc", violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<std::optional<v1::Enterprise>>(
      call.deadline, [&uscc](db::Connection& connection) { return ReadEnterprise(connection, uscc); });
  absl::StatusOr<std::optional<v1::Enterprise>> enterprise = co_await run;
  if (!enterprise.ok()) co_return enterprise.status();
  if (!enterprise->has_value()) co_return UnknownEnterprise();
  v1::GetEnterpriseResponse response;
  *response.mutable_enterprise() = **std::move(enterprise);
  co_return response;
}

Task<absl::StatusOr<v1::ListEnterprisesResponse>> EnterpriseServer::List(
    rpc::CallContext& call, const v1::ListEnterprisesRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const EnterpriseFilter filter = FilterOf(request, *parts_.directory->Get(), violations);
  const PageQuery page = PageOf(request, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListEnterprisesResponse>(
      call.deadline, [&filter, &page, total = request.include_total()](db::Connection& connection) {
        return ReadPage(connection, filter, page, total);
      });
  absl::StatusOr<v1::ListEnterprisesResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListPolicyMatchesResponse>> EnterpriseServer::ListMatches(
    rpc::CallContext& call, const v1::ListPolicyMatchesRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  MatchQuery query;
  query.policy = directory->FindPolicy(request.policy_id());
  if (query.policy == nullptr) {
    co_return rpc::Error(absl::StatusCode::kNotFound, "POLICY_UNKNOWN", "the directory has no such policy",
                         "目录中没有该政策");
  }
  rpc::Violations violations;
  query.org_unit_ids = ReadUnits(
      *directory, request.org_unit_id().empty() ? query.policy->org_unit_id() : request.org_unit_id(),
      "org_unit_id", violations);
  if (!v1::PolicyMatch::Verdict_IsValid(request.verdict())) {
    violations.Add("verdict", "OUT_OF_RANGE", "no such verdict", "没有该匹配结论");
  }
  query.verdict = request.verdict();
  query.not_brought = request.not_brought();
  query.not_claimed = request.not_claimed();
  query.on =
      CheckDay(request.has_on(), request.on(), "on", violations).value_or(CityDay(parts_.clock->Now()));
  const PageQuery page = ReadPageQuery(request, kDefaultPageSize, kMaxPageSize, 1, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListPolicyMatchesResponse>(
      call.deadline, [&directory, &query, &page](db::Connection& connection) {
        return ReadMatchPage(connection, *directory, query, page);
      });
  absl::StatusOr<v1::ListPolicyMatchesResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::PrepareVisitResponse>> EnterpriseServer::Prepare(
    rpc::CallContext& call, const v1::PrepareVisitRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const std::string uscc = ReadCreditCode(request.uscc(), "uscc", violations);
  const absl::CivilDay on =
      CheckDay(request.has_on(), request.on(), "on", violations).value_or(CityDay(parts_.clock->Now()));
  if (!violations.empty()) co_return violations.ToStatus();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  auto run = parts_.sql->Run<v1::PrepareVisitResponse>(
      call.deadline, [&directory, &uscc, on](db::Connection& connection) {
        return ReadPreparation(connection, *directory, uscc, on);
      });
  absl::StatusOr<v1::PrepareVisitResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::intake
