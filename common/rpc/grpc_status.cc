#include "common/rpc/grpc_status.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"

namespace zhuqi::rpc {
namespace {

// Of the 8 KB of metadata that clients accept by default, the rest is for names and other trailers.
constexpr std::size_t kMetadataBudget = 6800;

// What a message takes on the wire, where bytes that are not printable ASCII are three each.
std::size_t EncodedSize(const std::string& message) {
  return static_cast<std::size_t>(std::count_if(message.begin(), message.end(),
                                                [](char c) { return c < 0x20 || c > 0x7e || c == '%'; })) *
             2 +
         message.size();
}

// Details travel in base64: four bytes for three.
bool Fits(const google::rpc::Status& status, std::size_t encoded_message) {
  return status.ByteSizeLong() * 4 / 3 + encoded_message <= kMetadataBudget;
}

google::protobuf::Any* FindDetail(google::rpc::Status* status, const google::protobuf::Descriptor* type) {
  for (auto& detail : *status->mutable_details()) {
    if (detail.type_url() == absl::StrCat("type.googleapis.com/", type->full_name())) return &detail;
  }
  return nullptr;
}

void CountOmitted(google::rpc::Status* status, int dropped) {
  auto* any = FindDetail(status, google::rpc::ErrorInfo::descriptor());
  google::rpc::ErrorInfo info;
  if (any == nullptr || !info.ParseFromString(any->value())) return;
  int before = 0;
  std::string& omitted = (*info.mutable_metadata())["violations_omitted"];
  if (!absl::SimpleAtoi(omitted, &before)) before = 0;
  omitted = absl::StrCat(before + dropped);
  any->set_value(info.SerializeAsString());
}

void DropViolations(google::rpc::Status* status, std::size_t encoded_message) {
  auto* any = FindDetail(status, google::rpc::BadRequest::descriptor());
  google::rpc::BadRequest bad_request;
  if (any == nullptr || !bad_request.ParseFromString(any->value())) return;
  const int before = bad_request.field_violations_size();
  CountOmitted(status, before);  // as long as it can become, so that what fits now still fits at the end
  while (bad_request.field_violations_size() > 1 && !Fits(*status, encoded_message)) {
    bad_request.mutable_field_violations()->RemoveLast();
    any->set_value(bad_request.SerializeAsString());
  }
  CountOmitted(status, -bad_request.field_violations_size());
}

void FitIntoMetadata(google::rpc::Status* status, std::size_t encoded_message) {
  if (Fits(*status, encoded_message)) return;
  DropViolations(status, encoded_message);
  // Only oversized details of another make come this far. Better fewer than a call that breaks.
  while (!Fits(*status, encoded_message) && status->details_size() > 0)
    status->mutable_details()->RemoveLast();
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details = ToRpcStatus(status);
  const std::string message = details.message();
  const auto code = static_cast<grpc::StatusCode>(details.code());
  if (details.details_size() == 0) return grpc::Status(code, message);
  FitIntoMetadata(&details, EncodedSize(message));
  return grpc::Status(code, message, details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  const bool detailed = !status.error_details().empty() && details.ParseFromString(status.error_details()) &&
                        details.code() == static_cast<int>(status.error_code());
  if (!detailed) details.clear_details();
  details.set_code(static_cast<int>(status.error_code()));
  details.set_message(status.error_message());
  return FromRpcStatus(details);
}

}  // namespace zhuqi::rpc
