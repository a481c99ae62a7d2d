#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs COMMAND with DATABASE_URL set to a PostgreSQL that it may do anything with.
#
# An existing DATABASE_URL is used as it is. Otherwise a throw-away cluster is started below target/: loopback only, a free
# port, a random password, never as root; it is stopped and deleted when the command ends. KEEP=1 leaves it running and
# says how to reach and how to stop it. Where PostgreSQL's server is not installed, Debian's or Ubuntu's package is.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
say() { printf '%s\n' "with-postgres: $*" >&2; }

if [ -n "${DATABASE_URL:-}" ]; then
    say "using the PostgreSQL of DATABASE_URL"
    exec "$@"
fi

# The newest server on this machine, or nothing. Debian keeps the server's programs off PATH.
find_server() {
    local dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -Vr) \
        "$(pg_config --bindir 2>/dev/null || true)" "$(dirname "$(command -v postgres || echo /none/x)")"; do
        if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
            echo "$dir"
            return
        fi
    done
}

install_server() {
    local sudo=""
    if ! command -v apt-get >/dev/null; then
        say "no PostgreSQL server found. Install PostgreSQL 13 or later with your system's package manager, or set DATABASE_URL"
        say "to a server that may be written to, for example DATABASE_URL=postgresql://user:password@localhost/db"
        exit 3
    fi
    if [ "$(id -u)" != 0 ]; then
        sudo="sudo -n"
        if ! $sudo true 2>/dev/null; then
            say "no PostgreSQL server found, and no right to install one. Run 'sudo apt-get install postgresql', or set DATABASE_URL"
            say "to a server that may be written to, for example DATABASE_URL=postgresql://user:password@localhost/db"
            exit 3
        fi
    fi
    say "no PostgreSQL server found: installing the package postgresql"
    if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >&2; then
        say "the package postgresql could not be installed (see above). Install it by hand, or set DATABASE_URL"
        exit 3
    fi
}

bin=$(find_server)
if [ -z "$bin" ]; then
    install_server
    bin=$(find_server)
    [ -n "$bin" ] || { say "the package postgresql brought no server: install one by hand, or set DATABASE_URL"; exit 3; }
fi

# The server refuses to run as root: root hands over to the package's own user.
mkdir -p "$top/target"
base="$top/target"
as=()
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || { say "root cannot run PostgreSQL, and there is no user postgres to run it as: run this as another user"; exit 3; }
    as=(runuser -u postgres --)
    # A checkout below a private folder (such as /root) cannot be entered by that user.
    if ! (cd / && "${as[@]}" test -x "$base"); then
        base=$(mktemp -d)
        chmod 755 "$base"
        say "$top/target cannot be entered by the user postgres: the cluster is in $base"
    fi
fi
dir=$(mktemp -d "$base/postgres.XXXXXX")
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$dir/password"
[ ${#as[@]} -eq 0 ] || chown -R postgres "$dir"
run() { (cd / && "${as[@]}" "$@"); }

run "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C >"$dir.log" 2>&1 || { say "initdb failed:"; cat "$dir.log" >&2; exit 3; }
rm -f "$dir/password"
# Durability is not what a throw-away cluster is for; max_connections serves many tests at once.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
started=""
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    if run "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/server.log" --options="$options -p $port" --wait start >>"$dir.log" 2>&1; then
        started=yes
        break
    fi
    grep -q 'Address already in use' "$dir/server.log" || break
done
[ -n "$started" ] || { say "PostgreSQL did not start:"; run cat "$dir/server.log" >&2; exit 3; }

stop() {
    run "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait stop >/dev/null 2>&1 || true
    rm -rf "$dir" "$dir.log"
    case "$base" in "$top"/*) ;; *) rmdir "$base" 2>/dev/null || true ;; esac
}
trap stop EXIT
trap 'exit 130' INT TERM

export WITH_POSTGRES_OWN=1
export DATABASE_URL="postgresql://postgres:$password@127.0.0.1:$port/postgres"
export PATH="$PATH:$bin"
code=0
"$@" || code=$?

if [ -n "${KEEP:-}" ]; then
    trap - EXIT
    say "the server is still running; reach it with"
    say "  PGPASSWORD=$password psql -h 127.0.0.1 -p $port -U postgres postgres"
    say "and stop it with"
    say "  ${as[*]} $bin/pg_ctl --pgdata=$dir/data stop && rm -rf $dir $dir.log"
fi
exit "$code"
