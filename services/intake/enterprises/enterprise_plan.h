// What a batch of checked enterprises does to those that are stored: in memory, before anything is written.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_PLAN_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_PLAN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/feed/append.h"
#include "services/intake/enterprises/enterprise_rules.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"

namespace zhuqi::intake {

// An enterprise as it is stored.
struct StoredEnterprise {
  v1::Enterprise enterprise;  // without what intake sets
  std::string body;           // the same, serialised
  int64_t revision = 0;
  int32_t partition = 0;  // of the feed; stays when the enterprise moves
};

// An enterprise that is to be written.
struct EnterpriseRow {
  StoredEnterprise now;
  bool is_new = false;
  std::vector<std::string> former_tags;  // that are stored, in order
};

// Takes enterprises one after the other; later ones see what earlier ones did, so a code that is sent twice
// in one batch is one enterprise.
class EnterprisePlan {
 public:
  // `known`: what is stored under the codes of all enterprises to come. `partition_of` gives the partition of
  // a new enterprise's unit.
  EnterprisePlan(std::map<std::string, StoredEnterprise> known,
                 std::function<int32_t(absl::string_view org_unit_id)> partition_of)
      : known_(std::move(known)), partition_of_(std::move(partition_of)) {}

  // Takes a good enterprise. `directory_sequence` goes into the event.
  v1::EnterpriseResult::Disposition Take(const CheckedEnterprise& checked, int64_t directory_sequence);

  // What is to be written, by credit code.
  const std::map<std::string, EnterpriseRow>& rows() const { return rows_; }
  std::vector<feed::OutgoingEvent>& events() { return events_; }

 private:
  std::map<std::string, StoredEnterprise> known_;
  const std::function<int32_t(absl::string_view)> partition_of_;
  std::map<std::string, EnterpriseRow> rows_;
  std::vector<feed::OutgoingEvent> events_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_PLAN_H_
