#include "services/routing/ladders/ladder_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/deadline.h"
#include "common/vocabulary/text.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/ladders/step_instant.h"

namespace zhuqi::routing {
namespace {

constexpr int kMaximumLadders = 100;
constexpr int kMaximumSteps = 20;
constexpr size_t kMaximumLadderText = 2000;
constexpr int kMaximumConvenedFunctions = 20;
constexpr int kMaximumDaysToMeeting = 30;
constexpr size_t kMaximumWhy = 500;

bool IsLadderIdentifier(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
  });
}

int AmountOf(const calendar::TimeLimit& offset) {
  if (const auto* days = std::get_if<calendar::WorkingDays>(&offset)) return days->count;
  if (const auto* hours = std::get_if<calendar::WorkingHours>(&offset)) return hours->minutes;
  return std::get<calendar::CalendarHours>(offset).minutes;
}

// Whether `later` can be told to fall before `earlier`. Offsets of two measures can not be compared without a
// calendar: the order of the list decides then.
bool GoesBack(const v1::LadderStep& earlier, const v1::LadderStep& later) {
  const auto from = OffsetOf(earlier);
  const auto to = OffsetOf(later);
  const auto side = [](const v1::LadderStep& step, bool has_offset) {
    return !has_offset ? 0 : step.before_deadline() ? -1 : 1;
  };
  const int from_side = side(earlier, from.has_value());
  const int to_side = side(later, to.has_value());
  if (from_side != to_side) return to_side < from_side;
  if (from_side == 0 || from->index() != to->index()) return false;
  return AmountOf(*to) * to_side < AmountOf(*from) * from_side;
}

class LadderChecker {
 public:
  LadderChecker(const Directory& directory, rpc::Violations& violations)
      : directory_(directory), violations_(violations) {}

  void Ladder(const std::string& path, const v1::EscalationLadder& ladder,
              std::set<std::string>& known_ladders) {
    Identifier(path + ".ladder_id", ladder.ladder_id(), known_ladders);
    Text(path + ".description", ladder.description());
    if (ladder.response_steps().empty() && ladder.handling_steps().empty()) {
      violations_.Add(path, "LADDER_EMPTY", "a ladder has at least one step", "督办阶梯至少须有一级");
    }
    std::set<std::string> known_steps;
    Steps(path + ".response_steps", ladder.response_steps(), known_steps);
    Steps(path + ".handling_steps", ladder.handling_steps(), known_steps);
  }

 private:
  void Identifier(const std::string& path, const std::string& id, std::set<std::string>& known) {
    if (!IsLadderIdentifier(id)) {
      violations_.Add(path, "IDENTIFIER_INVALID", "1 to 64 of a-z, 0-9 and '-'",
                      "标识须为1至64个小写字母、数字或连字符");
    }
    if (!known.insert(id).second) {
      violations_.Add(path, "IDENTIFIER_REPEATED", "this identifier occurs twice", "标识重复");
    }
  }

  void Text(const std::string& path, absl::string_view text) {
    if (vocabulary::CharacterCount(text) <= kMaximumLadderText) return;
    violations_.Add(path, "TEXT_TOO_LONG", absl::StrCat("at most ", kMaximumLadderText, " characters"),
                    absl::StrCat("不得超过", kMaximumLadderText, "个字符"));
  }

  void Steps(const std::string& path, const google::protobuf::RepeatedPtrField<v1::LadderStep>& steps,
             std::set<std::string>& known) {
    if (steps.size() > kMaximumSteps) {
      violations_.Add(path, "TOO_MANY_STEPS", absl::StrCat("at most ", kMaximumSteps, " steps"),
                      absl::StrCat("不得超过", kMaximumSteps, "级"));
      return;
    }
    for (int i = 0; i < steps.size(); ++i) {
      const std::string here = absl::StrCat(path, "[", i, "]");
      Identifier(here + ".step_id", steps.at(i).step_id(), known);
      Text(here + ".description", steps.at(i).description());
      Offset(here, steps.at(i));
      Action(here, steps.at(i));
      if (i > 0 && GoesBack(steps.at(i - 1), steps.at(i))) {
        violations_.Add(here, "STEPS_OUT_OF_ORDER", "it falls before the step that it follows",
                        "该级时点早于上一级");
      }
    }
  }

  void Offset(const std::string& path, const v1::LadderStep& step) {
    const auto offset = OffsetOf(step);
    calendar::ClockPolicy policy;
    if (offset.has_value()) policy.limit = *offset;
    const bool whole = !step.has_working_days() || !step.working_days().half();
    if (whole && (offset.has_value() ? calendar::CheckPolicy(policy).ok() : !step.before_deadline())) return;
    violations_.Add(
        path, "STEP_OFFSET_INVALID",
        "an offset of 1 to 1,000 whole working days or 1 to 600,000 minutes, or none at the deadline",
        "须为1至1000个整工作日或1至600000分钟；到期时触发的不填");
  }

