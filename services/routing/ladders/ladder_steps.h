// What a step of an escalation ladder does to a case. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STEPS_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STEPS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/catalogue/compiled_catalogue.h"
#include "services/routing/consultations/consultation_rules.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

struct StepInput {
  // When it counts as having happened, and when it is recorded.
  absl::Time at;
  absl::Time recorded_at;
  const Directory& directory;
  const CompiledCatalogue& catalogue;
};

struct StepOutcome {
  // Why nothing could be done. Empty: it was done.
  std::string refusal;
  std::optional<ConsultationChange> convened;
  // As CaseChange has it.
  bool wants_assistant = false;
};

// Does to `record` what the step of `fired` says, and says in `fired` who it fell to.
StepOutcome CarryOutStep(const StepInput& input, CaseRecord& record, v1::LadderStepFired& fired);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STEPS_H_
