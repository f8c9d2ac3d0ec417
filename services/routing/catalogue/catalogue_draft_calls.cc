// RPCs of CatalogueServer on drafts: how one differs, and what it would make of the past.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/catalogue/catalogue_difference.h"
#include "services/routing/catalogue/catalogue_service.h"
#include "services/routing/catalogue/catalogue_store.h"
#include "services/routing/catalogue/simulation_rules.h"
#include "services/routing/catalogue/simulation_store.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultReplay = 200;
constexpr int kLargestReplay = 500;

// A request to simulate, read.
struct ReplayQuery {
  ReplaySpan span;
  std::optional<ReplayPlace> after;
  int page_size = kDefaultReplay;
  std::string filter;
};

std::optional<absl::CivilDay> ReadDay(const char* field, bool present, const common::v1::Date& date,
                                      rpc::Violations& violations) {
  if (!present) return std::nullopt;
  const std::optional<absl::CivilDay> day = CivilDayFrom(date);
  if (!day.has_value()) violations.Add(field, "DATE_INVALID", "there is no such day", "日期无效");
  return day;
}

// The draft is part of the filter: a token goes on with the draft that it began with.
std::string FilterOf(v1::SimulateCatalogueRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_at_least_token();
  request.mutable_catalogue()->clear_version();
  return request.SerializeAsString();
}

void ReadPlace(const v1::SimulateCatalogueRequest& request, ReplayQuery& query, rpc::Violations& violations) {
  if (request.page_token().empty()) return;
  const auto parts = DecodePageToken(request.page_token(), query.filter, 2);
  int64_t microseconds = 0;
  std::optional<Uuid> case_id;
  if (parts.has_value() && absl::SimpleAtoi((*parts)[0], &microseconds)) case_id = Uuid::Parse((*parts)[1]);
  if (case_id.has_value()) {
    query.after = ReplayPlace{absl::FromUnixMicros(microseconds), *case_id};
    return;
  }
  violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another draft or span",
                 "翻页令牌无效或与草案、时段不符");
}

absl::StatusOr<ReplayQuery> ReadSimulation(const v1::SimulateCatalogueRequest& request) {
  rpc::Violations violations;
  ReplayQuery query;
  const common::v1::DateSpan& span = request.received();
  const auto first = ReadDay("received.first", span.has_first(), span.first(), violations);
  const auto last = ReadDay("received.last", span.has_last(), span.last(), violations);
  if (first.has_value() && last.has_value() && *last < *first) {
    violations.Add("received", "SPAN_REVERSED", "the last day is before the first", "结束日期早于开始日期");
  }
  if (first.has_value()) query.span.first = StartOfCityDay(*first);
  if (last.has_value()) query.span.end = StartOfCityDay(*last + 1);
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative",
                   "每页条数不得为负数");
  } else if (request.page_size() > 0) {
    query.page_size = std::min(request.page_size(), kLargestReplay);
  }
  query.filter = FilterOf(request);
  ReadPlace(request, query, violations);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

struct PastCase {
  ReplayPlace place;
  v1::Case body;
};

absl::StatusOr<std::vector<PastCase>> ReadPage(db::Connection& connection, const ReplayQuery& query) {
  std::vector<PastCase> cases;
  // One more than the page holds says whether another follows.
  ZHUQI_RETURN_IF_ERROR(ReadPastCases(connection, query.span, query.after, query.page_size + 1,
                                      [&](const ReplayPlace& place, v1::Case body) {
                                        cases.push_back({place, std::move(body)});
                                      }));
  return cases;
}

v1::SimulateCatalogueResponse Replay(const ReplayQuery& query, const std::vector<PastCase>& cases,
                                     Simulation simulation) {
  v1::SimulateCatalogueResponse response;
  size_t bytes = 0;
  const size_t page = std::min(cases.size(), static_cast<size_t>(query.page_size));
  size_t done = 0;
  while (done < page && bytes < kMaxPageBytes) {
    std::optional<v1::SimulatedCase> changed = simulation.Replay(cases[done++].body);
    if (!changed.has_value()) continue;
    bytes += changed->ByteSizeLong();
    *response.add_cases() = *std::move(changed);
  }
  *response.mutable_sums() = simulation.Sums();
  if (done < cases.size()) {
    const ReplayPlace& last = cases[done - 1].place;
    response.set_next_page_token(EncodePageToken(
        query.filter, {absl::StrCat(absl::ToUnixMicros(last.received_at)), last.case_id.ToString()}));
  }
  return response;
}

}  // namespace

Task<absl::StatusOr<v1::DiffCatalogueResponse>> CatalogueServer::Diff(
    rpc::CallContext& call, const v1::DiffCatalogueRequest& request) {
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto compare = parts_.sql->Run<v1::DiffCatalogueResponse>(
      call.deadline,
      [&request, today](db::Connection& connection) -> absl::StatusOr<v1::DiffCatalogueResponse> {
        ZHUQI_ASSIGN_OR_RETURN(const v1::Catalogue before,
                               ReadVersionOrInForce(connection, request.version(), today));
        return DiffCatalogues(before, request.catalogue());
      });
  absl::StatusOr<v1::DiffCatalogueResponse> response = co_await compare;
  co_return response;
}

Task<absl::StatusOr<v1::SimulateCatalogueResponse>> CatalogueServer::Simulate(
    rpc::CallContext& call, const v1::SimulateCatalogueRequest& request) {
  const absl::StatusOr<ReplayQuery> query = ReadSimulation(request);
  if (!query.ok()) co_return query.status();
  const std::shared_ptr<const CompiledCatalogue> in_force = parts_.catalogue->GetCompiled();
  if (in_force == nullptr) co_return UnknownCatalogue();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  // All on the pool's thread: compiling and deciding take longer than a callback may.
  auto run = parts_.sql->Run<v1::SimulateCatalogueResponse>(
      call.deadline, [&](db::Connection& connection) -> absl::StatusOr<v1::SimulateCatalogueResponse> {
        ZHUQI_ASSIGN_OR_RETURN(const CheckedDrafts::Draft draft,
                               drafts_.Get(request.catalogue(), *directory));
        ZHUQI_ASSIGN_OR_RETURN(const std::vector<PastCase> cases, ReadPage(connection, *query));
        return Replay(*query, cases, Simulation(*in_force, *draft, *directory));
      });
  absl::StatusOr<v1::SimulateCatalogueResponse> response = co_await run;
  if (response.ok()) response->set_version(in_force->message().version());
  co_return response;
}

}  // namespace zhuqi::routing
