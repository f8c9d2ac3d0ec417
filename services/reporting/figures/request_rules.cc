#include "services/reporting/figures/request_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/directory/date_message.h"
#include "common/directory/unit_history.h"
#include "common/rpc/errors.h"

namespace zhuqi::reporting {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;

void AddUnknownMeasure(const std::string& path, const std::string& measure, rpc::Violations& violations) {
  violations.Add(path, "MEASURE_UNKNOWN", absl::StrCat("there is no measure '", measure, "'"),
                 absl::StrCat("没有名为“", measure, "”的指标"));
}

void AddInvalidPeriod(const std::string& path, rpc::Violations& violations) {
  violations.Add(
      path, "PERIOD_INVALID",
      "give a month, a quarter, a year (2000 to 2100) or a span of at most 3,700 days with both ends",
      "请给出月份、季度、年份（2000 至 2100）或起止齐全且不超过 3700 天的日期范围");
}

void AddUnavailableGrouping(rpc::Violations& violations, const std::string& measure) {
  violations.Add("group_by", "GROUPING_NOT_AVAILABLE",
                 absl::StrCat("'", measure, "' can not be grouped so; see ListMeasures"),
                 absl::StrCat("指标“", measure, "”不支持该分组方式，见 ListMeasures"));
}

bool IsKnown(v1::GroupBy group_by) {
  return group_by == v1::GROUP_BY_UNSPECIFIED || DimensionOf(group_by).has_value();
}

void ReadMeasures(const v1::QueryFiguresRequest& request, FigureQuery& query, rpc::Violations& violations) {
  if (request.measures_size() > kMaxMeasures) {
    violations.Add("measures", "TOO_MANY_MEASURES", "at most 50 measures", "最多 50 个指标");
    return;
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.measures_size(); ++i) {
    const Measure* measure = FindMeasure(request.measures(i));
    const std::string path = absl::StrCat("measures[", i, "]");
    if (measure == nullptr) {
      AddUnknownMeasure(path, request.measures(i), violations);
    } else if (!seen.insert(measure->id()).second) {
      violations.Add(path, "MEASURE_REPEATED", "this measure is named twice", "指标重复");
    } else if (IsKnown(request.group_by()) && !measure->CanBeGroupedBy(request.group_by())) {
      AddUnavailableGrouping(violations, measure->id());
    } else {
      query.measures.push_back(measure);
    }
  }
  if (request.measures_size() > 0) return;
  for (const Measure& measure : AllMeasures()) {
    if (measure.CanBeGroupedBy(request.group_by())) query.measures.push_back(&measure);
  }
}

void ReadPeriods(const v1::QueryFiguresRequest& request, FigureQuery& query, rpc::Violations& violations) {
  if (request.periods_size() == 0) {
    violations.Add("periods", "REQUIRED", "name at least one period", "至少指定一个期间");
  } else if (request.periods_size() > kMaxPeriods) {
    violations.Add("periods", "TOO_MANY_PERIODS", "at most 60 periods", "最多 60 个期间");
    return;
  }
  for (int i = 0; i < request.periods_size(); ++i) {
    const std::optional<ReportSpan> span = SpanOf(request.periods(i));
    if (span.has_value()) {
      query.spans.push_back(*span);
    } else {
      AddInvalidPeriod(absl::StrCat("periods[", i, "]"), violations);
    }
  }
}

void CheckGrouping(v1::GroupBy group_by, rpc::Violations& violations) {
  if (IsKnown(group_by)) return;
  violations.Add("group_by", "GROUPING_NOT_AVAILABLE", "there is no such grouping", "没有该分组方式");
}

void ReadPage(const v1::ExplainFigureRequest& request, Explanation& explanation,
              rpc::Violations& violations) {
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative",
                   "每页条数不得为负数");
  }
  explanation.page_size =
      request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  v1::ExplainFigureRequest filter = request;
  filter.clear_page_size();
  filter.clear_page_token();
  filter.clear_at_least_token();
  explanation.filter = filter.SerializeAsString();
  if (request.page_token().empty()) return;
  const auto parts = DecodePageToken(request.page_token(), explanation.filter, 1);
  if (parts.has_value()) {
    explanation.owner_page_token = (*parts)[0];
  } else {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another figure",
                   "翻页令牌无效或与所查数据不符");
  }
}

