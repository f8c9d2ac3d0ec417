#include "services/reporting/figures/report_service.h"

#include <optional>
#include <utility>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/unit_history.h"
#include "services/reporting/figures/completeness.h"
#include "services/reporting/figures/day_breakdown.h"
#include "services/reporting/figures/record_queries.h"
#include "services/reporting/follow/feeds.h"

namespace zhuqi::reporting {
namespace {

// Of all answers that are kept, with their requests: some 300,000 figures.
constexpr std::size_t kCachedBytes = 32 << 20;

void AddUnitNames(const Directory& directory, const FigureQuery& query, v1::QueryFiguresResponse& response) {
  response.mutable_units()->Reserve(static_cast<int>(query.org_unit_ids.size()));
  const absl::CivilDay day = query.hierarchy_as_of.value_or(absl::CivilDay::max());
  for (const std::string& id : query.org_unit_ids) {
    v1::UnitName& name = *response.add_units();
    name.set_org_unit_id(id);
    if (const auto* unit = directory.FindUnit(id)) name.set_name(NameOn(*unit, day));
  }
}

// Serialised messages one after the other are one message with the fields of both.
grpc::ByteBuffer WithFreshness(const grpc::Slice& figures, common::v1::Freshness freshness) {
  v1::QueryFiguresResponse rest;
  *rest.mutable_freshness() = std::move(freshness);
  const grpc::Slice parts[] = {figures, grpc::Slice(rest.SerializeAsString())};
  return grpc::ByteBuffer(parts, 2);
}

bool ChildrenAddUp(const Measure& measure) {
  return measure.kind() != v1::MEASURE_KIND_DISTINCT && measure.kind() != v1::MEASURE_KIND_DISTRIBUTION;
}

}  // namespace

ReportServer::ReportServer(const ReportServerOptions& options)
    : BoundService(*options.adaptor), options_(options), cache_(kCachedBytes) {
  using Self = ReportServer;
  Bind(this, &Self::HandleListMeasures, &Self::HandleExplainFigure, &Self::HandleGetCompleteness,
       &Self::HandleVerifyFigures);
}

grpc::ServerUnaryReactor* ReportServer::QueryFigures(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return options_.adaptor->UnaryBytes<v1::QueryFiguresRequest>(
      context, request, response,
      [this](rpc::CallContext& call, const v1::QueryFiguresRequest& asked) {
        return HandleQueryFigures(call, asked);
      },
      "/zhuqi.reporting.v1.ReportService/QueryFigures");
}

Task<absl::Status> ReportServer::WaitFor(rpc::CallContext& call, const std::string& token) {
  if (token.empty()) co_return absl::OkStatus();
  absl::StatusOr<std::string> whole = WithRoutingsPart(token);
  if (!whole.ok()) co_return whole.status();
  auto wait = options_.positions->WaitFor(*std::move(whole), call.deadline, call.cancellation);
  absl::Status reached = co_await wait;
  co_return reached;
}

common::v1::Freshness ReportServer::FreshnessNow(const AggregateState& state) const {
  common::v1::Freshness freshness = FreshnessOf(state, options_.clock->Now());
  freshness.set_events_behind(options_.events_behind());
  return freshness;
}

DayNumber ReportServer::Today() const { return DayNumberOf(CityDay(options_.clock->Now())); }

Task<absl::StatusOr<v1::ListMeasuresResponse>> ReportServer::HandleListMeasures(
    rpc::CallContext&, const v1::ListMeasuresRequest&) {
  v1::ListMeasuresResponse response;
  for (const Measure& measure : AllMeasures()) *response.add_measures() = measure.definition;
  co_return response;
}

Task<absl::StatusOr<grpc::ByteBuffer>> ReportServer::HandleQueryFigures(
    rpc::CallContext& call, const v1::QueryFiguresRequest& request) {
  absl::Status reached = co_await WaitFor(call, request.at_least_token());
  if (!reached.ok()) co_return reached;
  co_return Answer(request);
}

absl::StatusOr<grpc::ByteBuffer> ReportServer::Answer(const v1::QueryFiguresRequest& request) {
  const DayNumber today = Today();
  v1::QueryFiguresRequest asked;
  const bool has_token = !request.at_least_token().empty();
  if (has_token) {
    asked = request;
    asked.clear_at_least_token();
  }
  const std::string key = (has_token ? asked : request).SerializeAsString();
  uint64_t version = 0;
  common::v1::Freshness freshness;
  options_.aggregate->Read([&](const AggregateState& state) {
    version = state.version;
    freshness = FreshnessNow(state);
  });
  if (const std::optional<grpc::Slice> known = cache_.Find(key, version, today)) {
    return WithFreshness(*known, std::move(freshness));
  }
  ZHUQI_ASSIGN_OR_RETURN(FigureQuery query, ReadQuery(request));
  v1::QueryFiguresResponse response;
  const absl::Status status = options_.aggregate->Read([&](const AggregateState& state) {
    version = state.version;
    freshness = FreshnessNow(state);
    ZHUQI_RETURN_IF_ERROR(AddUnits(*state.directory, request, query));
    if (!AppendFigures(state.cube, *state.directory, query, today, kMaxFigures, response.mutable_figures())) {
      return TooManyFigures();
    }
    AddUnitNames(*state.directory, query, response);
    return absl::OkStatus();
  });
  ZHUQI_RETURN_IF_ERROR(status);
  const grpc::Slice answer(response.SerializeAsString());
  cache_.Put(key, version, today, answer);
  return WithFreshness(answer, std::move(freshness));
}

absl::StatusOr<v1::ExplainFigureResponse> ReportServer::Explain(const Explanation& explanation,
                                                                const std::string& org_unit_id,
                                                                DayNumber today, std::string& unit) {
  v1::ExplainFigureResponse response;
  const Measure& measure = *explanation.measure;
  const absl::Status status = options_.aggregate->Read([&](const AggregateState& state) {
    ZHUQI_ASSIGN_OR_RETURN(unit, ReadUnit(*state.directory, org_unit_id));
    const auto figure_of = [&](const std::string& id) {
      return OneFigure(state.cube, *state.directory, measure, id, explanation.span, explanation.group_by,
                       explanation.group, today);
    };
    *response.mutable_figure() = figure_of(unit);
    if (ChildrenAddUp(measure)) {
      for (const std::string& child : state.directory->ChildrenOf(unit))
        *response.add_by_child() = figure_of(child);
    }
    AddDays(state.cube, explanation, unit, today, response.mutable_by_day());
    *response.mutable_freshness() = FreshnessNow(state);
    return absl::OkStatus();
  });
  ZHUQI_RETURN_IF_ERROR(status);
  *response.mutable_definition() = measure.definition;
  return response;
}

Task<absl::StatusOr<v1::ExplainFigureResponse>> ReportServer::HandleExplainFigure(
    rpc::CallContext& call, const v1::ExplainFigureRequest& request) {
  absl::StatusOr<Explanation> explanation = ReadExplanation(request);
  if (!explanation.ok()) co_return explanation.status();
  absl::Status reached = co_await WaitFor(call, request.at_least_token());
  if (!reached.ok()) co_return reached;
  const DayNumber today = Today();
  std::string unit;
  absl::StatusOr<v1::ExplainFigureResponse> response =
      Explain(*explanation, request.org_unit_id(), today, unit);
  if (!response.ok()) co_return response.status();
  absl::Status added = co_await AddRecords(call, *explanation, unit, today, *response);
  if (!added.ok()) co_return added;
  co_return std::move(response);
}

Task<absl::Status> ReportServer::AddRecords(rpc::CallContext& call, const Explanation& explanation,
                                            const std::string& unit, DayNumber today,
                                            v1::ExplainFigureResponse& response) {
  absl::Status added = absl::OkStatus();
  switch (OwnerOf(explanation.measure->records)) {
    case RecordOwner::kAtIntake:
      added = co_await AddIntakeRecords(call, explanation, unit, response);
      break;
    case RecordOwner::kAtRouting:
      added = co_await AddCases(call, explanation, unit, today, response);
      break;
    case RecordOwner::kHere:
      AddObligations(explanation, unit, today, response);
      break;
  }
  co_return added;
}

Task<absl::Status> ReportServer::AddIntakeRecords(rpc::CallContext& call, const Explanation& explanation,
                                                  const std::string& unit,
                                                  v1::ExplainFigureResponse& response) {
  const std::optional<intake::v1::ListRecordsRequest> request = RecordsBehind(explanation, unit);
  if (!request.has_value()) co_return absl::OkStatus();
  absl::StatusOr<intake::v1::ListRecordsResponse> listed =
      co_await options_.owners->ListRecords(call, *request);
  if (!listed.ok()) co_return listed.status();
  for (const intake::v1::Record& record : listed->records()) *response.add_records() = ReferenceTo(record);
  response.set_records_total(listed->total());
  response.set_next_page_token(ExplanationPageToken(explanation, listed->next_page_token()));
  co_return absl::OkStatus();
}

Task<absl::Status> ReportServer::AddCases(rpc::CallContext& call, const Explanation& explanation,
                                          const std::string& unit, DayNumber today,
                                          v1::ExplainFigureResponse& response) {
  const std::optional<routing::v1::ListCasesRequest> request = CasesBehind(explanation, unit, today);
  if (!request.has_value()) co_return absl::OkStatus();
  absl::StatusOr<routing::v1::ListCasesResponse> listed = co_await options_.owners->ListCases(call, *request);
  if (!listed.ok()) co_return listed.status();
  for (const routing::v1::Case& item : listed->cases()) {
    if (!NeedsHistory(*explanation.measure)) {
      *response.add_records() = ReferenceTo(item, explanation);
      continue;
    }
    if (call.cancelled()) co_return absl::CancelledError("nobody waits for the answer");
    routing::v1::GetCaseRequest whole;
    whole.set_case_id(item.case_id());
    absl::StatusOr<routing::v1::GetCaseResponse> found = co_await options_.owners->GetCase(call, whole);
    if (!found.ok()) co_return found.status();
    *response.add_records() = ReferenceTo(found->case_(), explanation);
  }
  response.set_records_total(listed->total());
  response.set_next_page_token(ExplanationPageToken(explanation, listed->next_page_token()));
  co_return absl::OkStatus();
}

void ReportServer::AddObligations(const Explanation& explanation, const std::string& unit, DayNumber today,
                                  v1::ExplainFigureResponse& response) {
  ObligationPage page = options_.aggregate->Read([&](const AggregateState& state) {
    return ObligationsBehind(state.cube, *state.directory, *explanation.measure, unit,
                             EndedDays(explanation.span.days, today), explanation.owner_page_token,
                             explanation.page_size);
  });
  for (v1::RecordReference& record : page.records) *response.add_records() = std::move(record);
  response.set_records_total(page.total);
  response.set_next_page_token(ExplanationPageToken(explanation, page.next));
}

Task<absl::StatusOr<v1::GetCompletenessResponse>> ReportServer::HandleGetCompleteness(
    rpc::CallContext& call, const v1::GetCompletenessRequest& request) {
  absl::StatusOr<MonthRange> months = ReadMonths(request);
  if (!months.ok()) co_return months.status();
  absl::Status reached = co_await WaitFor(call, request.at_least_token());
  if (!reached.ok()) co_return reached;
  const absl::Time now = options_.clock->Now();
  co_return options_.aggregate->Read(
      [&](const AggregateState& state) -> absl::StatusOr<v1::GetCompletenessResponse> {
        ZHUQI_ASSIGN_OR_RETURN(const std::string unit, ReadUnit(*state.directory, request.org_unit_id()));
        ZHUQI_ASSIGN_OR_RETURN(v1::GetCompletenessResponse response,
                               CompletenessOf(state.cube, *state.directory, unit, *months, now));
        *response.mutable_freshness() = FreshnessNow(state);
        return response;
      });
}

Task<absl::StatusOr<v1::VerifyFiguresResponse>> ReportServer::HandleVerifyFigures(
    rpc::CallContext& call, const v1::VerifyFiguresRequest& request) {
  absl::Status reached = co_await WaitFor(call, request.at_least_token());
  if (!reached.ok()) co_return reached;
  absl::StatusOr<v1::VerifyFiguresResponse> response = co_await options_.verifier->Verify(call);
  if (!response.ok()) co_return response.status();
  response->mutable_freshness()->set_events_behind(options_.events_behind());
  co_return std::move(response);
}

}  // namespace zhuqi::reporting
