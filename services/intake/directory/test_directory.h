// A small city for tests.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_DIRECTORY_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_DIRECTORY_H_

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/directory.h"
#include "google/protobuf/text_format.h"
#include "services/intake/directory/directory_rules.h"
#include "services/intake/directory/reorganization_rules.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Ends the test program when `text` is no such message.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    std::cerr << "not a " << message.GetTypeName() << ": " << text << "\n";
    std::abort();
  }
  return message;
}

inline directory::v1::ApplyDirectoryRequest RequestFromText(const std::string& text) {
  return FromText<directory::v1::ApplyDirectoryRequest>(text);
}

// 郑州 with 金水区, 中牟县 and a township; two departments, two categories, the holidays around the new year
// of 2026, and a monthly form of districts, due on the fifth working day at 17:00, from December 2025 on.
inline directory::v1::ApplyDirectoryRequest CityRequest() {
  return RequestFromText(R"(
    org_units { org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui" }
    org_units {
      org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" }
    }
    org_units {
      org_unit_id: "zhongmu" name: "中牟县" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410122" edition: "2023" }
    }
    org_units {
      org_unit_id: "zhengzhou" name: "郑州市" level: ORG_UNIT_LEVEL_CITY
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410100" edition: "2023" }
    }
    departments { department_id: "jinshui.planning" org_unit_id: "jinshui" function: "planning" name: "金水区资源规划局" }
    departments { department_id: "zhengzhou.fire" org_unit_id: "zhengzhou" function: "fire" name: "郑州市消防救援支队" }
    categories { category_id: "land" name: "用地" }
    categories { category_id: "land.change-of-use" name: "改变用途" }
    calendar {
      calendar_id: "city" version: 1 notice_years: 2025 notice_years: 2026
      overrides { date { year: 2026 month: 1 day: 1 } holiday: "元旦" notice_year: 2026 }
      overrides { date { year: 2026 month: 1 day: 2 } holiday: "元旦" notice_year: 2026 }
      overrides { date { year: 2026 month: 1 day: 3 } holiday: "元旦" notice_year: 2026 }
      overrides { date { year: 2026 month: 1 day: 4 } working: true holiday: "元旦" notice_year: 2026 }
    }
    forms {
      form_id: "monthly" name: "助企月报" level: ORG_UNIT_LEVEL_DISTRICT first_month { year: 2025 month: 12 }
      due_working_day: 5 due_minute: 1020
      indicators { indicator_id: "visits" name: "走访企业次数" measure: "visits" }
      indicators { indicator_id: "issues" name: "收集问题数" measure: "issues_received" }
    }
  )");
}

// The day on which tests of rules run: in the second month of the monthly form.
inline constexpr absl::CivilDay kTestToday(2026, 1, 20);

// `directory` after a good request; ends the test program with what is wrong with a bad one.
inline std::shared_ptr<const Directory> After(const Directory& directory,
                                              const directory::v1::ApplyDirectoryRequest& request,
                                              absl::CivilDay today = kTestToday) {
  const DirectoryPlan plan = PlanDirectory(directory, request, today);
  if (!plan.violations.empty()) {
    std::cerr << plan.violations.ToStatus() << "\n";
    std::abort();
  }
  return directory.With(plan.event, directory.sequence() + 1).value();
}

inline std::shared_ptr<const Directory> City() { return After(Directory(), CityRequest()); }

// "path REASON" of everything that is wrong with `request` on top of `directory`.
inline std::vector<std::string> Wrong(const Directory& directory,
                                      const directory::v1::ApplyDirectoryRequest& request) {
  std::vector<std::string> wrong;
  const DirectoryPlan plan = PlanDirectory(directory, request, kTestToday);
  for (const rpc::Violation& violation : plan.violations.list()) {
    wrong.push_back(absl::StrCat(violation.field_path, " ", violation.reason));
  }
  return wrong;
}
inline std::vector<std::string> Wrong(const Directory& directory, const std::string& text) {
  return Wrong(directory, RequestFromText(text));
}

// Reorganizations of tests: the first day of the new order, and the last of the old one.
inline constexpr absl::CivilDay kNew(2026, 1, 5);
inline constexpr absl::CivilDay kOld(2026, 1, 4);

inline directory::v1::ReorganizeOrgUnitsRequest ReorganizationFromText(const std::string& operations) {
  return FromText<directory::v1::ReorganizeOrgUnitsRequest>(
      absl::StrCat("effective_on { year: 2026 month: 1 day: 5 } reason: \"豫政〔2026〕1号\" ", operations));
}

inline absl::StatusOr<DirectoryPlan> Plan(const Directory& directory,
                                          const directory::v1::ReorganizeOrgUnitsRequest& request) {
  return PlanReorganization(directory, request, {"r", "clerk", StartOfCityDay(kTestToday) + absl::Hours(9)});
}

// `directory` after the operations; ends the test program with what is wrong with them.
inline std::shared_ptr<const Directory> Reorganized(const Directory& directory,
                                                    const std::string& operations) {
  const absl::StatusOr<DirectoryPlan> plan = Plan(directory, ReorganizationFromText(operations));
  if (!plan.ok()) {
    std::cerr << plan.status() << "\n";
    std::abort();
  }
  return directory.With(plan->event, directory.sequence() + 1).value();
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_DIRECTORY_H_
