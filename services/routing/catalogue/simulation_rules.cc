#include "services/routing/catalogue/simulation_rules.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/ladders/ladder_rules.h"

namespace zhuqi::routing {
namespace {

// What tells how a decision was made, and not where the case goes; `target` is compared by itself.
constexpr absl::string_view kHowItWasMade[] = {
    "catalogue_id",       "catalogue_version",   "inputs", "target", "near_misses",
    "directory_sequence", "stand_in_org_unit_id"};
// By these a target finds departments, and the departments are compared.
constexpr absl::string_view kHowDepartmentsAreFound[] = {"lead_function", "co_handler_functions",
                                                         "named_departments_co_handle"};

// Names of the fields that differ, but for those of `without`.
void AddDiffering(const google::protobuf::Message& before, const google::protobuf::Message& after,
                  absl::Span<const absl::string_view> without, const std::string& prefix,
                  std::vector<std::string>& differing) {
  const google::protobuf::Descriptor& type = *before.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (std::find(without.begin(), without.end(), field->name()) != without.end()) continue;
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field}))
      differing.push_back(prefix + field->name());
  }
}

// Where a flow begins and ends, if it moved.
template <typename Flows>
void CountFlow(const std::string& before, const std::string& after, Flows& flows) {
  if (before != after) ++flows[{before, after}];
}

template <typename Flows>
void ShowFlows(const Flows& flows, google::protobuf::RepeatedPtrField<v1::SimulationFlow>& shown) {
  for (const auto& [ends, cases] : flows) {
    v1::SimulationFlow& flow = *shown.Add();
    flow.set_before(ends.first);
    flow.set_after(ends.second);
    flow.set_cases(cases);
  }
  std::stable_sort(shown.begin(), shown.end(),
                   [](const auto& left, const auto& right) { return left.cases() > right.cases(); });
}

}  // namespace

namespace {

// What a policy asks, without its words for people.
std::string PolicyContent(const v1::Catalogue& catalogue, const std::string& policy_id) {
  const v1::ClockPolicy* found = FindPolicy(catalogue, policy_id);
  if (found == nullptr) return "";
  v1::ClockPolicy policy = *found;
  policy.clear_description();
  return policy.SerializeAsString();
}

// What a ladder does, likewise.
std::string LadderContent(const v1::Catalogue& catalogue, const std::string& ladder_id) {
  const v1::EscalationLadder* found = FindLadder(catalogue, ladder_id);
  if (found == nullptr) return "";
  v1::EscalationLadder ladder = *found;
  ladder.clear_description();
  for (auto* steps : {ladder.mutable_response_steps(), ladder.mutable_handling_steps()}) {
    for (v1::LadderStep& step : *steps) step.clear_description();
  }
  return ladder.SerializeAsString();
}

// Every field of a target that names a policy or a ladder: of the same name, and of another content.
void AddChangedParts(const DecisionBy& before, const DecisionBy& after, std::vector<std::string>& differing) {
  if (!before.decision.has_value() || !after.decision.has_value()) return;
  const v1::RouteTarget& left = before.decision->target();
  const v1::RouteTarget& right = after.decision->target();
  const google::protobuf::Reflection& reflection = *v1::RouteTarget::GetReflection();
  const google::protobuf::Descriptor& type = *v1::RouteTarget::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    const bool policy = absl::EndsWith(field->name(), "_policy_id");
    if (!policy && field->name() != "ladder_id") continue;
    const std::string name = reflection.GetString(left, field);
    if (name != reflection.GetString(right, field)) continue;  // said already
    const auto content = policy ? &PolicyContent : &LadderContent;
    if (content(before.catalogue, name) != content(after.catalogue, name))
      differing.push_back("target." + field->name());
  }
}

}  // namespace

std::vector<std::string> RouteDifferences(const DecisionBy& before, const DecisionBy& after) {
  static const v1::RouteDecision& nobody = *new v1::RouteDecision();
  const v1::RouteDecision& left = before.decision.has_value() ? *before.decision : nobody;
  const v1::RouteDecision& right = after.decision.has_value() ? *after.decision : nobody;
  std::vector<std::string> differing;
  AddDiffering(left, right, kHowItWasMade, "", differing);
  AddDiffering(left.target(), right.target(), kHowDepartmentsAreFound, "target.", differing);
  AddChangedParts(before, after, differing);
  return differing;
}

std::optional<v1::RouteDecision> Simulation::Decide(const CompiledCatalogue& catalogue,
                                                    const v1::Case& body) const {
  const v1::RouteInputs inputs = WithKeywords(body.decisions().rbegin()->inputs(), body.issue().title(),
                                              body.issue().text(), catalogue.keywords());
  absl::StatusOr<v1::RouteDecision> decision = DecideRoute(catalogue.message(), directory_, inputs);
  if (!decision.ok()) return std::nullopt;
  return *std::move(decision);
}

std::optional<v1::SimulatedCase> Simulation::Replay(const v1::Case& body) {
  if (body.decisions().empty()) return std::nullopt;
  ++replayed_;
  std::optional<v1::RouteDecision> before = Decide(in_force_, body);
  std::optional<v1::RouteDecision> after = Decide(draft_, body);
  const std::vector<std::string> fields =
      RouteDifferences({in_force_.message(), before}, {draft_.message(), after});
  if (fields.empty()) return std::nullopt;
  v1::SimulatedCase simulated;
  simulated.set_case_id(body.case_id());
  *simulated.mutable_issue_key() = body.issue_key();
  simulated.set_title(body.issue().title());
  *simulated.mutable_received_at() = body.received_at();
  simulated.set_org_unit_id(body.org_unit_id());
  if (before.has_value()) *simulated.mutable_before() = *std::move(before);
  if (after.has_value()) *simulated.mutable_after() = *std::move(after);
  for (const std::string& field : fields) simulated.add_fields(field);
  Count(simulated);
  return simulated;
}

void Simulation::Count(const v1::SimulatedCase& simulated) {
  ++changed_;
  for (const std::string& field : simulated.fields()) ++fields_[field];
  CountFlow(simulated.before().rule_id(), simulated.after().rule_id(), rules_);
  CountFlow(simulated.before().owner_org_unit_id(), simulated.after().owner_org_unit_id(), owners_);
  CountFlow(simulated.before().target().lead_function(), simulated.after().target().lead_function(),
            lead_functions_);
}

v1::SimulationSums Simulation::Sums() const {
  v1::SimulationSums sums;
  sums.set_replayed(replayed_);
  sums.set_changed(changed_);
  for (const auto& [field, cases] : fields_) {
    v1::SimulationCount& count = *sums.add_fields();
    count.set_field(field);
    count.set_cases(cases);
  }
  std::stable_sort(sums.mutable_fields()->begin(), sums.mutable_fields()->end(),
                   [](const auto& left, const auto& right) { return left.cases() > right.cases(); });
  ShowFlows(rules_, *sums.mutable_rules());
  ShowFlows(owners_, *sums.mutable_owners());
  ShowFlows(lead_functions_, *sums.mutable_lead_functions());
  return sums;
}

}  // namespace zhuqi::routing
