#include "services/intake/enterprises/enterprise_plan.h"

#include <utility>

namespace zhuqi::intake {

v1::EnterpriseResult::Disposition EnterprisePlan::Take(const CheckedEnterprise& checked,
                                                       int64_t directory_sequence) {
  const std::string& uscc = checked.enterprise.uscc();
  const auto [known, is_new] = known_.try_emplace(uscc);
  StoredEnterprise& stored = known->second;
  if (!is_new && stored.body == checked.body) return v1::EnterpriseResult::DISPOSITION_UNCHANGED;

  feed::OutgoingEvent outgoing;
  feed::v1::EnterpriseChanged& change = *outgoing.event.mutable_enterprise();
  if (!is_new) *change.mutable_before() = FactsOf(stored.enterprise);
  *change.mutable_after() = FactsOf(checked.enterprise);
  outgoing.event.set_directory_sequence(directory_sequence);

  const auto [row, is_first_change] = rows_.try_emplace(uscc);
  if (is_first_change) {
    row->second.is_new = is_new;
    row->second.former_tags.assign(stored.enterprise.tags().begin(), stored.enterprise.tags().end());
  }
  if (is_new) stored.partition = partition_of_(checked.enterprise.org_unit_id());
  stored.enterprise = checked.enterprise;
  stored.body = checked.body;
  ++stored.revision;
  row->second.now = stored;
  outgoing.partition = stored.partition;
  events_.push_back(std::move(outgoing));
  return is_new ? v1::EnterpriseResult::DISPOSITION_CREATED : v1::EnterpriseResult::DISPOSITION_UPDATED;
}

}  // namespace zhuqi::intake
