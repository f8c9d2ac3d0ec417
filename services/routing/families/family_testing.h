// A family of cases in memory: what is done to one of them, and what follows for the others.
#ifndef ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_TESTING_H_
#define ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_TESTING_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_testing.h"
#include "services/routing/ladders/ladder_rules.h"

namespace zhuqi::routing::testing {

inline v1::CaseAction DivideAmong(const std::vector<std::pair<std::string, std::string>>& children) {
  v1::CaseAction action;
  action.mutable_divide()->set_reason("涉及多个部门");
  for (const auto& [department, question] : children) {
    v1::ChildQuestion& child = *action.mutable_divide()->add_children();
    child.set_department_id(department);
    child.set_question(question);
  }
  return action;
}

class Family {
 public:
  explicit Family(v1::Catalogue catalogue) : catalogue_(std::move(catalogue)), batch_(NewBatch({})) {}

  // The case of a new issue, with its ladder; its UUID.
  std::string Receive(int number) {
    const feed::v1::RecordChanged issue = Issue(
        absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number), absl::StrCat("issue-", number));
    CaseChange change = *ReceiveCase(issue, kRecorded, *City(), catalogue_, 3);
    StartLadder(change.record.body, catalogue_, At("2024-05-06 09:30"));
    const std::string id = change.record.body.case_id();
    batch_.Take(std::move(change));
    return id;
  }
  void Revise(const std::string& id, const feed::v1::RecordChanged& issue, absl::string_view at) {
    batch_.Take(ReviseIssue(*batch_.FindForChange(IdOf(id)), issue, At(at), *City()));
  }

  absl::Status TryDo(const std::string& id, const v1::CaseAction& action, absl::string_view at,
                     absl::string_view acting = "") {
    ActionInput input;
    input.action = action;
    input.occurred_at = At(at);
    input.recorded_at = kRecorded;
    input.actor = "tester";
    input.acting_department_id = std::string(acting);
    absl::StatusOr<CaseChange> change = Act(*batch_.FindForChange(IdOf(id)), input, *City(), catalogue_);
    if (!change.ok()) return change.status();
    event_ = change->event;
    batch_.Take(*std::move(change));
    return absl::OkStatus();
  }
  void Do(const std::string& id, const v1::CaseAction& action, absl::string_view at) {
    EXPECT_EQ(TryDo(id, action, at), absl::OkStatus());
  }

  void Link(const std::string& duplicate, const std::string& first, absl::string_view at) {
    batch_.Link(IdOf(duplicate), IdOf(first), {Uuid(), Uuid(), At(at), "registrar"}, At(at));
  }
  void Unlink(const std::string& duplicate, const std::string& first, absl::string_view at) {
    batch_.Unlink(IdOf(duplicate), IdOf(first), At(at));
  }

  const CaseRecord& Record(const std::string& id) const { return *batch_.Find(IdOf(id)); }
  const v1::Case& operator[](const std::string& id) const { return Record(id).body; }
  std::string Child(const std::string& parent, int number) const {
    return (*this)[parent].children(number - 1).case_id();
  }
  // Of what was done last.
  const v1::CaseEvent& event() const { return event_; }
  size_t events() const { return batch_.events().size(); }
  const feed::v1::CaseFacts& told(size_t index) const {
    return batch_.events()[index].event.case_changed().after();
  }

 private:
  static Uuid IdOf(const std::string& id) { return Uuid::Parse(id).value_or(Uuid()); }
  CaseBatch NewBatch(CaseMap known) const {
    return {nullptr,   std::move(known), City(), std::make_shared<const v1::Catalogue>(catalogue_),
            kRecorded, Outbox::kOff};
  }

  const v1::Catalogue catalogue_;
  CaseBatch batch_;
  v1::CaseEvent event_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_TESTING_H_
