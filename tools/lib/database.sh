# shellcheck shell=bash
# The private MariaDB of a stack: data in D/mysql, a Unix socket, no network. Needs messages.sh and the variables
# that tools/dev sets (STACK).

database_socket() {
  local socket=$STACK/run/mariadb.sock
  # The kernel takes 107 characters for a socket's path.
  if ((${#socket} > 100)); then
    socket=${XDG_RUNTIME_DIR:-/tmp}/zhuqi-$(printf '%s' "$STACK" | sha256sum | cut -c 1-16).sock
  fi
  printf '%s\n' "$socket"
}

# sql: runs standard input as the stack's own administrator, who is known by the socket.
sql() { mariadb --no-defaults --socket="$(database_socket)" --user="$(id -un)" --batch --skip-column-names "$@"; }

# The server's temporary files: a server that starts removes those of others in the same folder.
database_temporary_folder() {
  mkdir -p "$STACK/run/tmp"
  printf '%s\n' "$STACK/run/tmp"
}

database_is_up() { sql -e 'SELECT 1' >/dev/null 2>&1; }

database_create() {
  [[ ! -d $STACK/mysql/mysql ]] || return 0
  say "Making a database in $STACK/mysql"
  rm -rf "$STACK/mysql"
  # The administrator has no password: the socket tells who asks.
  TMPDIR=$(database_temporary_folder) mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$STACK/mysql" --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
    >"$STACK/log/mariadb-install.log" 2>&1 ||
    die "The database could not be made." "$(tail -n 3 "$STACK/log/mariadb-install.log")"
}

# How much memory InnoDB keeps pages in: an eighth of the machine, 128 MB to 2 GB.
buffer_pool_megabytes() {
  local total
  total=$(awk '/^MemTotal/ { print int($2 / 1024 / 8) }' /proc/meminfo)
  ((total < 128)) && total=128
  ((total > 2048)) && total=2048
  printf '%s\n' "$total"
}

database_start() {
  if database_is_up; then return 0; fi
  local socket pid deadline
  socket=$(database_socket)
  # Durable: a commit is on disk before it is acknowledged. READ COMMITTED and the rest are set by each session.
  TMPDIR=$(database_temporary_folder) setsid mariadbd --no-defaults --user="$(id -un)" --datadir="$STACK/mysql" --socket="$socket" --skip-networking \
    --pid-file="$STACK/run/mariadb.pid" --innodb-flush-log-at-trx-commit=1 --innodb-doublewrite=1 \
    --innodb-buffer-pool-size="$(buffer_pool_megabytes)M" --innodb-log-file-size=512M --skip-log-bin \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin --max-connections=400 --local-infile=0 \
    --skip-name-resolve --default-time-zone=+00:00 --max-allowed-packet=64M \
    </dev/null >>"$STACK/log/mariadb.log" 2>&1 9>&- &
  pid=$!
  deadline=$((SECONDS + 60))
  until database_is_up; do
    kill -0 "$pid" 2>/dev/null || die "MariaDB did not start." "$(tail -n 5 "$STACK/log/mariadb.log")"
    ((SECONDS < deadline)) || die "MariaDB is not ready after a minute; see $STACK/log/mariadb.log"
    sleep 0.1
  done
}

# A password in a file that only this user can read; the same one every time.
password_file() {
  local file=$STACK/secrets/$1
  if [[ ! -s $file ]]; then (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$file"); fi
  printf '%s\n' "$file"
}

# The file of a key for data at rest, made once: 32 random bytes as hexadecimal digits.
key_file() {
  local file=$STACK/secrets/$1
  if [[ ! -s $file ]]; then (umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$file"); fi
  printf '%s\n' "$file"
}

# Schemas and users. Each service may read and write rows of its own schema, and nothing else; only the user
# "zhuqi_migrate" may change tables.
database_grant() {
  local service
  {
    printf "CREATE USER IF NOT EXISTS zhuqi_migrate@localhost; ALTER USER zhuqi_migrate@localhost IDENTIFIED BY '%s';\n" \
      "$(cat "$(password_file migrate.password)")"
    for service in intake routing reporting; do
      printf 'CREATE DATABASE IF NOT EXISTS zhuqi_%s CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n' "$service"
      printf "CREATE USER IF NOT EXISTS zhuqi_%s@localhost; ALTER USER zhuqi_%s@localhost IDENTIFIED BY '%s';\n" \
        "$service" "$service" "$(cat "$(password_file "$service.password")")"
      printf 'GRANT SELECT, INSERT, UPDATE, DELETE ON zhuqi_%s.* TO zhuqi_%s@localhost;\n' "$service" "$service"
      printf 'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON zhuqi_%s.* TO zhuqi_migrate@localhost;\n' \
        "$service"
    done
  } | sql || die "Schemas and users could not be made; see $STACK/log/mariadb.log"
}

database_stop() {
  local pid
  pid=$(cat "$STACK/run/mariadb.pid" 2>/dev/null) || return 0
  stop_process "$pid" mariadbd 60
  rm -f "$STACK/run/mariadb.pid"
}
