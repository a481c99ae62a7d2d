"""Our writer beside ADBC, psycopg and asyncpg: the same rows into the same table, round by round.

Usage: peers.py LOAD_ORDERS, with DATABASE_URL; PEERS_ROWS (200 000) and PEERS_ROUNDS (7) change the size. Prints lines of JSON as
the benches in Rust do: rows a CPU second of the client, rows a second of wall time, and the median ratio to each peer.

The peers' values are ready before: Python's own for psycopg and asyncpg, an Arrow table for ADBC. Ours start from the forms
in which ODPI-C hands them over. Connections are open before; the end of the transaction counts.
"""

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal

import adbc_driver_postgresql.dbapi
import asyncpg
import psycopg
import pyarrow

URL = os.environ["DATABASE_URL"]
ROWS = int(os.environ.get("PEERS_ROWS", 200_000)) // 1000 * 1000
ROUNDS = int(os.environ.get("PEERS_ROUNDS", 7))
TYPES = ["int8"] + ["numeric"] * 3 + ["timestamp"] * 2 + ["text"] * 3 + ["timestamp", "text", "float8"]
COLUMNS = "id amount tax paid created changed customer address item due note weight".split()
ARROW = {
    "int8": pyarrow.int64(),
    "numeric": pyarrow.decimal128(12, 2),
    "timestamp": pyarrow.timestamp("us"),
    "text": pyarrow.string(),
    "float8": pyarrow.float64(),
}
OF_JSON = {"numeric": Decimal, "timestamp": datetime.fromisoformat}


def timed(load):
    """The seconds of wall time and of this process's CPU time that `load` takes."""

    def run():
        wall, cpu = time.perf_counter(), time.process_time()
        load()
        return time.perf_counter() - wall, time.process_time() - cpu

    return run


def ours(program):
    def run():
        output = subprocess.run([program, "load", str(ROWS)], check=True, capture_output=True, text=True).stdout
        took = json.loads(output)
        return took["wall"], took["cpu"]

    return run


def adbc(rows):
    schema = pyarrow.schema([(name, ARROW[ty]) for name, ty in zip(COLUMNS, TYPES)])
    columns = [pyarrow.array(values, type=field.type) for values, field in zip(zip(*rows), schema)]
    thousand = pyarrow.Table.from_arrays(columns, schema=schema)
    table = pyarrow.concat_tables([thousand] * (ROWS // len(rows))).combine_chunks()
    connection = adbc_driver_postgresql.dbapi.connect(URL)

    def load():
        with connection.cursor() as cursor:
            cursor.adbc_ingest("bench_orders", table, mode="append")
        connection.commit()

    return timed(load)


def psycopg3(rows):
    connection = psycopg.connect(URL)

    def load():
        with connection.cursor() as cursor, cursor.copy("COPY bench_orders FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(TYPES)
            for row in again_and_again(rows):
                copy.write_row(row)
        connection.commit()

    return timed(load)


def asyncpg_records(rows):
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(URL))
    return timed(
        lambda: loop.run_until_complete(
            connection.copy_records_to_table("bench_orders", records=again_and_again(rows))
        )
    )


def again_and_again(rows):
    return itertools.chain.from_iterable(itertools.repeat(rows, ROWS // len(rows)))


def digest(connection):
    return connection.execute("SELECT count(*), sum(hashtextextended(o::text, 0)) FROM bench_orders o").fetchone()


def main(program):
    orders = json.loads(subprocess.run([program, "rows"], check=True, capture_output=True, text=True).stdout)
    rows = [
        tuple(value if value is None else OF_JSON.get(ty, lambda v: v)(value) for value, ty in zip(row, TYPES))
        for row in orders["rows"]
    ]
    contenders = {
        "python/ours": ours(program),
        "python/adbc_ingest": adbc(rows),
        "python/psycopg3_copy_binary": psycopg3(rows),
        "python/asyncpg_copy_records": asyncpg_records(rows),
    }
    admin = psycopg.connect(URL, autocommit=True)
    admin.execute("DROP TABLE IF EXISTS bench_orders")
    admin.execute(f"CREATE UNLOGGED TABLE bench_orders {orders['table']}")
    samples = {measure: [] for measure in contenders}
    digests = {}
    for round_ in range(ROUNDS + 1):
        for measure in list(contenders)[:: -1 if round_ % 2 else 1]:
            admin.execute("TRUNCATE bench_orders")
            admin.execute("CHECKPOINT")
            took = contenders[measure]()
            if round_ == 0:  # warms up
                digests[measure] = digest(admin)
            else:
                samples[measure].append(took)
    admin.execute("DROP TABLE bench_orders")
    if len(set(digests.values())) != 1:
        sys.exit(f"not the same rows: {digests}")

    for measure, own in samples.items():
        peers = [peer for peer in samples if peer != measure] if measure == "python/ours" else []
        for clock, suffix, unit in [(1, "", "row/cpu-s"), (0, "/wall", "row/s")]:
            ratios = {
                peer: round(statistics.median(p[clock] / o[clock] for p, o in zip(samples[peer], own)), 2)
                for peer in peers
            }
            line = {
                "measure": measure + suffix,
                "value": round(ROWS / statistics.median(o[clock] for o in own)),
                "best": round(ROWS / min(o[clock] for o in own)),
                "unit": unit,
                "peer": peers[0] if peers else None,
                "ratio": ratios[peers[0]] if peers else None,
            }
            print(json.dumps(line | ({"ratios": ratios} if ratios else {})), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
