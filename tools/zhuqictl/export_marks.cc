#include "tools/zhuqictl/export_marks.h"

#include "absl/status/statusor.h"
#include "tools/zhuqictl/marks.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

common::v1::FieldViolation NotUnderstood(absl::string_view mark, const absl::Status& status) {
  return LocalViolation(mark, "MARK_INVALID", status.message(), "该标记列的值无法识别");
}

common::v1::FieldViolation ContactNotInFile() {
  return LocalViolation(
      "issue.contact", "CONTACT_NOT_IN_FILE",
      "the record has a contact, which exports leave out: to take this row would delete it. Add the contact, "
      "or "
      "leave the row out, or have contacts deleted with `zhuqictl import --drop-contacts`",
      "该记录有联系人，而导出文件不含联系人：导入本行会将其删除。请补填联系人或去掉本行；确要删除时用 "
      "--drop-contacts");
}

common::v1::FieldViolation Withdrawn() {
  return LocalViolation(
      kStateMark, "RECORD_WITHDRAWN",
      "the record is withdrawn: to take this row would make it count again. Leave the row out, or bring "
      "records "
      "back with `zhuqictl import --bring-back-withdrawn`",
      "该记录已撤回：导入本行会使其重新计入。请去掉本行；确要恢复时用 --bring-back-withdrawn");
}

}  // namespace

RowViolations CheckExportMarks(const ExportMarks& marks, const intake::v1::RecordSubmission& record,
                               const ExportConsent& consent) {
  RowViolations violations;
  if (!marks.has_contact.empty() && !consent.drop_contacts && !record.issue().has_contact()) {
    const absl::StatusOr<bool> has_contact = ParseTruth(marks.has_contact);
    if (!has_contact.ok()) violations.push_back(NotUnderstood(kHasContactMark, has_contact.status()));
    if (has_contact.ok() && *has_contact) violations.push_back(ContactNotInFile());
  }
  if (!marks.state.empty() && !consent.bring_back_withdrawn) {
    const absl::StatusOr<intake::v1::RecordState> state = ParseEnum<intake::v1::RecordState>(marks.state);
    if (!state.ok()) violations.push_back(NotUnderstood(kStateMark, state.status()));
    if (state.ok() && *state == intake::v1::RECORD_STATE_WITHDRAWN) violations.push_back(Withdrawn());
  }
  return violations;
}

}  // namespace zhuqi::ctl
