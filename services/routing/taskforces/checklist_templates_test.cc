// Each template that ships can begin a task force of a district of the directory that ships beside it.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/config/config.h"
#include "common/directory/date_message.h"
#include "services/routing/taskforces/task_force_check.h"
#include "services/routing/taskforces/task_force_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

std::shared_ptr<const Directory> CityThatShips() {
  const auto request = config::LoadTextproto<directory::v1::ApplyDirectoryRequest>(ZHUQI_ZHENGZHOU_DIRECTORY);
  EXPECT_TRUE(request.ok()) << request.status();
  feed::v1::DirectoryChanged change;
  *change.mutable_org_units() = request->org_units();
  *change.mutable_departments() = request->departments();
  return Directory().With(change, 1).value();
}

TEST(ChecklistTemplates, EachCanBeginATaskForce) {
  const auto directory = CityThatShips();
  int templates = 0;
  for (const auto& file : std::filesystem::directory_iterator(ZHUQI_CHECKLISTS)) {
    const auto checklist = config::LoadTextproto<v1::ChecklistTemplate>(file.path().string());
    ASSERT_TRUE(checklist.ok()) << checklist.status();
    EXPECT_EQ(checklist->template_id(), file.path().stem().string());
    EXPECT_FALSE(checklist->name().empty());
    v1::SetUpTaskForceRequest request;
    request.set_name("专班");
    request.set_org_unit_id("zhongmu");
    request.set_project("园区");
    request.set_reason("提前介入");
    request.set_lead_department_id("zhongmu.approval");
    for (const directory::v1::Department* department : directory->DepartmentsOf("zhongmu")) {
      if (department->department_id() == request.lead_department_id()) continue;
      v1::TaskForceDepartment* added = request.add_departments();
      added->set_department_id(department->department_id());
      added->set_role(v1::TASK_FORCE_ROLE_MEMBER);
    }
    const absl::Time now = testing::At("2024-05-15 09:00");
    *request.mutable_begins_on() = DateMessage(absl::CivilDay(2024, 5, 15));
    *request.mutable_ends_on() = DateMessage(absl::CivilDay(2024, 8, 15));
    for (const v1::Milestone& milestone : checklist->milestones()) {
      *request.add_milestones() = milestone;
      *request.mutable_milestones()->rbegin()->mutable_on() = DateMessage(absl::CivilDay(2024, 8, 1));
    }
    *request.mutable_items() = checklist->items();
    request.set_template_id(checklist->template_id());
    rpc::Violations violations;
    CheckSetUp(request, *directory, now, violations);
    EXPECT_TRUE(violations.empty()) << file.path() << violations.ToStatus();
    const auto change =
        SetUpTaskForce(request, "018f4a10-0000-7000-8000-00000000000b", {now, "wang", "", *directory});
    ASSERT_TRUE(change.ok()) << file.path() << change.status();
    EXPECT_GT(change->body.items_size(), 3);
    ++templates;
  }
  EXPECT_GE(templates, 2);
}

}  // namespace
}  // namespace zhuqi::routing
