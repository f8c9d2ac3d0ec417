# shellcheck shell=bash
# How the scripts speak. All of it goes to standard error: standard output is for results.

zhuqi_terminal() { [[ -t 2 && ${TERM:-dumb} != dumb ]]; }

# say TEXT…: what happens now.
say() {
  if zhuqi_terminal; then printf '\033[1m▸ %s\033[0m\n' "$*" >&2; else printf '▸ %s\n' "$*" >&2; fi
}

# note TEXT…: something worth knowing.
note() { printf '  %s\n' "$*" >&2; }

# die TEXT…: what went wrong and what to do about it; ends the script.
die() {
  if zhuqi_terminal; then printf '\033[31m✗ %s\033[0m\n' "$1" >&2; else printf '✗ %s\n' "$1" >&2; fi
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# bar LABEL DONE TOTAL: a progress bar, drawn in place on a terminal; elsewhere a line for each tenth.
zhuqi_bar_tenth=-1
bar() {
  local label=$1 completed=$2 total=$3 width=30 filled cells='' i
  ((total > 0)) || return 0
  if zhuqi_terminal; then
    filled=$((completed * width / total))
    for ((i = 0; i < width; i++)); do ((i < filled)) && cells+='█' || cells+='░'; done
    printf '\r\033[K  %s %s %3d %%  %d of %d' "$label" "$cells" $((completed * 100 / total)) "$completed" "$total" >&2
    ((completed < total)) || printf '\n' >&2
  elif ((completed * 10 / total != zhuqi_bar_tenth)); then
    zhuqi_bar_tenth=$((completed * 10 / total))
    printf '  %s %3d %%  %d of %d\n' "$label" $((completed * 100 / total)) "$completed" "$total" >&2
    ((completed < total)) || zhuqi_bar_tenth=-1
  fi
  return 0
}

# need_disk DIRECTORY MEGABYTES: ends the script when there is less room.
need_disk() {
  local directory=$1 megabytes=$2 free
  while [[ ! -d $directory ]]; do directory=$(dirname "$directory"); done
  free=$(df -Pm "$directory" | awk 'NR == 2 { print $4 }')
  ((free >= megabytes)) || die "The disk of $directory has $free MB left; $megabytes MB are needed." \
    "Make room, or put the data elsewhere with --dir."
}