void ReadGroup(const v1::ExplainFigureRequest& request, Explanation& explanation,
               rpc::Violations& violations) {
  CheckGrouping(request.group_by(), violations);
  explanation.group_by = request.group_by();
  if (request.group_by() == v1::GROUP_BY_UNSPECIFIED) {
    if (!request.group().empty()) {
      violations.Add("group", "GROUP_WITHOUT_GROUP_BY", "a group needs group_by",
                     "指定分组时须同时指定 group_by");
    }
    return;
  }
  explanation.group = request.group();
  if (explanation.measure != nullptr && !explanation.measure->CanBeGroupedBy(request.group_by())) {
    AddUnavailableGrouping(violations, request.measure());
  }
}

}  // namespace

absl::StatusOr<FigureQuery> ReadQuery(const v1::QueryFiguresRequest& request) {
  rpc::Violations violations;
  FigureQuery query;
  query.group_by = request.group_by();
  CheckGrouping(request.group_by(), violations);
  ReadMeasures(request, query, violations);
  ReadPeriods(request, query, violations);
  if (request.has_hierarchy_as_of()) {
    query.hierarchy_as_of = CivilDayFrom(request.hierarchy_as_of());
    if (!query.hierarchy_as_of.has_value()) {
      violations.Add("hierarchy_as_of", "DATE_INVALID", "must be a date that exists, 2000 to 2100",
                     "须为 2000 至 2100 年间存在的日期");
    }
  }
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<std::string> ReadUnit(const Directory& directory, const std::string& org_unit_id) {
  const directory::v1::OrgUnit* unit =
      org_unit_id.empty() ? directory.Root() : directory.FindUnit(org_unit_id);
  if (unit != nullptr) return unit->org_unit_id();
  return rpc::Error(absl::StatusCode::kNotFound, "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在",
                    {{"org_unit_id", org_unit_id}});
}

absl::Status TooManyFigures() {
  rpc::Violations violations;
  violations.Add("periods", "TOO_MANY_FIGURES",
                 "this asks for more than 50,000 figures; ask for less at once",
                 "所查数据超过 50000 项，请缩小范围");
  return violations.ToStatus();
}

namespace {

// The units directly below, by identity; with a day those that stood there then.
std::vector<std::string> ChildrenOf(const Directory& directory, const std::string& unit,
                                    const std::optional<absl::CivilDay>& day) {
  if (!day.has_value()) return directory.ChildrenOf(unit);
  std::set<std::string> children;
  for (const auto* candidates : {&directory.ChildrenOf(unit), &directory.FormerChildrenOf(unit)}) {
    for (const std::string& child : *candidates) {
      if (ParentOn(*directory.FindUnit(child), *day) == unit) children.insert(child);
    }
  }
  return {children.begin(), children.end()};
}

}  // namespace

absl::Status AddUnits(const Directory& directory, const v1::QueryFiguresRequest& request,
                      FigureQuery& query) {
  const absl::StatusOr<std::string> unit = ReadUnit(directory, request.org_unit_id());
  if (!unit.ok()) return unit.status();
  query.org_unit_ids.push_back(*unit);
  if (request.include_children()) {
    const std::vector<std::string> children = ChildrenOf(directory, *unit, query.hierarchy_as_of);
    query.org_unit_ids.insert(query.org_unit_ids.end(), children.begin(), children.end());
  }
  const std::size_t figures = query.org_unit_ids.size() * query.spans.size() * query.measures.size();
  return figures > kMaxFigures ? TooManyFigures() : absl::OkStatus();
}

absl::StatusOr<Explanation> ReadExplanation(const v1::ExplainFigureRequest& request) {
  rpc::Violations violations;
  Explanation explanation;
  explanation.measure = FindMeasure(request.measure());
  if (explanation.measure == nullptr) AddUnknownMeasure("measure", request.measure(), violations);
  if (const auto span = SpanOf(request.period())) {
    explanation.span = *span;
  } else {
    AddInvalidPeriod("period", violations);
  }
  ReadGroup(request, explanation, violations);
  ReadPage(request, explanation, violations);
  if (!violations.empty()) return violations.ToStatus();
  return explanation;
}

std::string ExplanationPageToken(const Explanation& explanation, const std::string& owner_page_token) {
  if (owner_page_token.empty()) return "";
  return EncodePageToken(explanation.filter, {owner_page_token});
}

}  // namespace zhuqi::reporting
