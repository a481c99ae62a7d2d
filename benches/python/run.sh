#!/usr/bin/env bash
# run.sh: our writer beside the ways that Python has to load the same rows. Needs DATABASE_URL (`make bench-python` brings a
# server) and Python 3.10 or later; the packages of requirements.txt go into a virtual environment below target/.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ -n "${DATABASE_URL:-}" ] || { echo "run.sh: DATABASE_URL is not set: make bench-python brings a server" >&2; exit 2; }

target=${CARGO_TARGET_DIR:-$top/target}
(cd "$top" && "${CARGO:-cargo}" build --quiet --release --package benches --bin load_orders)

venv=$target/bench-python
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
exec "$venv/bin/python" "$here/peers.py" "$target/release/load_orders"
