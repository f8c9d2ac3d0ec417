# shellcheck shell=bash
# Configures and builds. Needs messages.sh.

# configure PRESET: prints the build directory.
configure() {
  local preset=$1 directory=$ZHUQI_ROOT/build/$1 log
  mkdir -p "$directory"
  log=$directory/configure.log
  (cd "$ZHUQI_ROOT" && cmake --preset "$preset") >"$log" 2>&1 ||
    die "cmake could not configure the build." "$(grep -E 'Error|error|Could not' "$log" | head -n 5)" \
      "The whole output: $log"
  printf '%s\n' "$directory"
}

# build PRESET TARGET…: a progress bar from ninja's own count; the compiler's words when it fails.
build() {
  local preset=$1 directory log line status
  shift
  need_disk "$ZHUQI_ROOT" 3000
  # Two builds of one directory would take each other's files away.
  mkdir -p "$ZHUQI_ROOT/build/$preset"
  exec 8>"$ZHUQI_ROOT/build/$preset/lock"
  if ! flock -n 8; then
    note "Another build of $preset runs; waiting for it."
    flock 8
  fi
  directory=$(configure "$preset")
  log=$directory/build.log
  status=0
  # ninja prints "[12/345] Building …" for each step, each on a line of its own when it is not a terminal.
  (cd "$ZHUQI_ROOT" && NINJA_STATUS='[%f/%t] ' ninja -C "$directory" "$@" 2>&1) | tee "$log" |
    while IFS= read -r line; do
      if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then bar 'building' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"; fi
    done || status=$?
  if ((status != 0)); then
    if grep -q 'No space left on device' "$log"; then die "The disk is full: the build stopped." "$(df -h "$directory" | tail -n 1)"; fi
    if grep -qE 'Killed|out of memory' "$log"; then die "The build ran out of memory; close other programs and try again."; fi
    grep -A 30 '^FAILED' "$log" | head -n 60 >&2
    die "The build failed." "The whole output: $log"
  fi
  exec 8>&-
}
