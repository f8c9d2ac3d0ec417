// Parts that records have in common: attachments, amounts and contacts. Each is brought to its normal form as
// it is looked at. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PARTS_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PARTS_CHECK_H_

#include <string>

#include "common/rpc/errors.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

void CheckAttachments(google::protobuf::RepeatedPtrField<v1::Attachment>& attachments,
                      const std::string& path, rpc::Violations& violations);

void CheckAmount(const v1::Amount& amount, const std::string& path, rpc::Violations& violations);

// What is wrong is said without the words of the contact.
void CheckContact(v1::Contact& contact, const std::string& path, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PARTS_CHECK_H_
