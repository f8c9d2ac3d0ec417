#include "tools/zhuqictl/catalogue_text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/policy_text.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CatalogueDifference;
using routing::v1::RouteDecision;
using routing::v1::SimulatedCase;
using routing::v1::SimulationFlow;
using routing::v1::SimulationSums;
using Flows = google::protobuf::RepeatedPtrField<SimulationFlow>;

constexpr size_t kValueWidth = 44;

struct FieldName {
  absl::string_view field;
  absl::string_view chinese;
};

// Conditions, inputs and what a decision says.
constexpr FieldName kFieldNames[] = {{"kinds", "诉求类型"},
                                     {"category_ids", "诉求类别"},
                                     {"org_unit_ids", "属地"},
                                     {"min_departments", "所涉部门数"},
                                     {"department_functions", "所涉部门"},
                                     {"legacy", "历史遗留"},
                                     {"enterprise_tags", "企业标签"},
                                     {"min_amount_fen", "金额下限"},
                                     {"max_amount_fen", "金额上限"},
                                     {"keywords", "关键词"},
                                     {"min_age_days", "提出天数下限"},
                                     {"max_age_days", "提出天数上限"},
                                     {"min_hand_outs", "交办次数"},
                                     {"lead_function", "无主办部门"},
                                     {"rule_id", "规则"},
                                     {"default_org_unit_id", "兜底机构"},
                                     {"lead_department_id", "主办部门"},
                                     {"co_handler_department_ids", "协办部门"},
                                     {"owner_org_unit_id", "责任单位"},
                                     {"target.level", "办理层级"},
                                     {"target.response_policy_id", "联系时限"},
                                     {"target.handling_policy_id", "办理时限"},
                                     {"target.green_channel", "绿色通道"},
                                     {"target.priority", "优先级"},
                                     {"target.assistant_needed", "帮办代办"},
                                     {"target.ladder_id", "督办阶梯"}};

std::string NameOf(absl::string_view field, bool chinese) {
  const auto* name = std::find_if(std::begin(kFieldNames), std::end(kFieldNames),
                                  [&](const FieldName& one) { return one.field == field; });
  return std::string(chinese && name != std::end(kFieldNames) ? name->chinese : field);
}

std::string RuleText(const RouteDecision& decision, bool chinese) {
  if (!decision.rule_id().empty()) return decision.rule_id();
  const std::string word = chinese ? "兜底" : "default";
  return decision.default_org_unit_id().empty()
             ? absl::StrCat("(", word, ")")
             : absl::StrCat("(", word, " ", decision.default_org_unit_id(), ")");
}

std::string InputsText(const routing::v1::RouteInputs& inputs, bool chinese) {
  Table table({{chinese ? "依据" : "input"}, {chinese ? "取值" : "value", Align::kLeft, 80}});
  const auto row = [&](const char* english, const char* zh, std::string value) {
    if (!value.empty()) table.AddRow({chinese ? zh : english, std::move(value)});
  };
  row("kind", "诉求类型", EnumText(inputs.kind()));
  row("category", "诉求类别", inputs.category_id());
  row("unit", "属地", inputs.org_unit_id());
  row("departments named", "所涉部门", absl::StrJoin(inputs.department_functions(), ", "));
  row("legacy", "历史遗留", inputs.legacy() ? (chinese ? "是" : "yes") : "");
  row("enterprise tags", "企业标签", absl::StrJoin(inputs.enterprise_tags(), ", "));
  row("amount (yuan)", "金额（元）", YuanText(inputs.amount_fen()));
  row("keywords found", "命中关键词", absl::StrJoin(inputs.keywords(), ", "));
  row("days since raised", "提出天数", inputs.age_days() == 0 ? "" : absl::StrCat(inputs.age_days()));
  row("handed out before", "已交办次数", inputs.hand_outs() == 0 ? "" : absl::StrCat(inputs.hand_outs()));
  return table.ToString();
}

std::string FlowText(const char* title, const Flows& flows, bool chinese) {
  if (flows.empty()) return "";
  Table table({{title}, {chinese ? "改为" : "then"}, {chinese ? "件数" : "cases", Align::kRight}});
  const auto named = [&](const std::string& end) {
    return end.empty() ? (chinese ? "（兜底）" : "(default)") : end;
  };
  for (const SimulationFlow& flow : flows)
    table.AddRow({named(flow.before()), named(flow.after()), absl::StrCat(flow.cases())});
  return absl::StrCat("\n", table.ToString());
}

void AddFlows(const Flows& page, Flows* flows) {
  std::map<std::pair<std::string, std::string>, int64_t> merged;
  for (const Flows* one : {&page, static_cast<const Flows*>(flows)}) {
    for (const SimulationFlow& flow : *one) merged[{flow.before(), flow.after()}] += flow.cases();
  }
  flows->Clear();
  for (const auto& [ends, cases] : merged) {
    SimulationFlow& flow = *flows->Add();
    flow.set_before(ends.first);
    flow.set_after(ends.second);
    flow.set_cases(cases);
  }
  std::stable_sort(flows->begin(), flows->end(),
                   [](const auto& left, const auto& right) { return left.cases() > right.cases(); });
}

