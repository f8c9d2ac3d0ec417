#include "tools/zhuqictl/text_values.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"

namespace zhuqi::ctl {
namespace {

struct ChineseWord {
  absl::string_view word;
  absl::string_view value;
};

// The words that officials use for the contract's values.
constexpr ChineseWord kChineseWords[] = {
    {"走访", "RECORD_KIND_VISIT"},
    {"诉求", "RECORD_KIND_ISSUE"},
    {"送政策", "RECORD_KIND_POLICY_DELIVERY"},
    {"问题", "ISSUE_KIND_PROBLEM"},
    {"需求", "ISSUE_KIND_NEED"},
    {"建议", "ISSUE_KIND_SUGGESTION"},
    {"大型", "ENTERPRISE_SIZE_LARGE"},
    {"中型", "ENTERPRISE_SIZE_MEDIUM"},
    {"小型", "ENTERPRISE_SIZE_SMALL"},
    {"微型", "ENTERPRISE_SIZE_MICRO"},
    {"符合", "VERDICT_ELIGIBLE"},
    {"不符合", "VERDICT_NOT_ELIGIBLE"},
    {"待核实", "VERDICT_UNKNOWN"},
    {"已解读", "POLICY_OUTCOME_EXPLAINED"},
    {"已申报", "POLICY_OUTCOME_APPLIED"},
    {"已兑现", "POLICY_OUTCOME_GRANTED"},
    {"不符合", "POLICY_OUTCOME_NOT_ELIGIBLE"},
    {"待接单", "PROCESS_STATE_AWAITING_ACCEPTANCE"},
    {"办理中", "PROCESS_STATE_IN_PROGRESS"},
    {"待回访", "PROCESS_STATE_AWAITING_CALL_BACK"},
    {"已办结", "PROCESS_STATE_CLOSED"},
    {"已解决", "OUTCOME_RESOLVED"},
    {"未解决", "OUTCOME_NOT_RESOLVED"},
    {"已答复", "OUTCOME_EXPLAINED"},
    {"未确认", "OUTCOME_UNCONFIRMED"},
    {"已撤回", "OUTCOME_WITHDRAWN"},
    {"已召集", "CONSULTATION_STATE_CONVENED"},
    {"跟踪落实", "CONSULTATION_STATE_IN_FOLLOW_UP"},
    {"已落实", "CONSULTATION_STATE_COMPLETED"},
    {"已取消", "CONSULTATION_STATE_CANCELLED"},
    {"区级", "CONSULTATION_LEVEL_DISTRICT"},
    {"市级", "CONSULTATION_LEVEL_CITY"},
    {"联席会议", "CONSULTATION_LEVEL_JOINT_CONFERENCE"},
    {"不予受理", "OUTCOME_DECLINED"},
    {"已办复", "OUTCOME_ANSWERED"},
    {"待研判", "THEME_STATE_PROPOSED"},
    {"已确认", "THEME_STATE_CONFIRMED"},
    {"整改中", "THEME_STATE_FIX_UNDER_WAY"},
    {"已整改", "THEME_STATE_FIXED"},
    {"不成立", "THEME_STATE_REJECTED"},
    {"已并入", "THEME_STATE_MERGED"},
    {"成员", "THEME_CASE_STANDING_MEMBER"},
    {"待判定", "THEME_CASE_STANDING_SUGGESTED"},
    {"已移出", "THEME_CASE_STANDING_REMOVED"},
    {"待办", "PREVENTIVE_ITEM_STATE_OPEN"},
    {"已办", "PREVENTIVE_ITEM_STATE_DONE"},
    {"不需办理", "PREVENTIVE_ITEM_STATE_NOT_NEEDED"},
    {"同一企业", "PREVENTION_REASON_SAME_ENTERPRISE"},
    {"同类诉求", "PREVENTION_REASON_SAME_CATEGORY"},
    {"指定", "PREVENTION_REASON_NAMED"},
    {"有效", "RECORD_STATE_ACTIVE"},
    {"已撤回", "RECORD_STATE_WITHDRAWN"},
    {"重复件", "RECORD_LINK_KIND_DUPLICATE_OF"},
    {"后续件", "RECORD_LINK_KIND_FOLLOW_UP_OF"},
    {"同因", "RECORD_LINK_KIND_SAME_CAUSE_AS"},
    {"主办", "ASSIGNMENT_ROLE_LEAD"},
    {"协办", "ASSIGNMENT_ROLE_CO_HANDLER"},
    {"督办", "ASSIGNMENT_ROLE_SUPERVISOR"},
    {"帮办代办", "ASSIGNMENT_ROLE_ASSISTANT"},
    {"未办结", "CASE_TAB_OPEN"},
    {"待接单", "CASE_TAB_TO_ACCEPT"},
    {"办理中", "CASE_TAB_IN_PROGRESS"},
    {"待回访", "CASE_TAB_AWAITING_CALL_BACK"},
    {"即将到期", "CASE_TAB_DUE_SOON"},
    {"已逾期", "CASE_TAB_OVERDUE"},
    {"已提级", "CASE_TAB_ESCALATED"},
    {"绿色通道", "CASE_TAB_GREEN_CHANNEL"},
    {"本月办结", "CASE_TAB_CLOSED_THIS_MONTH"},
    {"最新", "CASE_ORDER_NEWEST"},
    {"期限", "CASE_ORDER_HANDLING_DEADLINE"},
    {"最久", "CASE_ORDER_LONGEST_OPEN"},
    {"最近变动", "CASE_ORDER_LAST_CHANGED"},
    {"全国", "ORG_UNIT_LEVEL_NATION"},
    {"省", "ORG_UNIT_LEVEL_PROVINCE"},
    {"市", "ORG_UNIT_LEVEL_CITY"},
    {"区县", "ORG_UNIT_LEVEL_DISTRICT"},
    {"乡镇", "ORG_UNIT_LEVEL_TOWNSHIP"},
    {"站点", "ORG_UNIT_LEVEL_SITE"},
};

absl::Status Expected(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not ", what));
}

// "RecordKind" -> "RECORD_KIND_".
std::string PrefixOf(const google::protobuf::EnumDescriptor* type) {
  const std::string& zero = type->FindValueByNumber(0)->name();
  return std::string(absl::StripSuffix(zero, "UNSPECIFIED"));
}

}  // namespace

absl::StatusOr<common::v1::Date> ParseDate(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day)) return Expected(text, "a date like 2024-05-09");
  return DateMessage(day);
}

