// Actions on the clocks of a case.
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/zhuqictl/act_adder.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CaseAction;
using routing::v1::RequestExtension;

// "3d" or "2.5d" working days, "16h" working hours, "48ch" hours by the wall clock.
absl::Status SetAmount(std::string text, RequestExtension* request) {
  const bool half = absl::EndsWith(text, ".5d");
  if (half) text.erase(text.size() - 3, 2);
  const size_t digits = text.find_first_not_of("0123456789");
  int amount = 0;
  if (digits == std::string::npos || !absl::SimpleAtoi(text.substr(0, digits), &amount) || amount > 10'000) {
    return absl::InvalidArgumentError(absl::StrCat("how much more time? 3d, 16h or 48ch, not '", text, "'"));
  }
  const std::string unit = text.substr(digits);
  if (unit == "d") {
    request->mutable_working_days()->set_count(amount);
    request->mutable_working_days()->set_half(half);
  } else if (unit == "h") {
    request->mutable_working_hours()->set_minutes(amount * 60);
  } else if (unit == "ch") {
    request->mutable_calendar_hours()->set_minutes(amount * 60);
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", unit, "' is no unit: d (working days), h (working hours), ch (hours by the clock)"));
  }
  return absl::OkStatus();
}

void AddExtend(ActionAdder& adder) {
  struct Options {
    std::string amount;
    std::string reason;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("ask-extension", "延期申请: the lead asks for more time, while it is in time",
                                [options](CaseAction* action) {
                                  action->mutable_request_extension()->set_reason(options->reason);
                                  return SetAmount(options->amount, action->mutable_request_extension());
                                });
  command
      ->add_option(
          "MORE", options->amount,
          "3d or 2.5d: working days; 16h: working hours; 48ch: hours by the clock; as the policy counts")
      ->required();
  command->add_option("REASON", options->reason)->required();
  command->footer("  zhuqictl cases act jinshui-oa/I-17 ask-extension 3d '需现场检测'");
}

void AddDecide(ActionAdder& adder) {
  struct Options {
    std::string decision;
    std::string reason;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      adder.Add("decide-extension", "延期审批: grants the extension that was asked for, or refuses it",
                [options](CaseAction* action) {
                  action->mutable_decide_extension()->set_granted(options->decision == "grant");
                  action->mutable_decide_extension()->set_reason(options->reason);
                  return absl::OkStatus();
                });
  command->add_option("DECISION", options->decision, "grant or refuse")
      ->required()
      ->check(CLI::IsMember({"grant", "refuse"}));
  command->add_option("REASON", options->reason, "required to refuse");
}

}  // namespace

void AddTimeActions(ActionAdder& adder) {
  adder.Group("Time");
  AddExtend(adder);
  AddDecide(adder);
  adder.AddWithText(
      "pause", "暂停: its clocks stand still, where the policy allows it", "why",
      [](CaseAction* action, const std::string& text) { action->mutable_pause()->set_reason(text); });
  const auto reason = std::make_shared<std::string>();
  adder
      .Add("resume", "恢复: its clocks run again",
           [reason](CaseAction* action) {
             action->mutable_resume()->set_reason(*reason);
             return absl::OkStatus();
           })
      ->add_option("REASON", *reason);
  adder.AddWithText(
      "remind", "催办: the lead is reminded of it", "what is said",
      [](CaseAction* action, const std::string& text) { action->mutable_remind()->set_text(text); });
}

}  // namespace zhuqi::ctl
