#include "services/intake/records/record_mentions.h"

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/intake/records/record_rules.h"

namespace zhuqi::intake {

RecordMentions MentionsOf(const v1::RecordSubmission& normalised) {
  RecordMentions mentions;
  mentions.org_unit_id = normalised.org_unit_id();
  mentions.kind = KindOf(normalised);
  mentions.enterprises = EnterprisesOf(normalised);
  if (normalised.has_visit()) {
    const v1::Visit& visit = normalised.visit();
    mentions.on = CivilDayFrom(visit.visited_on()).value_or(absl::CivilDay());
    mentions.team_id = visit.team_id();
    mentions.department_id = visit.department_id();
  } else if (normalised.has_policy_delivery()) {
    const v1::PolicyDelivery& delivery = normalised.policy_delivery();
    mentions.on = CivilDayFrom(delivery.delivered_on()).value_or(absl::CivilDay());
    mentions.policy_id = delivery.policy_id();
  } else {
    mentions.on = CityDay(TimeFrom(normalised.issue().raised_at()));
  }
  return mentions;
}

}  // namespace zhuqi::intake
