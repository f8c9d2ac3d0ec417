# shellcheck shell=bash
# Installs the Debian packages of tools/packages.txt that are missing. Needs messages.sh.

# packages_of GROUP…: the names of the groups' packages, a '?' before those that a release may lack.
packages_of() {
  awk -v groups=" $* " '!/^#/ && NF >= 2 && index(groups, " " $1 " ") { print $2 }' "$ZHUQI_ROOT/tools/packages.txt"
}

# A Node.js from elsewhere brings an npm of its own, and Debian's package conflicts with it: the command is what counts.
is_installed() {
  [[ $1 == npm ]] && command -v npm >/dev/null && return 0
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# missing_of GROUP…: those that are not installed.
missing_of() {
  local package
  for package in $(packages_of "$@"); do is_installed "${package#\?}" || printf '%s\n' "$package"; done
}

# As root, or with sudo.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "Packages must be installed, and this is neither root nor is there sudo." "Ask an administrator to run:" \
      "apt-get install ${zhuqi_wanted[*]}"
  fi
}

# A package that apt knows. Not grep -q: it would end apt-cache early, which pipefail takes for a failure.
has_candidate() { apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }

explain_apt_failure() {
  local log=$1
  if grep -qiE 'no space left|not enough free space|You don.t have enough' "$log"; then
    die "The disk is full: packages could not be installed." "$(df -h / | tail -n 1)"
  elif grep -qiE 'Could not resolve|Failed to fetch|Connection (failed|timed out)|Temporary failure' "$log"; then
    die "Packages could not be downloaded; is there a network?" "$(grep -iE 'resolve|fetch|connect' "$log" | head -n 2)"
  elif grep -qiE 'Could not get lock' "$log"; then
    die "Another program is installing packages at this moment; try again when it is done."
  fi
  die "Packages could not be installed." "$(tail -n 5 "$log")" "The whole output: $log"
}

# install_packages GROUP…: one apt-get update, one apt-get install; nothing when nothing is missing.
install_packages() {
  command -v dpkg-query >/dev/null || die "This is not Debian: install by hand what tools/packages.txt lists."
  local -a missing=() absent=()
  zhuqi_wanted=()
  mapfile -t missing < <(missing_of "$@")
  ((${#missing[@]} > 0)) || return 0
  local log package
  log=$(mktemp "${TMPDIR:-/tmp}/zhuqi-apt.XXXXXX")
  zhuqi_wanted=("${missing[@]#\?}")
  for package in "${missing[@]}"; do
    [[ $package == \?* ]] && has_candidate "${package#\?}" && continue
    [[ $package == \?* ]] || has_candidate "$package" || zhuqi_update=1
  done
  # Optional packages alone may simply not exist here: lists are fetched for what is needed, or the first time.
  if [[ -n ${zhuqi_update:-} ]] || ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
    say "Fetching the lists of packages"
    as_root apt-get update -q >"$log" 2>&1 || explain_apt_failure "$log"
  fi
  zhuqi_wanted=()
  for package in "${missing[@]}"; do
    if has_candidate "${package#\?}"; then
      zhuqi_wanted+=("${package#\?}")
    elif [[ $package == \?* ]]; then
      note "${package#\?} does not exist in this release of Debian; what needs it is left out."
    else
      absent+=("$package")
    fi
  done
  ((${#absent[@]} == 0)) || die "Debian has no package of this name here: ${absent[*]}" \
    "Are the sources in /etc/apt complete (Debian 12 or 13, main)?"
  if ((${#zhuqi_wanted[@]} > 0)); then
    need_disk /usr 2500
    say "Installing ${#zhuqi_wanted[@]} packages (once): ${zhuqi_wanted[*]}"
    install_with_bar "$log"
  fi
  rm -f "$log"
}

# apt reports its progress on a file descriptor: "pmstatus:package:37.5:text".
install_with_bar() {
  local log=$1 kind percent status=0
  local pipe
  pipe=$(mktemp -u "${TMPDIR:-/tmp}/zhuqi-apt-status.XXXXXX")
  mkfifo "$pipe"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o APT::Status-Fd=3 "${zhuqi_wanted[@]}" >"$log" 2>&1 3>"$pipe" &
  local apt=$!
  while IFS=: read -r kind _ percent _; do
    case $kind in
      dlstatus) bar 'downloading' "${percent%.*}" 100 ;;
      pmstatus) bar 'unpacking  ' "${percent%.*}" 100 ;;
    esac
  done <"$pipe"
  wait "$apt" || status=$?
  rm -f "$pipe"
  ((status == 0)) || explain_apt_failure "$log"
}
