# shellcheck shell=bash
# The practice of the Zhengzhou pack: loading it, showing it, and comparing it with what was expected. Needs
# common.sh and stack.sh.

PRACTICE_PACK=$ZHUQI_ROOT/deploy/packs/zhengzhou
PRACTICE_CALENDAR=$ZHUQI_ROOT/deploy/packs/calendar/working-days-2018-2026.csv
PRACTICE_CHECKLISTS=$ZHUQI_ROOT/deploy/packs/taskforces

ctl() { "$(bin_directory)/zhuqictl" --dir "$STACK" --timeout 120 "$@"; }

# The token of an answer in JSON on standard input.
token_of() { jq -r '.consistency_token // empty'; }

# What is loaded, as one digest: another pack is loaded again.
practice_digest() {
  cat "$PRACTICE_CALENDAR" "$PRACTICE_PACK"/*.textproto "$PRACTICE_PACK"/*.csv "$PRACTICE_PACK"/practice/*.jsonl "$PRACTICE_CHECKLISTS"/*.textproto |
    sha256sum | cut -d ' ' -f 1
}

practice_is_loaded() { [[ $(cat "$STACK/practice-loaded" 2>/dev/null) == "$(practice_digest)" ]]; }

# Every step may be run again: what is there already stays as it is.
practice_load() {
  local directory_token catalogue_token records_token actions_token summaries_token
  say "Loading calendar, directory and responsibility catalogue"
  ctl apply calendar "$PRACTICE_CALENDAR" --output json >/dev/null
  directory_token=$(ctl directory apply "$PRACTICE_PACK/directory.textproto" --output json | token_of)
  catalogue_token=$(ctl catalogue apply "$PRACTICE_PACK/catalogue.textproto" --at-least-token "$directory_token" --output json | token_of)
  say "Loading the register of enterprises and the visit plans"
  ctl enterprises import "$PRACTICE_PACK/enterprises.csv" --output json >/dev/null
  ctl visits apply "$PRACTICE_PACK/visit-plans.textproto" --output json >/dev/null
  say "Playing the practice of 24 January to 12 November 2024"
  records_token=$(ctl import "$PRACTICE_PACK/practice/records.jsonl" --rejected "$STACK/practice-rejected.jsonl" \
    --output json | token_of)
  # Before the actions: cases are given to task forces that are there.
  ctl task-forces play "$PRACTICE_PACK/practice/task-forces.jsonl" --templates "$PRACTICE_CHECKLISTS" \
    --at-least-token "$records_token" --at-least-token "$catalogue_token" --output json >/dev/null
  actions_token=$(ctl act --file "$PRACTICE_PACK/practice/actions.jsonl" --at-least-token "$records_token" \
    --at-least-token "$catalogue_token" --output json | token_of)
  summaries_token=$(ctl summaries play "$PRACTICE_PACK/practice/summaries.jsonl" --output json | token_of)
  # The figures that follow include all of it.
  ctl figures --year 2024 --measures visits --at-least-token "$records_token" --at-least-token "$actions_token" \
    --at-least-token "$summaries_token" --output json >/dev/null
}

# What is shown first: units down, measures across, the city last.
practice_overview() {
  ctl figures --children --year 2024 \
    --measures visits,enterprises_reached,policies_delivered,issues_received,cases_closed,cases_resolved,open_at_end,escalations,consultations,resolution_rate,satisfaction_rate,completeness
}

# Compares every figure with expected.json; prints a line for each that differs. 0 when none does.
practice_compare() {
  local work differences outcome
  work=$(mktemp -d "${TMPDIR:-/tmp}/zhuqi-practice.XXXXXX")
  ctl figures --children --year 2024 --output json >"$work/figures.json"
  ctl figures --children --year 2024 --measures issues_received --by kind --output json >"$work/kinds.json"
  ctl figures --children --year 2024 --measures issues_received --by category --output json >"$work/categories.json"
  ctl completeness --output json >"$work/completeness.json"
  for outcome in resolved not_resolved explained unconfirmed; do
    ctl cases list --outcome "$outcome" --limit 1 --output json |
      jq --arg outcome "${outcome^^}" '{($outcome): (.total | tonumber)}'
  done | jq -s add >"$work/outcomes.json"
  differences=$(jq -rn -f "$ZHUQI_ROOT/tools/lib/practice.jq" \
    --slurpfile expected "$PRACTICE_PACK/practice/expected.json" --slurpfile figures "$work/figures.json" \
    --slurpfile kinds "$work/kinds.json" --slurpfile categories "$work/categories.json" \
    --slurpfile completeness "$work/completeness.json" --slurpfile outcomes "$work/outcomes.json")
  rm -rf "$work"
  [[ -z $differences ]] || { printf '%s\n' "$differences"; return 1; }
}