  void Action(const std::string& path, const v1::LadderStep& step) {
    if (step.action_case() == v1::LadderStep::ACTION_NOT_SET) {
      violations_.Add(path, "STEP_ACTION_REQUIRED", "say what the step does", "须指定该级的措施");
    }
    if (step.has_add_supervisor()) {
      Function(path + ".add_supervisor.function", step.add_supervisor().function());
    }
    if (step.has_raise_priority()) Priority(path + ".raise_priority", step.raise_priority().priority());
    if (step.has_convene()) Convening(path + ".convene", step.convene());
  }

  void Function(const std::string& path, const std::string& function) {
    if (directory_.HasFunction(function)) return;
    violations_.Add(path, "FUNCTION_UNKNOWN", "no department has this function", "没有部门承担该职能");
  }

  void Priority(const std::string& path, v1::CasePriority priority) {
    if (priority == v1::CASE_PRIORITY_HIGH || priority == v1::CASE_PRIORITY_URGENT) return;
    violations_.Add(path + ".priority", "PRIORITY_REQUIRED", "to what it is raised: HIGH or URGENT",
                    "须指定提升后的优先级：重要或紧急");
  }

  void Convening(const std::string& path, const v1::ConveneStep& step) {
    Function(path + ".chair_function", step.chair_function());
    if (step.department_functions_size() > kMaximumConvenedFunctions) {
      violations_.Add(path + ".department_functions", "TOO_MANY",
                      absl::StrCat("at most ", kMaximumConvenedFunctions),
                      absl::StrCat("不得超过", kMaximumConvenedFunctions, "项"));
    } else {
      for (int i = 0; i < step.department_functions_size(); ++i) {
        Function(absl::StrCat(path, ".department_functions[", i, "]"), step.department_functions(i));
      }
    }
    if (step.level() == v1::CONSULTATION_LEVEL_UNSPECIFIED || !v1::ConsultationLevel_IsValid(step.level())) {
      violations_.Add(path + ".level", "LEVEL_REQUIRED", "at which level they meet", "须指定会商级别");
    }
    if (step.in_working_days() < 1 || step.in_working_days() > kMaximumDaysToMeeting) {
      violations_.Add(path + ".in_working_days", "OUT_OF_RANGE", absl::StrCat("1 to ", kMaximumDaysToMeeting),
                      absl::StrCat("须为1至", kMaximumDaysToMeeting));
    }
    const std::string why = vocabulary::NormalizeText(step.why()).value_or("");
    if (why.empty() || vocabulary::CharacterCount(why) > kMaximumWhy) {
      violations_.Add(path + ".why", "TEXT_REQUIRED",
                      absl::StrCat("why they are convened: 1 to ", kMaximumWhy, " characters"),
                      absl::StrCat("须说明会商事由，1至", kMaximumWhy, "个字符"));
    }
  }

  const Directory& directory_;
  rpc::Violations& violations_;
};

}  // namespace

void CheckLadders(const v1::Catalogue& catalogue, const Directory& directory, rpc::Violations& violations) {
  if (catalogue.ladders_size() > kMaximumLadders) {
    violations.Add("catalogue.ladders", "TOO_MANY_LADDERS",
                   absl::StrCat("at most ", kMaximumLadders, " ladders"),
                   absl::StrCat("督办阶梯不得超过", kMaximumLadders, "个"));
    return;
  }
  LadderChecker checker(directory, violations);
  std::set<std::string> known;
  for (int i = 0; i < catalogue.ladders_size(); ++i) {
    checker.Ladder(absl::StrCat("catalogue.ladders[", i, "]"), catalogue.ladders(i), known);
  }
  const auto named = [&](const std::string& path, const v1::RouteTarget& target) {
    if (target.ladder_id().empty() || FindLadder(catalogue, target.ladder_id()) != nullptr) return;
    violations.Add(path + ".ladder_id", "LADDER_UNKNOWN", "the catalogue has no ladder of this name",
                   "责任清单中没有该督办阶梯");
  };
  for (int i = 0; i < catalogue.rules_size(); ++i) {
    named(absl::StrCat("catalogue.rules[", i, "].target"), catalogue.rules(i).target());
  }
  for (int i = 0; i < catalogue.unit_defaults_size(); ++i) {
    named(absl::StrCat("catalogue.unit_defaults[", i, "].target"), catalogue.unit_defaults(i).target());
  }
  named("catalogue.default_target", catalogue.default_target());
}

}  // namespace zhuqi::routing