// "jinshui.planning → zhengzhou.planning", or one of them when both are the same.
std::string Change(const std::string& before, const std::string& after) {
  return before == after ? before : absl::StrCat(before, " → ", after);
}

std::string SimulatedCases(const google::protobuf::RepeatedPtrField<SimulatedCase>& cases, bool chinese) {
  if (cases.empty()) return "";
  Table table({{chinese ? "收到" : "received"},
               {chinese ? "事项" : "issue", Align::kLeft, 36},
               {chinese ? "规则" : "rule", Align::kLeft, kValueWidth},
               {chinese ? "主办" : "lead", Align::kLeft, kValueWidth},
               {chinese ? "变化" : "differs", Align::kLeft, 60},
               {chinese ? "编号" : "key"}});
  const std::string nobody = chinese ? "（无人主办）" : "(nobody)";
  for (const SimulatedCase& one : cases) {
    std::vector<std::string> fields;
    for (const std::string& field : one.fields()) fields.push_back(NameOf(field, chinese));
    table.AddRow({InstantText(one.received_at()), one.title(),
                  Change(one.has_before() ? RuleText(one.before(), chinese) : nobody,
                         one.has_after() ? RuleText(one.after(), chinese) : nobody),
                  Change(one.before().lead_department_id(), one.after().lead_department_id()),
                  absl::StrJoin(fields, ", "), KeyText(one.issue_key())});
  }
  return absl::StrCat("\n", table.ToString());
}

const char* MarkOf(CatalogueDifference::Kind kind) {
  switch (kind) {
    case CatalogueDifference::KIND_ADDED:
      return "+";
    case CatalogueDifference::KIND_REMOVED:
      return "-";
    case CatalogueDifference::KIND_MOVED:
      return ">";
    default:
      return "~";
  }
}

std::string PartText(CatalogueDifference::Part part, bool chinese) {
  switch (part) {
    case CatalogueDifference::PART_RULE:
      return chinese ? "规则" : "rule";
    case CatalogueDifference::PART_UNIT_DEFAULT:
      return chinese ? "机构兜底" : "unit default";
    case CatalogueDifference::PART_DEFAULT_TARGET:
      return chinese ? "总兜底" : "default";
    case CatalogueDifference::PART_CLOCK_POLICY:
      return chinese ? "时限规则" : "clock policy";
    case CatalogueDifference::PART_LADDER:
      return chinese ? "督办阶梯" : "ladder";
    default:
      return chinese ? "清单" : "catalogue";
  }
}

std::string PlaceText(const CatalogueDifference& one) {
  if (one.place() == 0 && one.place_before() == 0) return "";
  const auto end = [](int place) { return place == 0 ? std::string("–") : absl::StrCat(place); };
  return Change(end(one.place_before()), end(one.place()));
}

}  // namespace

absl::StatusOr<int64_t> ParseYuan(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  const auto digits = [](const std::string& part, size_t most) {
    return !part.empty() && part.size() <= most && std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  int64_t yuan = 0;
  int64_t fen = 0;
  const bool good = parts.size() <= 2 && digits(parts[0], 16) && absl::SimpleAtoi(parts[0], &yuan) &&
                    yuan <= 1'000'000'000'000'000 && (parts.size() == 1 || digits(parts[1], 2));
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat("an amount in yuan like 1200000 or 12.50 is expected, not \"", text, "\""));
  }
  if (parts.size() == 2) {
    static_cast<void>(absl::SimpleAtoi(parts[1], &fen));
    if (parts[1].size() == 1) fen *= 10;
  }
  return yuan * 100 + fen;
}

std::string RouteText(const RouteDecision& decision, bool chinese) {
  std::string text = absl::StrCat(chinese ? "责任清单 " : "catalogue ", decision.catalogue_id(),
                                  chinese ? "，版本 " : ", version ", decision.catalogue_version(),
                                  chinese ? "，规则 " : ", rule ", RuleText(decision, chinese), "\n");
  Table where({{chinese ? "去向" : "where"}, {"", Align::kLeft, 100}});
  const auto row = [&](const char* english, const char* zh, std::string value) {
    if (!value.empty()) where.AddRow({chinese ? zh : english, std::move(value)});
  };
  const routing::v1::RouteTarget& target = decision.target();
  row("lead", "主办", decision.lead_department_id());
  row("co-handlers", "协办", absl::StrJoin(decision.co_handler_department_ids(), ", "));
  row("accountable", "责任单位", decision.owner_org_unit_id());
  row("stands in for the unit", "承接机构", decision.stand_in_org_unit_id());
  row("level", "办理层级", EnumText(target.level()));
  row("priority", "优先级", EnumText(target.priority()));
  row("clocks", "时限", absl::StrCat(target.response_policy_id(), ", ", target.handling_policy_id()));
  row("green channel", "绿色通道", target.green_channel() ? (chinese ? "是" : "yes") : "");
  row("assistant", "帮办代办", target.assistant_needed() ? (chinese ? "是" : "yes") : "");
  absl::StrAppend(&text, where.ToString(), "\n", InputsText(decision.inputs(), chinese));
  if (decision.near_misses().empty()) return text;
  Table nearly({{chinese ? "差一点命中的规则" : "nearly matched"}, {chinese ? "未满足的条件" : "failed on"}});
  for (const routing::v1::NearMiss& miss : decision.near_misses()) {
    const std::string rule = miss.rule_id().empty()
                                 ? absl::StrCat("(", chinese ? "兜底 " : "default ", miss.org_unit_id(), ")")
                                 : miss.rule_id();
    nearly.AddRow({rule, NameOf(miss.failed_condition(), chinese)});
  }
  return absl::StrCat(text, "\n", nearly.ToString());
}

