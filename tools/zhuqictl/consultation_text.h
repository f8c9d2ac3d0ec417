// Consultations as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CONSULTATION_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_CONSULTATION_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "zhuqi/routing/v1/consultation.pb.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::ctl {

// A line for each, and how many.
std::string ConsultationTable(const routing::v1::ListConsultationsResponse& response);
std::string TaskTable(const routing::v1::ListConsultationTasksResponse& response);

// Everything that matters about a consultation; ends with a line end.
std::string DescribeConsultation(const routing::v1::Consultation& consultation);
// The entries of its history, a line each.
std::string ConsultationHistory(const routing::v1::GetConsultationResponse& response);

// Whether `read`, at least 8 digits of a digest, begins that of the minutes. INVALID_ARGUMENT says what to
// do.
absl::Status CheckReadDigest(absl::string_view read, const routing::v1::Minutes& minutes);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CONSULTATION_TEXT_H_
