# Compares the figures that are served with expected.json: a line for each that differs, nothing when none does.
# Numbers of 64 bits stand as strings in protobuf's JSON.
def number: if . == null then null else tonumber end;

# {"jinshui visits": {value, numerator, …}}
def by_unit_and_measure:
  [.figures[] | {("\(.org_unit_id) \(.measure)"): .}] | add // {};
def by_unit_and_group:
  [.figures[] | select(.group != "") | {("\(.org_unit_id) \(.group)"): .value}] | add // {};

def differs($what; $expected; $actual):
  if $expected == $actual then empty else "\($what): expected \($expected), is \($actual // "no data")" end;

($figures[0] | by_unit_and_measure) as $served
| ($kinds[0] | by_unit_and_group) as $served_kinds
| ($categories[0] | by_unit_and_group) as $served_categories
| $expected[0] as $expected
| ([{unit: $expected.city.org_unit_id, want: $expected.city}] + [$expected.units | to_entries[] | {unit: .key, want: .value}])
| .[]
| .unit as $unit
| .want as $want
| (
    # Plain numbers are measures of the same name.
    ($want | to_entries[] | select(.value | type == "number")
      | .key as $measure | .value as $value
      | differs("\($unit) \($measure)"; $value; $served["\($unit) \($measure)"].value | number // 0)),
    # Rates: numerator, denominator, not answered.
    ($want | to_entries[] | select(.key | endswith("_rate"))
      | .key as $measure | .value | to_entries[]
      | .key as $part | .value as $value
      | differs("\($unit) \($measure) \($part)"; $value; $served["\($unit) \($measure)"][$part] | number)),
    # What summaries report.
    ($want.reported | to_entries[]
      | .key as $measure | .value | to_entries[]
      | .key as $part | .value as $value
      | differs("\($unit) \($measure) reported \($part)"; $value; $served["\($unit) \($measure)"].reported[$part] | number)),
    ($want.issues_received_by_kind | to_entries[]
      | .key as $kind | .value as $value
      | differs("\($unit) issues of kind \($kind)"; $value; $served_kinds["\($unit) \($kind)"] | number // 0)),
    ($want.issues_received_by_category | to_entries[]
      | .key as $category | .value as $value
      | differs("\($unit) issues of category \($category)"; $value; $served_categories["\($unit) \($category)"] | number // 0)),
    # Obligations, counted from their list.
    ([$completeness[0].obligations[] | select($unit == $expected.city.org_unit_id or .org_unit_id == $unit)
      | select(.state != "SUMMARY_STATE_WAIVED")] as $owed
      | [$owed[] | select(.missing | not)
          | select(.state == "SUMMARY_STATE_SUBMITTED" or .state == "SUMMARY_STATE_ACCEPTED")] as $met
      | differs("\($unit) summaries due"; $want.completeness.due; $owed | length),
        differs("\($unit) summaries met"; $want.completeness.met; $met | length),
        differs("\($unit) summaries met on time"; $want.completeness.met_on_time; [$met[] | select(.late | not)] | length))
  ),
  # Of the city alone.
  ($expected.city.outcomes | to_entries[] | select(.key != "OPEN")
    | .key as $outcome | .value as $value
    | differs("cases with outcome \($outcome)"; $value; $outcomes[0][$outcome] // 0))
