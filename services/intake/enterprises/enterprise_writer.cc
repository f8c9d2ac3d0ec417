#include "services/intake/enterprises/enterprise_writer.h"

#include <map>

#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "services/intake/enterprises/enterprise_plan.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/records/record_rules.h"

namespace zhuqi::intake {
namespace {

constexpr char kMethod[] = "EnterpriseService.ApplyEnterprises";

// The results of the rows of one batch, its effects left in `plan`.
v1::ApplyEnterprisesResponse ApplyBatch(const EnterpriseBatch& batch, EnterprisePlan& plan) {
  const bool nothing = batch.all_or_nothing &&
                       std::any_of(batch.enterprises.begin(), batch.enterprises.end(),
                                   [](const CheckedEnterprise& row) { return !row.violations.empty(); });
  v1::ApplyEnterprisesResponse response;
  for (size_t i = 0; i < batch.enterprises.size(); ++i) {
    const CheckedEnterprise& checked = batch.enterprises[i];
    v1::EnterpriseResult& result = *response.add_results();
    result.set_index(static_cast<int32_t>(i));
    result.set_uscc(checked.enterprise.uscc());
    if (i < batch.row_keys.size()) result.set_row_key(batch.row_keys[i]);
    ToRows(checked.violations, result.mutable_violations());
    ToRows(checked.warnings, result.mutable_warnings());
    if (!checked.violations.empty()) {
      result.set_disposition(v1::EnterpriseResult::DISPOSITION_REJECTED);
    } else if (nothing) {
      result.set_disposition(v1::EnterpriseResult::DISPOSITION_NOT_ATTEMPTED);
    } else {
      result.set_disposition(plan.Take(checked, batch.directory_sequence));
    }
  }
  return response;
}

std::vector<std::string> CodesOf(const std::vector<const EnterpriseBatch*>& batches) {
  std::vector<std::string> codes;
  for (const EnterpriseBatch* batch : batches) {
    for (const CheckedEnterprise& checked : batch->enterprises) {
      if (checked.violations.empty()) codes.push_back(checked.enterprise.uscc());
    }
  }
  return codes;
}

EnterprisePlan MakePlan(std::map<std::string, StoredEnterprise> known,
                        const EnterpriseWriterOptions& options) {
  return EnterprisePlan(std::move(known), [directory = options.directory->Get(),
                                           partitions = options.partitions](absl::string_view org_unit_id) {
    return PartitionOf(*directory, org_unit_id, partitions);
  });
}

std::string TokenOf(const std::vector<feed::OutgoingEvent>& events, size_t first, size_t end) {
  std::vector<common::v1::FeedPosition> positions;
  for (size_t i = first; i < end; ++i) {
    positions.push_back(feed::Position("intake", events[i].partition, events[i].event.sequence()));
  }
  return feed::MakeToken(positions);
}

}  // namespace

EnterpriseWriter::EnterpriseWriter(EnterpriseWriterOptions options)
    : options_(options),
      writer_(
          options.group_commit,
          [this](db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
            return Apply(transaction, entries);
          },
          [this] { options_.tail->NotifyCommitted(); }) {}

absl::StatusOr<v1::ApplyEnterprisesResponse> EnterpriseWriter::Preview(db::Connection& connection,
                                                                       const EnterpriseBatch& batch) const {
  ZHUQI_ASSIGN_OR_RETURN(auto known, ReadStoredEnterprises(connection, CodesOf({&batch})));
  EnterprisePlan plan = MakePlan(std::move(known), options_);
  return ApplyBatch(batch, plan);
}

absl::Status EnterpriseWriter::Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
  std::vector<Uuid> request_ids;
  for (const Writer::Entry* entry : entries) request_ids.push_back(entry->item.request_id);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, request_ids));
  std::vector<const EnterpriseBatch*> batches;
  for (const Writer::Entry* entry : entries) {
    if (answers.IsNew(entry->item.request_id)) batches.push_back(&entry->item);
  }
  ZHUQI_ASSIGN_OR_RETURN(auto known, LockEnterprises(transaction, CodesOf(batches)));
  EnterprisePlan plan = MakePlan(std::move(known), options_);
  struct Applied {
    const EnterpriseBatch* batch;
    v1::ApplyEnterprisesResponse response;
    size_t first_event;
    size_t end_event;
  };
  std::vector<Applied> applied;
  applied.reserve(batches.size());
  for (const EnterpriseBatch* batch : batches) {
    const size_t first_event = plan.events().size();
    v1::ApplyEnterprisesResponse response = ApplyBatch(*batch, plan);
    applied.push_back({batch, std::move(response), first_event, plan.events().size()});
  }
  const absl::Time now = options_.clock->Now();
  ZHUQI_RETURN_IF_ERROR(WriteEnterprises(transaction, plan.rows(), now));
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now, plan.events()));
  for (Applied& one : applied) {
    one.response.set_consistency_token(TokenOf(plan.events(), one.first_event, one.end_event));
    answers.Remember(one.batch->request_id, kMethod, one.batch->digest, one.response.SerializeAsString(),
                     now);
  }
  ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  for (Writer::Entry* entry : entries) {
    entry->outcome = answers.Answer<v1::ApplyEnterprisesResponse>(entry->item.request_id, entry->item.digest);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::intake
