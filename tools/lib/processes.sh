# shellcheck shell=bash
# Processes by the id that was written down when they were started. Needs messages.sh.

# runs PID NAME: that process lives and is what it should be: an id may have been given to another program since.
runs() {
  [[ -n ${1:-} && -r /proc/$1/comm ]] || return 1
  # The kernel keeps 15 characters of a name. A process that ended and was not waited for is no longer there.
  [[ $(cat "/proc/$1/comm" 2>/dev/null) == "${2:0:15}" ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# stop_process PID NAME SECONDS: asks it to stop, and ends it when it does not.
stop_process() {
  local pid=$1 name=$2 deadline=$((SECONDS + $3))
  runs "$pid" "$name" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  while runs "$pid" "$name"; do
    if ((SECONDS >= deadline)); then
      note "$name ($pid) did not stop in $3 s and is ended."
      kill -KILL "$pid" 2>/dev/null || true
      return 0
    fi
    sleep 0.1
  done
}
