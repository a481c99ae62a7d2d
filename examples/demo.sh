#!/usr/bin/env bash
# demo.sh: HR moves from the embedded Oracle stand-in to PostgreSQL while another process writes to it.
# `make demo` builds the programs, brings a PostgreSQL and calls this. Every step is a command that you could type.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
bin=$top/target/release
work=$(mktemp -d "$top/target/demo.XXXXXX")
file=$work/hr.db
export ORACLE_PASSWORD=hr-demo

step() { printf '\n=== %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }
writer="" follower=""
# shellcheck disable=SC2317 # a trap calls it
cleanup() {
    code=$?
    for pid in $writer $follower; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    if [ "$code" = 0 ]; then rm -rf "$work"; else echo "failed; everything is in $work" >&2; fi
}
trap cleanup EXIT

# A server of somebody else's may hold anything: there the demo keeps to schemas of its own.
schema=hr control=oracle_migration
if [ -z "${WITH_POSTGRES_OWN:-}" ]; then
    schema=hr_demo_$(date +%s) control=${schema}_control
fi

cat >"$work/migrate.toml" <<TOML
control_schema = "$control"

[source]
connect = "standin:hr.db"
user = "hr"
password = { env = "ORACLE_PASSWORD" }

[schemas]
HR = "$schema"

[load]
workers = 2
TOML
cd "$work"
migrate() { run "$bin/migrate" "$@"; }

step "1. The source: the embedded Oracle stand-in, loaded from examples/hr/hr.sql"
standin() { run "$bin/oracle-standin" "$@"; }
STANDIN_SYSTEM_PASSWORD=system-demo standin create "$file"
STANDIN_PASSWORD=$ORACLE_PASSWORD standin user "$file" HR
standin script "$file" HR "$top/examples/hr/hr.sql"

step "2. What the source lacks for an online migration, and the SQL that mends it"
until migrate check --sql mend.sql; do
    [ $((rounds = ${rounds:-0} + 1)) -le 3 ] || { echo "it is still not ready"; exit 1; }
    echo
    echo "A DBA runs what was printed; with the rights, more can be seen."
    standin script "$file" SYSTEM mend.sql
done

step "3. The assessment"
migrate assess

step "4. The plan: names by the case rule, DDL, chunks; nothing is touched"
migrate plan --out plan

step "5. Another process begins to write, with one transaction that stays open across the load"
"$bin/hr_workload" --dsn "standin:$file" --seed 1 --hold-open 6 --pause-ms 20 --ready-file "$work/ready" --stop-file "$work/stop" >writer.json &
writer=$!
until [ -e "$work/ready" ]; do kill -0 "$writer" || exit 1; sleep 0.1; done

step "6. Schema, full load at one SCN, following the redo, while it writes"
"$bin/migrate" run &
follower=$!
deadline=$((SECONDS + 120))
until "$bin/migrate" status 2>/dev/null | grep -q '^ready_to_cutover'; do
    kill -0 "$follower" 2>/dev/null || { echo "migrate run has ended"; exit 1; }
    [ $SECONDS -lt $deadline ] || { echo "not ready to cut over after two minutes"; exit 1; }
    sleep 0.5
done
sleep 10

step "7. The writer stops"
touch "$work/stop"
wait "$writer"
writer=""
echo "it did: $(cat writer.json)"

step "8. The cutover"
migrate cutover
wait "$follower"
follower=""

step "9. Compared once more, value by value, in a process of its own"
migrate verify
echo
echo "HR is in PostgreSQL, schema $schema, equal to the source in every value."
[ -z "${WITH_POSTGRES_OWN:-}" ] && echo "Remove it with: DROP SCHEMA $schema, $control CASCADE;"
exit 0
