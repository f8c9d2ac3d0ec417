#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/record_filters.h"
#include "tools/zhuqictl/record_text.h"
#include "tools/zhuqictl/records_export.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ListRecordsResponse;
using intake::v1::RecordService;
using Stub = RecordService::Stub;

constexpr char kRecordHelp[] = "UUID, or SOURCE-SYSTEM/EXTERNAL-ID";

// Calls and shows, or says why not.
template <class Request, class Response, class Describe>
int CallAndShow(Client& client, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, Describe describe) {
  Response response;
  const absl::Status status = client.Call<RecordService>(Service::kIntake, method, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return describe(response); });
  return kExitOk;
}

absl::StatusOr<intake::v1::GetRecordRequest> GetRequest(const Client& client, const std::string& text) {
  ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  intake::v1::GetRecordRequest request;
  if (target.id.empty()) {
    *request.mutable_key() = target.key;
  } else {
    request.set_record_id(target.id);
  }
  request.set_at_least_token(token);
  return request;
}

// The record's UUID, asked for when its key was given.
absl::StatusOr<std::string> RecordId(Client& client, const std::string& text) {
  ZHUQI_ASSIGN_OR_RETURN(const intake::v1::GetRecordRequest request, GetRequest(client, text));
  if (!request.record_id().empty()) return request.record_id();
  intake::v1::GetRecordResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<RecordService>(Service::kIntake, &Stub::GetRecord, request, &response));
  return response.record().record_id();
}

std::string TokenLine(const std::string& token) {
  return token.empty() ? std::string() : absl::StrCat("token: ", token, "\n");
}

// ---- list, show ----

struct RecordListOptions {
  RecordFilters filters;
  PageOptions page;
  bool total = false;
};

int List(Client& client, const RecordListOptions& options) {
  absl::StatusOr<intake::v1::ListRecordsRequest> request = RequestOf(options.filters);
  if (!request.ok()) return client.FailUsage(request.status());
  request->set_include_total(options.total || !IsCountedByLooking(*request));
  ListRecordsResponse merged;
  const absl::Status status =
      ReadPages<RecordService>(client, Service::kIntake, &Stub::ListRecords, *request, options.page, &merged,
                               [](const ListRecordsResponse& page) { return page.records_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return DescribeRecords(merged); });
  return kExitOk;
}

void AddList(CLI::App& records, Client& client) {
  const auto options = std::make_shared<RecordListOptions>();
  CLI::App* list = records.add_subcommand("list", "Records, newest first");
  AddRecordFilters(*list, options->filters);
  AddPageOptions(*list, &options->page);
  list->add_flag("--total", options->total,
                 "count all of them also with --text, or --enterprise of withdrawn ones: each is looked at");
  list->footer(
      "  zhuqictl records list --unit jinshui --kind issue --category land --dates 2024-05\n"
      "  zhuqictl records list --text 消防 --all\n"
      "  zhuqictl records list --state withdrawn");
  list->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });
}

