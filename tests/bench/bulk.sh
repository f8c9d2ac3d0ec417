# shellcheck shell=bash
# What tools/bench --bulk measures: whole loads through zhuqictl, with the time that they take and the most memory that
# the command and intake have meanwhile. Needs tools/lib and the variables of tools/bench that stand in the next line.
: "${bulk_records:?}" "${bulk_enterprises:?}" "${bulk_units:?}"

BULK_NATION=$ZHUQI_ROOT/deploy/packs/nation/divisions-2023.csv.gz
BULK_HOMES=(cn-130100 cn-130200 cn-130300 cn-130400 cn-130500 cn-130600) # cities near the beginning of the list
# A tenth of the records is loaded before all of them: what ten times as many take more than it must not grow.
BULK_GROWTH_MIB=64
BULK_NATION_SECONDS=60

# bulk_taken ARGUMENT…: zhuqictl with these, its answer in $STACK/run/answer.json and what it took in taken.json.
bulk_taken() {
  python3 -B "$ZHUQI_ROOT/tests/bench/peak.py" "$STACK/run/taken.json" "$(process_id intake 1)" \
    "$(bin_directory)/zhuqictl" --dir "$STACK" --timeout 600 --quiet --output json "$@" >"$STACK/run/answer.json" ||
    die "The load could not be measured: zhuqictl $1 …" "Logs: $STACK/log"
}

# bulk_row NAME UNIT COUNT BAR CONDITION: appends a row from taken.json; CONDITION is of jq and sees it as `.`.
bulk_row() {
  jq -c --arg name "$1" --arg unit "$2" --argjson count "$3" --arg bar "$4" --slurpfile before "$STACK/run/bulk.jsonl" \
    '. + {name: $name, unit: $unit, count: $count, bar: $bar, per_second: ($count / .seconds)} | .passed = ('"$5"')' \
    "$STACK/run/taken.json" >>"$STACK/run/bulk.new"
  cat "$STACK/run/bulk.new" >>"$STACK/run/bulk.jsonl"
  rm "$STACK/run/bulk.new"
}

# bulk_expect FILTER: the answer's number must be what was sent.
bulk_expect() {
  jq -e "$1" "$STACK/run/answer.json" >/dev/null || die "Not all was taken:" "$(head -c 500 "$STACK/run/answer.json")"
}

nation_row() {
  note "The nation's divisions"
  gzip -cd "$BULK_NATION" | sed -n "1,$((bulk_units + 1))p" >"$STACK/run/divisions.csv"
  bulk_taken directory apply "$STACK/run/divisions.csv" --map parent=parent_code --set code_system=nbs \
    --set code_edition=2023 --id-prefix cn- --limit 0
  bulk_expect "(.changes | length) == $bulk_units"
  bulk_row "The nation's divisions" units "$bulk_units" "$BULK_NATION_SECONDS s" ".seconds < $BULK_NATION_SECONDS"
}

enterprises_row() {
  note "$bulk_enterprises enterprises"
  python3 -B "$ZHUQI_ROOT/tests/bench/bulk_rows.py" enterprises 0 "$bulk_enterprises" "${BULK_HOMES[@]}" \
    >"$STACK/run/enterprises.csv"
  bulk_taken enterprises import "$STACK/run/enterprises.csv"
  bulk_expect ".created == $bulk_enterprises"
  bulk_row "Enterprises, one import" rows "$bulk_enterprises" 'all created' true
}

# FIRST COUNT NAME BAR CONDITION
records_row() {
  note "$2 records in one stream"
  bulk_taken import - --format jsonl --import-id "$(cat /proc/sys/kernel/random/uuid)" \
    < <(python3 -B "$ZHUQI_ROOT/tests/bench/bulk_rows.py" issues "$1" "$2" "${BULK_HOMES[@]}")
  bulk_expect "(.created | tonumber) == $2"
  bulk_row "$3" records "$2" "$4" "$5"
}

bulk_rows() {
  : >"$STACK/run/bulk.jsonl"
  nation_row
  printf 'categories { category_id: "bulk" name: "批量" }\n' >"$STACK/run/category.textproto"
  ctl directory apply "$STACK/run/category.textproto" --output json >/dev/null
  enterprises_row
  records_row 0 $((bulk_records / 10)) 'Records, a tenth of them' 'all created' true
  records_row "$bulk_records" "$bulk_records" 'Records, one stream' "+$BULK_GROWTH_MIB MiB at most" \
    '($before | last) as $tenth | [.client_kib - $tenth.client_kib, .service_kib - $tenth.service_kib] | all(. <= '"$BULK_GROWTH_MIB"' * 1024)'
}
