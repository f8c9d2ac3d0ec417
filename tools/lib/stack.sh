# shellcheck shell=bash
# One stack: a directory with data, configuration, secrets and logs, and the processes that use it. Needs common.sh
# and database.sh.
#
#   STACK           the directory, absolute
#   STACK_PORT      the base port
#   STACK_REPLICAS  processes of each service

STACK_SERVICES=(intake routing reporting)

# Where the programs are: ZHUQI_BIN, else the release build, else those that the stack was started with.
bin_directory() {
  local directory=${ZHUQI_BIN:-$ZHUQI_ROOT/build/release/bin}
  [[ -x $directory/zhuqictl ]] || directory=$(cat "$STACK/config/programs" 2>/dev/null || printf '%s' "$directory")
  printf '%s\n' "$directory"
}

# stack_open DIRECTORY BASE_PORT REPLICAS: sets the variables; starts and makes nothing.
stack_open() {
  local remembered
  STACK=$(realpath -m "$1")
  remembered=$(cat "$STACK/config/base-port" 2>/dev/null || true)
  STACK_PORT=${2:-${remembered:-7400}}
  STACK_REPLICAS=$3
  ((STACK_PORT >= 1024 && STACK_PORT <= 65400)) || die "The base port must lie between 1024 and 65400."
  if [[ -n $remembered && $remembered != "$STACK_PORT" ]] && stack_anything_runs; then
    die "The stack of $STACK runs with base port $remembered." "Stop it first: tools/dev down --dir $STACK"
  fi
}

stack_lock() {
  mkdir -p "$STACK"/{config,log,run}
  (umask 077 && mkdir -p "$STACK/secrets" && chmod 700 "$STACK/secrets" "$STACK/run")
  exec 9>"$STACK/run/lock"
  flock -w 120 9 || die "Another tools/dev works on $STACK."
}

# Ports and files of one process. SERVICE REPLICA, replicas count from 1.
service_port() {
  local offset
  case $1 in intake) offset=1 ;; routing) offset=2 ;; reporting) offset=3 ;; esac
  printf '%s\n' $((STACK_PORT + offset + 20 * ($2 - 1)))
}
metrics_port() { printf '%s\n' $(($(service_port "$1" "$2") + 10)); }
process_name() { if (($2 == 1)); then printf '%s\n' "$1"; else printf '%s-%s\n' "$1" "$2"; fi; }
process_id() { cat "$STACK/run/$(process_name "$1" "$2").pid" 2>/dev/null || true; }
process_runs() { runs "$(process_id "$1" "$2")" "zhuqi-$1"; }

stack_anything_runs() {
  local service replica
  for service in "${STACK_SERVICES[@]}"; do
    for replica in 1 2 3 4; do process_runs "$service" "$replica" && return 0; done
  done
  return 1
}

# The ports of all processes that do not run yet must be free.
stack_need_ports() {
  local service replica
  local -a ports=()
  for service in "${STACK_SERVICES[@]}"; do
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do
      process_runs "$service" "$replica" || ports+=("$(service_port "$service" "$replica")" "$(metrics_port "$service" "$replica")")
    done
  done
  ((${#ports[@]} == 0)) || need_ports "${ports[@]}"
}

# A configuration string in quotes.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

database_config() { # SERVICE USER PASSWORD_NAME
  printf 'socket: %s user: "%s" password_file: %s database: "zhuqi_%s"' "$(quoted "$(database_socket)")" "$2" \
    "$(quoted "$(password_file "$3.password")")" "$1"
}

upstream_config() { # SERVICE
  printf '%s { address: "127.0.0.1:%s" token_file: %s }\n' "$1" "$(service_port "$1" 1)" \
    "$(quoted "$STACK/secrets/developer.token")"
}

write_config() { # SERVICE REPLICA
  local file
  file=$STACK/config/$(process_name "$1" "$2").textproto
  {
    printf '# Written by tools/dev at every start: changes are lost.\n'
    printf 'server {\n  listen_address: "127.0.0.1:%s"\n  metrics_address: "127.0.0.1:%s"\n  developer_token_file: %s\n}\n' \
      "$(service_port "$1" "$2")" "$(metrics_port "$1" "$2")" "$(quoted "$STACK/secrets/developer.token")"
    printf 'database { %s }\n' "$(database_config "$1" "zhuqi_$1" "$1")"
    case $1 in
      intake) printf 'contact_keys { id: "k1" file: %s }\n' "$(quoted "$(key_file contact-k1.key)")" ;;
      routing)
        upstream_config intake
        printf 'search_index_directory: %s\n' "$(quoted "$STACK/search/$(process_name "$1" "$2")")"
        ;;
      reporting) upstream_config intake; upstream_config routing ;;
    esac
  } >"$file"
}

write_all_config() {
  local service replica
  password_file developer.token >/dev/null
  printf '%s\n' "$STACK_PORT" >"$STACK/config/base-port"
  bin_directory >"$STACK/config/programs"
  for service in "${STACK_SERVICES[@]}"; do
    printf '# Written by tools/dev: the user that may change tables.\n%s\n' \
      "$(database_config "$service" zhuqi_migrate migrate)" >"$STACK/config/migrate-$service.textproto"
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do write_config "$service" "$replica"; done
  done
  endpoints_json >"$STACK/endpoints.json"
}