void AddShow(CLI::App& records, Client& client) {
  struct Options {
    std::string record;
    bool with_contact = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* show = records.add_subcommand("show", "One record");
  show->add_option("RECORD", options->record, kRecordHelp)->required();
  show->add_flag("--with-contact", options->with_contact,
                 "with name and telephone number, if you may see them");
  show->footer("  zhuqictl records show jinshui-oa/I-17");
  show->callback([&client, options] {
    client.action = [&client, options] {
      absl::StatusOr<intake::v1::GetRecordRequest> request = GetRequest(client, options->record);
      if (!request.ok()) return client.FailUsage(request.status());
      request->set_with_contact(options->with_contact);
      return CallAndShow(client, &Stub::GetRecord, *request,
                         [](const auto& response) { return DescribeRecord(response.record()); });
    };
  });
}

// ---- revisions, links ----

int ShowRevisions(Client& client, const std::string& record, const PageOptions& page) {
  const absl::StatusOr<std::string> id = RecordId(client, record);
  if (!id.ok()) return client.Fail(id.status());
  intake::v1::ListRecordRevisionsRequest request;
  request.set_record_id(*id);
  intake::v1::ListRecordRevisionsResponse merged;
  const absl::Status status =
      ReadPages<RecordService>(client, Service::kIntake, &Stub::ListRecordRevisions, request, page, &merged,
                               [](const auto& one) { return one.revisions_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return DescribeRevisions(merged); });
  return kExitOk;
}

void AddRevisions(CLI::App& records, Client& client) {
  const auto record = std::make_shared<std::string>();
  const auto page = std::make_shared<PageOptions>();
  CLI::App* revisions = records.add_subcommand("revisions", "Who changed a record, when, and what");
  revisions->add_option("RECORD", *record, kRecordHelp)->required();
  AddPageOptions(*revisions, page.get());
  revisions->footer("  zhuqictl records revisions jinshui-oa/I-17");
  revisions->callback([&client, record, page] {
    client.action = [&client, record, page] { return ShowRevisions(client, *record, *page); };
  });
}

void AddLinks(CLI::App& records, Client& client) {
  const auto record = std::make_shared<std::string>();
  CLI::App* links = records.add_subcommand("links", "What a record is linked to");
  links->add_option("RECORD", *record, kRecordHelp)->required();
  links->callback([&client, record] {
    client.action = [&client, record] {
      const absl::StatusOr<std::string> id = RecordId(client, *record);
      if (!id.ok()) return client.Fail(id.status());
      intake::v1::ListRecordLinksRequest request;
      request.set_record_id(*id);
      return CallAndShow(client, &Stub::ListRecordLinks, request,
                         [&](const auto& response) { return DescribeLinks(response, *id); });
    };
  });
}

// ---- withdraw, link ----

void AddWithdraw(CLI::App& records, Client& client) {
  struct Options {
    std::string record;
    std::string etag;
    std::string reason;
    std::string request_id;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* withdraw = records.add_subcommand("withdraw", "Take a record out of every count; it is kept");
  withdraw->add_option("RECORD", options->record, kRecordHelp)->required();
  withdraw->add_option("--reason", options->reason, "why, 1 to 500 characters")->required();
  withdraw->add_option("--etag", options->etag, "only if the record is still as you saw it");
  withdraw->add_option("--request-id", options->request_id,
                       "a UUID; the same one again gives the first answer");
  withdraw->footer(
      "Sending the record's key again (submit, import) brings it back as a new revision. A file that was "
      "imported before\n"
      "is not taken again by itself: `zhuqictl import FILE --import-id NEW-UUID`.\n\n"
      "  zhuqictl records withdraw jinshui-oa/I-17 --reason 重复登记");
  withdraw->callback([&client, options] {
    client.action = [&client, options] {
      const absl::StatusOr<std::string> id = RecordId(client, options->record);
      if (!id.ok()) return client.Fail(id.status());
      intake::v1::WithdrawRecordRequest request;
      request.set_request_id(options->request_id.empty() ? NewRequestId() : options->request_id);
      request.set_record_id(*id);
      request.set_reason(options->reason);
      request.set_etag(options->etag);
      return CallAndShow(client, &Stub::WithdrawRecord, request, [](const auto& response) {
        return absl::StrCat(DescribeRecord(response.record()), TokenLine(response.consistency_token()));
      });
    };
  });
}

struct LinkOptions {
  std::string from;
  std::string kind;
  std::string to;
  std::string reason;
  bool remove = false;
};

int Link(Client& client, const LinkOptions& options) {
  intake::v1::LinkRecordsRequest request;
  const absl::Status kind = SetEnum<intake::v1::RecordLinkKind>(
      options.kind, [&](intake::v1::RecordLinkKind value) { request.set_kind(value); });
  if (!kind.ok()) return client.FailUsage(kind);
  const absl::StatusOr<std::string> from = RecordId(client, options.from);
  if (!from.ok()) return client.Fail(from.status());
  const absl::StatusOr<std::string> to = RecordId(client, options.to);
  if (!to.ok()) return client.Fail(to.status());
  request.set_request_id(NewRequestId());
  request.set_from_record_id(*from);
  request.set_to_record_id(*to);
  request.set_reason(options.reason);
  request.set_remove(options.remove);
  return CallAndShow(client, &Stub::LinkRecords, request, [&](const auto& response) {
    return absl::StrCat(options.remove ? "removed: " : "linked: ", response.link().from_record_id(), " ",
                        EnumText(response.link().kind()), " ", response.link().to_record_id(), "\n",
                        TokenLine(response.consistency_token()));
  });
}

void AddLink(CLI::App& records, Client& client) {
  const auto options = std::make_shared<LinkOptions>();
  CLI::App* link = records.add_subcommand("link", "Link two records, or remove a link; both records stay");
  link->add_option("FROM", options->from, kRecordHelp)->required();
  link->add_option("KIND", options->kind,
                   "duplicate_of, follow_up_of or same_cause_as (重复件, 后续件, 同因)")
      ->required();
  link->add_option("TO", options->to, kRecordHelp)->required();
  link->add_option("--reason", options->reason, "why; needed with --remove");
  link->add_flag("--remove", options->remove, "the link is removed");
  link->footer(
      "  zhuqictl records link jinshui-oa/I-17 duplicate_of jinshui-oa/I-4 --reason 同一事项\n"
      "  zhuqictl records link jinshui-oa/I-17 duplicate_of jinshui-oa/I-4 --remove --reason "
      "核实后并非同一事项");
  link->callback(
      [&client, options] { client.action = [&client, options] { return Link(client, *options); }; });
}

}  // namespace

void AddRecordsCommand(CLI::App& app, Client& client) {
  CLI::App* records =
      app.add_subcommand("records", "Visits, issues and policy deliveries: read, withdraw, link, export");
  records->require_subcommand(1);
  AddList(*records, client);
  AddShow(*records, client);
  AddRevisions(*records, client);
  AddWithdraw(*records, client);
  AddLink(*records, client);
  AddLinks(*records, client);
  AddRecordsExport(*records, client);
}

}  // namespace zhuqi::ctl