std::string CatalogueDifferenceText(const routing::v1::DiffCatalogueResponse& response, bool chinese) {
  Table table({{""},
               {chinese ? "部分" : "part"},
               {chinese ? "标识" : "id"},
               {chinese ? "次序" : "place"},
               {chinese ? "字段" : "field"},
               {chinese ? "原为" : "before", Align::kLeft, kValueWidth},
               {chinese ? "现为" : "after", Align::kLeft, kValueWidth}});
  for (const CatalogueDifference& one : response.differences()) {
    std::vector<std::string> head = {MarkOf(one.kind()), PartText(one.part(), chinese), one.id(),
                                     PlaceText(one)};
    if (one.fields().empty()) table.AddRow(head);
    for (const auto& field : one.fields()) {
      head.insert(head.end(), {field.field(), field.before(), field.after()});
      table.AddRow(head);
      head = {"", "", "", ""};
    }
  }
  const std::string version = absl::StrCat(response.version());
  if (table.rows() == 0)
    return chinese ? absl::StrCat("与版本 ", version, " 相同\n")
                   : absl::StrCat("the same as version ", version, "\n");
  std::string text =
      absl::StrCat(table.ToString(), chinese ? "与版本 " : "compared with version ", version,
                   chinese ? " 相比；未变规则 " : "; unchanged rules ", response.unchanged_rules());
  if (response.omitted() > 0)
    absl::StrAppend(&text, chinese ? "；未列出 " : "; not shown ", response.omitted());
  return text + "\n";
}

void AddSums(const SimulationSums& page, SimulationSums* sums) {
  sums->set_replayed(sums->replayed() + page.replayed());
  sums->set_changed(sums->changed() + page.changed());
  std::map<std::string, int64_t> fields;
  for (const SimulationSums* one : {&page, static_cast<const SimulationSums*>(sums)}) {
    for (const auto& count : one->fields()) fields[count.field()] += count.cases();
  }
  sums->clear_fields();
  for (const auto& [field, cases] : fields) {
    routing::v1::SimulationCount& count = *sums->add_fields();
    count.set_field(field);
    count.set_cases(cases);
  }
  std::stable_sort(sums->mutable_fields()->begin(), sums->mutable_fields()->end(),
                   [](const auto& left, const auto& right) { return left.cases() > right.cases(); });
  AddFlows(page.rules(), sums->mutable_rules());
  AddFlows(page.owners(), sums->mutable_owners());
  AddFlows(page.lead_functions(), sums->mutable_lead_functions());
}

std::string SimulationText(const routing::v1::SimulateCatalogueResponse& response, bool chinese) {
  const SimulationSums& sums = response.sums();
  std::string text = chinese
                         ? absl::StrCat("与版本 ", response.version(), " 相比：重算 ", sums.replayed(),
                                        " 件，变化 ", sums.changed(), " 件\n")
                         : absl::StrCat("compared with version ", response.version(), ": ", sums.replayed(),
                                        " cases replayed, ", sums.changed(), " would change\n");
  if (sums.changed() == 0) return text;
  Table fields({{chinese ? "变化" : "differs"}, {chinese ? "件数" : "cases", Align::kRight}});
  for (const auto& count : sums.fields())
    fields.AddRow({NameOf(count.field(), chinese), absl::StrCat(count.cases())});
  absl::StrAppend(&text, "\n", fields.ToString(), FlowText(chinese ? "规则" : "rule", sums.rules(), chinese),
                  FlowText(chinese ? "主办职能" : "leading function", sums.lead_functions(), chinese),
                  FlowText(chinese ? "责任单位" : "accountable", sums.owners(), chinese),
                  SimulatedCases(response.cases(), chinese));
  if (response.cases_size() < sums.changed()) {
    absl::StrAppend(&text, response.cases_size(), chinese ? " / " : " of ", sums.changed(),
                    chinese ? "，--all 列出全部\n" : "; --all lists them all\n");
  }
  return text;
}

}  // namespace zhuqi::ctl
