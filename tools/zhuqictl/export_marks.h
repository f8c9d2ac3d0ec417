// What an export says of a record beside the record, and what an import of it therefore does not do unasked.
#ifndef ZHUQI_TOOLS_ZHUQICTL_EXPORT_MARKS_H_
#define ZHUQI_TOOLS_ZHUQICTL_EXPORT_MARKS_H_

#include <string>

#include "tools/zhuqictl/record_columns.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::ctl {

// Of one row, as they stand in the file; empty: the file does not say.
struct ExportMarks {
  std::string has_contact;
  std::string state;
};

// What somebody who imports an export has asked for. Taking a row says all of the record: a contact that is
// not in it is deleted, and a withdrawn record counts again.
struct ExportConsent {
  bool drop_contacts = false;
  bool bring_back_withdrawn = false;
};

// Why the row is not to be sent; empty: it may be. Marks that are not understood are reasons too.
RowViolations CheckExportMarks(const ExportMarks& marks, const intake::v1::RecordSubmission& record,
                               const ExportConsent& consent);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_EXPORT_MARKS_H_