absl::StatusOr<common::v1::YearMonth> ParseMonth(absl::string_view text) {
  absl::CivilMonth month;
  if (text.size() != 7 || !absl::ParseCivilTime(text, &month)) return Expected(text, "a month like 2024-05");
  return YearMonthMessage(month);
}

absl::StatusOr<reporting::v1::Quarter> ParseQuarter(absl::string_view text) {
  reporting::v1::Quarter quarter;
  const std::vector<std::string> parts = absl::StrSplit(absl::AsciiStrToUpper(text), 'Q');
  int32_t year = 0;
  int32_t number = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &year) || !absl::SimpleAtoi(parts[1], &number) ||
      number < 1 || number > 4) {
    return Expected(text, "a quarter like 2024Q2");
  }
  quarter.set_year(year);
  quarter.set_quarter(number);
  return quarter;
}

absl::StatusOr<std::vector<common::v1::YearMonth>> ParseMonths(absl::string_view text) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, absl::MaxSplits("..", 1));
  ZHUQI_ASSIGN_OR_RETURN(const common::v1::YearMonth first, ParseMonth(ends.front()));
  ZHUQI_ASSIGN_OR_RETURN(const common::v1::YearMonth last, ParseMonth(ends.back()));
  const absl::CivilMonth end(last.year(), last.month());
  std::vector<common::v1::YearMonth> months;
  for (absl::CivilMonth month(first.year(), first.month()); month <= end; ++month) {
    months.push_back(YearMonthMessage(month));
    if (months.size() > 60) return Expected(text, "a span of at most 60 months");
  }
  if (months.empty()) return Expected(text, "a span of months, the earlier one first");
  return months;
}

absl::StatusOr<google::protobuf::Timestamp> ParseInstant(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return TimestampMessage(time);
  for (const absl::string_view form :
       {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"}) {
    if (absl::ParseTime(form, text, CityTimeZone(), &time, &error)) return TimestampMessage(time);
  }
  return Expected(text, "a time like 2024-05-09T09:30:00+08:00 or 2024-05-09 09:30");
}

std::string DateText(const common::v1::Date& date) {
  if (date.year() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string MonthText(const common::v1::YearMonth& month) {
  if (month.year() == 0) return "";
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

std::string InstantText(const google::protobuf::Timestamp& instant) {
  if (instant.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M", TimeFrom(instant), CityTimeZone());
}

absl::StatusOr<bool> ParseTruth(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "yes" || lower == "1" || text == "是") return true;
  if (lower == "false" || lower == "no" || lower == "0" || text == "否") return false;
  return Expected(text, "true or false");
}

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor* type, absl::string_view text) {
  const std::string prefix = PrefixOf(type);
  std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  if (!absl::StartsWith(name, prefix)) name = absl::StrCat(prefix, name);
  for (const ChineseWord& word : kChineseWords) {
    if (word.word == text && absl::StartsWith(word.value, prefix)) name = std::string(word.value);
  }
  const google::protobuf::EnumValueDescriptor* value = type->FindValueByName(name);
  if (value != nullptr && value->number() != 0) return value->number();
  std::string known;
  for (int i = 1; i < type->value_count(); ++i)
    absl::StrAppend(&known, known.empty() ? "" : ", ", EnumText(type, type->value(i)->number()));
  return Expected(text, absl::StrCat("one of ", known));
}

std::string EnumText(const google::protobuf::EnumDescriptor* type, int number) {
  const google::protobuf::EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  if (number == 0) return "";
  return absl::AsciiStrToLower(absl::StripPrefix(value->name(), PrefixOf(type)));
}

std::string EnumWord(const google::protobuf::EnumDescriptor* type, int number, bool chinese) {
  const google::protobuf::EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (chinese && value != nullptr) {
    for (const ChineseWord& word : kChineseWords) {
      if (word.value == value->name()) return std::string(word.word);
    }
  }
  return EnumText(type, number);
}

}  // namespace zhuqi::ctl
