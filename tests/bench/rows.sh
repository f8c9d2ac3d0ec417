# shellcheck shell=bash
# What tools/bench measures: each row is a pair of runs, the product and its ceiling, one after the other. Needs
# tools/lib and the variables of tools/bench that stand in the next line.
: "${seconds:?}" "${warm_up:?}" "${rounds:?}" "${chunk_rows:?}" "${in_flight:?}"

BENCH_RECORDS=$ZHUQI_ROOT/deploy/packs/zhengzhou/practice/records.jsonl

# load MODE ARGUMENT…: runs the load client; its line of JSON on standard output.
load() {
  local mode=$1
  shift
  "$(bin_directory)/zhuqi-bench-load" --warm-up "$warm_up" --seconds "$seconds" "$mode" "$@" ||
    die "The load \"$mode\" could not be measured." "Logs: $STACK/log"
}

# load_service SERVICE MODE ARGUMENT…
load_service() {
  load "$2" --address "127.0.0.1:$(service_port "$1" 1)" --token-file "$STACK/secrets/developer.token" "${@:3}"
}

# start_noop [ARGUMENT…]: sets noop_pid and noop_address.
start_noop() {
  local said=$STACK/run/noop.address deadline=$((SECONDS + 30))
  : >"$said"
  "$(bin_directory)/zhuqi-bench-noop" "$@" </dev/null >"$said" 2>"$STACK/log/noop.log" 9>&- &
  noop_pid=$!
  until noop_address=$(grep -m 1 . "$said"); do
    kill -0 "$noop_pid" 2>/dev/null || die "The no-op server did not start." "$(tail -n 3 "$STACK/log/noop.log")"
    ((SECONDS < deadline)) || die "The no-op server does not listen; see $STACK/log/noop.log"
    sleep 0.05
  done
}

stop_noop() {
  [[ -n ${noop_pid:-} ]] || return 0
  stop_process "$noop_pid" zhuqi-bench-noop 10
  noop_pid=''
}

# row NAME UNIT CEILING BAR MEASURE MEASURE_CEILING: the last two are functions that print a line of JSON. They take
# turns, so that what slows the machine for a while slows both.
row() {
  local name=$1 unit=$2 ceiling=$3 bar=$4 measure=$5 measure_ceiling=$6 round
  local product_runs='' ceiling_runs=''
  for ((round = 1; round <= rounds; round++)); do
    note "$name, beside: $ceiling ($round of $rounds)"
    ceiling_runs+=$("$measure_ceiling")$'\n'
    product_runs+=$("$measure")$'\n'
  done
  jq -cn --arg name "$name" --arg unit "$unit" --arg ceiling "$ceiling" --argjson bar "$bar" \
    --slurpfile product <(printf '%s' "$product_runs") --slurpfile ceilings <(printf '%s' "$ceiling_runs") \
    'def mean(f): (map(f) | add) / length;
     def figures: {per_second: mean(.items_per_second), p50_ms: mean(.p50_ms), p99_ms: mean(.p99_ms), runs: .};
     {name: $name, unit: $unit, product: ($product | figures), ceiling: ($ceilings | figures + {name: $ceiling}), bar: $bar}
     | .ratio = .product.per_second / .ceiling.per_second
     | .passed = (.ratio >= .bar)' >>"$STACK/run/results.jsonl"
}

measure_figures() { load_service reporting figures --in-flight "$in_flight"; }
measure_noop_figures() { load figures --address "$noop_address" --in-flight "$in_flight"; }
measure_submit() { load_service intake submit --records "$BENCH_RECORDS" --in-flight "$in_flight"; }
measure_noop_submit() { load submit --address "$noop_address" --records "$BENCH_RECORDS" --in-flight "$in_flight"; }
measure_import() { load_service intake import --records "$BENCH_RECORDS" --rows "$chunk_rows"; }
measure_raw_insert() {
  load raw-insert --socket "$(database_socket)" --user "$(id -un)" --database zhuqi_bench_raw --records "$BENCH_RECORDS" \
    --rows "$chunk_rows"
}

figures_row() {
  local answer=$STACK/run/figures.bin
  load_service reporting figures --save "$answer"
  start_noop --figures "$answer"
  row 'QueryFigures, city overview' calls 'no-op server, the same answer' 0.40 measure_figures measure_noop_figures
  stop_noop
}

import_row() {
  sql -e 'CREATE DATABASE IF NOT EXISTS zhuqi_bench_raw CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
  row "ImportRecords, $chunk_rows a chunk" records 'raw multi-row inserts, the same rows' 0.30 measure_import measure_raw_insert
}

submit_row() {
  start_noop
  row 'SubmitRecords, one a call' records 'no-op server, the same messages' 0.40 measure_submit measure_noop_submit
  stop_noop
}
