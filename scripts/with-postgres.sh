#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs COMMAND with DATABASE_URL set to a PostgreSQL that it may do anything with.
#
# An existing DATABASE_URL is used as it is. Otherwise a throw-away cluster is started below target/: loopback only, a free
# port, a random password, never as root; it is stopped and deleted when the command ends, however that is. KEEP=1 leaves
# it running and says how to reach and how to stop it. POSTGRES_OPTIONS goes to the server as well, and has the last word
# ("-c fsync=on"). Where PostgreSQL's server is not installed, Debian's or Ubuntu's
# package is. Ends as COMMAND does, or with 3 where there is no server to be had.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
say() { printf '%s\n' "with-postgres: $*" >&2; }

[ $# -gt 0 ] || { say "name the command to run, for example: $0 cargo test"; exit 2; }
if [ -n "${DATABASE_URL:-}" ]; then
    say "using the PostgreSQL of DATABASE_URL"
    exec "$@"
fi

# The newest server on this machine, or nothing. Debian keeps the server's programs off PATH.
find_server() {
    local dir dirs
    dirs=$(
        printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin | sort -Vr
        pg_config --bindir 2>/dev/null || true
        dirname "$(command -v postgres || echo /none/x)"
    )
    while IFS= read -r dir; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
            printf '%s\n' "$dir"
            return
        fi
    done <<<"$dirs"
}

or_elsewhere() {
    say "Or set DATABASE_URL to a server that may be written to, for example"
    say "  DATABASE_URL=postgresql://user:password@localhost/database"
    exit 3
}

install_server() {
    local sudo=""
    if ! command -v apt-get >/dev/null; then
        say "no PostgreSQL server found. Install PostgreSQL 13 or later with your system's package manager."
        or_elsewhere
    fi
    if [ "$(id -u)" != 0 ]; then
        sudo="sudo -n"
        if ! $sudo true 2>/dev/null; then
            say "no PostgreSQL server found, and no right to install one. Run: sudo apt-get install postgresql"
            or_elsewhere
        fi
    fi
    say "no PostgreSQL server found: installing the package postgresql"
    if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >&2; then
        say "the package postgresql could not be installed (see above). Install it by hand."
        or_elsewhere
    fi
}

bin=$(find_server)
if [ -z "$bin" ]; then
    install_server
    bin=$(find_server)
    [ -n "$bin" ] || { say "the package postgresql brought no server: install one by hand."; or_elsewhere; }
fi
version=$("$bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
if [ "$version" -lt 13 ]; then
    say "the server in $bin is PostgreSQL $version: install 13 or later."
    or_elsewhere
fi

# The server refuses to run as root: root hands over to the package's own user.
mkdir -p "$top/target"
base=$top/target
as=()
if [ "$(id -u)" = 0 ]; then
    if ! id postgres >/dev/null 2>&1; then
        say "root cannot run PostgreSQL, and there is no user postgres to run it as: run this as another user,"
        say "or make that user with: useradd --system postgres"
        or_elsewhere
    fi
    as=(runuser -u postgres --)
    # A checkout below a private folder (such as /root) cannot be entered by that user.
    if ! (cd / && "${as[@]}" test -x "$base"); then
        base=$(TMPDIR=/tmp mktemp -d)
        chmod 755 "$base"
        say "$top/target cannot be entered by the user postgres: the cluster is in $base"
    fi
fi
dir=$(mktemp -d "$base/postgres.XXXXXX")
run() { (cd / && ${as[@]+"${as[@]}"} "$@"); }

# shellcheck disable=SC2317 # traps call it
stop() {
    # Not to be interrupted: half of it would leave a server without a folder.
    trap '' INT TERM HUP
    run "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait stop >/dev/null 2>&1 || true
    rm -rf "$dir" "$dir.log"
    [ "$base" = "$top/target" ] || rmdir "$base" 2>/dev/null || true
}
command="" signalled=""
# The terminal sends Ctrl-C to the command too; the others come here alone.
# shellcheck disable=SC2317 # traps call it
received() {
    signalled=$2
    if [ -z "$command" ]; then exit "$2"; fi
    [ "$1" = INT ] || kill -s "$1" "$command" 2>/dev/null || true
}
trap stop EXIT
trap 'received INT 130' INT
trap 'received TERM 143' TERM
trap 'received HUP 129' HUP

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$dir/password"
if [ ${#as[@]} -gt 0 ]; then chown -R postgres "$dir"; fi

run "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C >"$dir.log" 2>&1 || { say "initdb failed:"; cat "$dir.log" >&2; exit 3; }
rm -f "$dir/password"
# Durability is not what a throw-away cluster is for; max_connections serves many tests at once.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200 ${POSTGRES_OPTIONS:-}"
started=""
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    if run "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/server.log" --options="$options -p $port" --wait start >>"$dir.log" 2>&1; then
        started=yes
        break
    fi
    run grep -q 'Address already in use' "$dir/server.log" || break
done
[ -n "$started" ] || { say "PostgreSQL did not start:"; cat "$dir.log" >&2; run cat "$dir/server.log" >&2; exit 3; }

export WITH_POSTGRES_OWN=1
export DATABASE_URL="postgresql://postgres:$password@127.0.0.1:$port/postgres"
export PATH="$PATH:$bin"
# In the background, so that a signal is heard at once; with the terminal and its Ctrl-C, as in the foreground.
(trap - INT QUIT TERM HUP && exec "$@") <&0 &
command=$!
while :; do
    code=0
    wait "$command" || code=$?
    # A signal ends `wait`, not the command.
    kill -0 "$command" 2>/dev/null || break
done
command=""
[ -z "$signalled" ] || exit "$signalled"

if [ "${KEEP:-0}" != 0 ]; then
    trap - EXIT
    psql=$(command -v psql || true)
    say "the server is still running; reach it with"
    say "  PGPASSWORD=$password $(printf '%q' "${psql:-psql}") -h 127.0.0.1 -p $port -U postgres postgres"
    say "and stop it with"
    rest=$(printf ' %q' "$dir" "$dir.log")
    [ "$base" = "$top/target" ] || rest=$(printf ' %q' "$base")
    say "  (cd / &&$(printf ' %q' ${as[@]+"${as[@]}"} "$bin/pg_ctl" "--pgdata=$dir/data" stop)) && rm -rf$rest"
fi
exit "$code"
