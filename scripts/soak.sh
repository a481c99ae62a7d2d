#!/usr/bin/env bash
# soak.sh: the long form of the tests, run by `make soak`, which brings a PostgreSQL. It takes hours, and prints what it ran.
#
#   PROPTEST_CASES   cases of each property test (default 100000)
#   REDO_ROWS        random rows written as LogMiner's statements and read again (default 10000000), from REDO_SEED (default 1)
#   CRASH_MOMENTS    moments at which a run is killed (default 120)
#   REDO_LARGE_ROWS  rows of the transaction that must not take more than 64 MiB while it is open (default 10000000)
#   CRASH_RUNS       runs of the crash matrix: the process or PostgreSQL killed at each step (default 500); CRASH_SEED chooses others
#   LOB_MIB          MiB of the LOBs that a load must not hold in memory (default 900; PostgreSQL takes several times as much)
#   FUZZ_SECONDS     seconds for each fuzz target (default 600; 0 leaves fuzzing out)
#
# Geometries are compared where the server has PostGIS (Debian: postgresql-15-postgis-3); the tests say NOT RUN where it has not.
set -euo pipefail
cd "$(dirname "$0")/.."
export PROPTEST_CASES=${PROPTEST_CASES:-100000} REDO_ROWS=${REDO_ROWS:-10000000} CRASH_MOMENTS=${CRASH_MOMENTS:-120} PG_SINK_TEST_LOB_MIB=${LOB_MIB:-900}
export REDO_LARGE_ROWS=${REDO_LARGE_ROWS:-10000000} CRASH_RUNS=${CRASH_RUNS:-500}
seconds=${FUZZ_SECONDS:-600}
ran=()

cargo test --workspace --features examples/failpoints --release
ran+=("every test in release, $PROPTEST_CASES cases of each property and each pair of types, $CRASH_MOMENTS crash moments, $CRASH_RUNS runs of the crash matrix, $REDO_ROWS rows of redo, a transaction of $REDO_LARGE_ROWS rows, LOBs of $PG_SINK_TEST_LOB_MIB MiB")

if [ "$seconds" -gt 0 ]; then
    command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
    for folder in */fuzz; do
        crate=${folder%/fuzz}
        for target in "$folder"/fuzz_targets/*.rs; do
            name=$(basename "$target" .rs)
            log=$(mktemp)
            # Coverage instrumentation is unstable in the compiler; no sanitizer is needed where there is no unsafe code.
            (cd "$crate" && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none "$name" -- -max_total_time="$seconds" -print_final_stats=1) 2>&1 | tee "$log"
            ran+=("fuzz $crate/$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s")
            rm -f "$log"
        done
    done
fi

printf '\nsoak ran:\n'
printf '  %s\n' "${ran[@]}"
