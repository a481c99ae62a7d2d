#!/usr/bin/env bash
# python.sh FOLDER: the Python that tests/thin/*.py run with, in a virtual environment below FOLDER that is made where it is not there yet.
# Prints its path. Needs Python 3.10 or later, which Debian's packages bring where root may install them, and, once, PyPI.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=$1/thin-python
exec 9>"$1/thin-python.lock"
flock 9
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    rm -rf "$venv"
    if ! "${PYTHON:-python3}" -m venv "$venv" >&2 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv; } >&2
        rm -rf "$venv"
        /usr/bin/python3 -m venv "$venv" >&2
    fi
    # Everything is pinned, without what seerdb needs for Arrow alone.
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
echo "$venv/bin/python"
