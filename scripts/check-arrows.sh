#!/usr/bin/env bash
# check-arrows.sh: fails where a crate depends on something that the house does not allow (ARCHITECTURE.md, "Arrows").
set -euo pipefail
cd "$(dirname "$0")/.."

bad=0
# forbid CRATE NAME…: no normal dependency of CRATE, at any depth and with all features, may be one of NAME….
forbid() {
    local crate=$1 found name
    shift
    found=$(cargo tree --quiet --package "$crate" --edges normal --all-features --prefix none --format '{p}' | awk '{print $1}' | sort -u)
    for name in "$@"; do
        if grep -qx "$name" <<<"$found"; then
            echo "$crate must not depend on $name:" >&2
            cargo tree --quiet --package "$crate" --edges normal --all-features --invert "$name" >&2
            bad=1
        fi
    done
}

ours="schema-map cdc-logminer oracle-assessment oracle-source pg-sink oracle-standin examples benches"
others() { for name in $ours; do case " $* " in *" $name "*) ;; *) echo "$name" ;; esac; done; }

# shellcheck disable=SC2046
{
    forbid type-convert $(others) oracle tokio tokio-postgres
    forbid schema-map $(others schema-map) oracle tokio tokio-postgres
    forbid cdc-logminer $(others cdc-logminer schema-map) oracle tokio tokio-postgres
    forbid oracle-assessment $(others oracle-assessment schema-map) oracle tokio tokio-postgres
    forbid oracle-source $(others oracle-source schema-map cdc-logminer) tokio tokio-postgres
    forbid pg-sink $(others pg-sink schema-map cdc-logminer) oracle
    forbid oracle-standin $(others oracle-standin schema-map) oracle tokio tokio-postgres
}
[ "$bad" = 0 ] && echo "the arrows hold"
exit "$bad"
