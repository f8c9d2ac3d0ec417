# shellcheck shell=bash
# Ports on loopback. Needs messages.sh.

# port_is_taken PORT: something listens there.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Who listens, as far as this user may know.
port_owner() {
  local owner=''
  if command -v ss >/dev/null; then owner=$(ss -ltnpH "sport = :$1" 2>/dev/null | grep -oE 'users:\(\("[^"]+",pid=[0-9]+' | head -n 1); fi
  printf '%s' "${owner:+ (${owner#users:((})}"
}

# need_ports PORT…: ends the script, naming those that are taken.
need_ports() {
  local port taken=''
  for port in "$@"; do
    if port_is_taken "$port"; then taken+=" $port$(port_owner "$port")"; fi
  done
  [[ -z $taken ]] || die "Taken by another program:$taken." \
    "Choose other ports with --base-port (intake takes P+1, routing P+2, reporting P+3, metrics P+11 to P+13)."
}