# What zhuqictl --dir and scripts read.
endpoints_json() {
  local service replica separator
  printf '{\n'
  for service in "${STACK_SERVICES[@]}"; do
    printf '  "%s": "127.0.0.1:%s",\n' "$service" "$(service_port "$service" 1)"
  done
  printf '  "token_file": %s,\n  "database_socket": %s,\n  "replicas": [' "$(quoted "$STACK/secrets/developer.token")" \
    "$(quoted "$(database_socket)")"
  separator=''
  for service in "${STACK_SERVICES[@]}"; do
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do
      printf '%s\n    {"service": "%s", "replica": %s, "address": "127.0.0.1:%s", "metrics": "http://127.0.0.1:%s/metrics"}' \
        "$separator" "$service" "$replica" "$(service_port "$service" "$replica")" "$(metrics_port "$service" "$replica")"
      separator=,
    done
  done
  printf '\n  ]\n}\n'
}

start_service() { # SERVICE REPLICA
  local name program pid
  process_runs "$1" "$2" && return 0
  name=$(process_name "$1" "$2")
  program=$(bin_directory)/zhuqi-$1
  [[ -x $program ]] || die "$program is missing." "Build first: tools/dev up without --no-build."
  setsid "$program" --config "$STACK/config/$name.textproto" </dev/null >>"$STACK/log/$name.log" 2>&1 9>&- &
  pid=$!
  printf '%s\n' "$pid" >"$STACK/run/$name.pid"
}

is_serving() { # SERVICE REPLICA
  "$(bin_directory)/zhuqictl" --dir "$STACK" "--endpoint-$1" "127.0.0.1:$(service_port "$1" "$2")" status --output json \
    2>/dev/null | jq -e --arg service "$1" '.[$service].health == "SERVING"' >/dev/null
}

await_serving() { # SERVICE REPLICA
  local name deadline=$((SECONDS + 120))
  name=$(process_name "$1" "$2")
  until is_serving "$1" "$2"; do
    process_runs "$1" "$2" || die "$name stopped while it started." "$(tail -n 5 "$STACK/log/$name.log")" \
      "The whole log: $STACK/log/$name.log"
    ((SECONDS < deadline)) || die "$name is not SERVING after two minutes." "$(tail -n 5 "$STACK/log/$name.log")"
    sleep 0.2
  done
}

stack_up() {
  local service replica
  stack_need_ports
  need_disk "$STACK" 1000
  database_create
  say "Starting MariaDB"
  database_start
  database_grant
  write_all_config
  say "Migrating"
  "$(bin_directory)/zhuqictl" migrate all --config "$STACK/config" >"$STACK/log/migrate.log" 2>&1 9>&- ||
    die "The database could not be migrated." "$(tail -n 5 "$STACK/log/migrate.log")"
  say "Starting the services"
  for service in "${STACK_SERVICES[@]}"; do
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do start_service "$service" "$replica"; done
  done
  for service in "${STACK_SERVICES[@]}"; do
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do await_serving "$service" "$replica"; done
  done
}

# Readers first, so that each stops with what it followed still there.
stack_down() {
  local service replica name
  say "Stopping the stack of $STACK"
  for service in reporting routing intake; do
    for replica in 4 3 2 1; do
      name=$(process_name "$service" "$replica")
      stop_process "$(process_id "$service" "$replica")" "zhuqi-$service" 30
      rm -f "$STACK/run/$name.pid"
    done
  done
  database_stop
  note "The data stays in $STACK/mysql."
}

stack_show_endpoints() { # json|text
  if [[ $1 == json ]]; then
    cat "$STACK/endpoints.json"
    return 0
  fi
  local service replica
  for service in "${STACK_SERVICES[@]}"; do
    for ((replica = 1; replica <= STACK_REPLICAS; replica++)); do
      printf '%-11s 127.0.0.1:%s   metrics http://127.0.0.1:%s/metrics\n' "$(process_name "$service" "$replica")" \
        "$(service_port "$service" "$replica")" "$(metrics_port "$service" "$replica")"
    done
  done
  printf 'token       %s\ndata        %s/mysql\nlogs        %s/log\n' "$STACK/secrets/developer.token" "$STACK" "$STACK"
}

stack_status() { # json|text
  local service state states='' all_serving=1 database=DOWN
  database_is_up && database=UP
  for service in "${STACK_SERVICES[@]}"; do
    state=DOWN
    if process_runs "$service" 1; then
      if is_serving "$service" 1; then state=SERVING; else state=STARTING; fi
    fi
    [[ $state == SERVING ]] || all_serving=''
    states+=$(printf '%s %s 127.0.0.1:%s' "$service" "$state" "$(service_port "$service" 1)")$'\n'
  done
  if [[ $1 == json ]]; then
    jq -Rn --arg directory "$STACK" --arg database "$database" \
      '{directory: $directory, database: $database, services: ([inputs | select(. != "") | split(" ") | {(.[0]): {state: .[1], address: .[2]}}] | add)}' \
      <<<"$states"
  else
    printf 'database %s\n%s' "$database" "$states"
  fi
  [[ -n $all_serving ]] || return 3
}
