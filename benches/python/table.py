"""Makes a table of README.md out of what the benches print: `make bench | python3 benches/python/table.py [wall] PREFIX…`.

A row for each measure whose name begins with a PREFIX: best and median of the rounds by CPU time, or with `wall` by wall time, and
how many times as fast as each peer it is.
"""

import json
import sys


def shown(value, unit):
    return f"{value:.1f} ns" if unit.startswith("ns/") else f"{value / 1e6:.2f} M"


def main(arguments):
    suffix = "/wall" if arguments[:1] == ["wall"] else ""
    prefixes = tuple(arguments[1:] if suffix else arguments) or ""
    print("| measure | best | median | times as fast as |\n|---|---|---|---|")
    for line in map(json.loads, filter(lambda line: line.startswith('{"'), sys.stdin)):
        measure = line["measure"]
        if measure.endswith("/wall") != bool(suffix) or not measure.startswith(prefixes):
            continue
        measure = measure.removesuffix("/wall")
        ratios = line.get("ratios") or ({line["peer"]: line["ratio"]} if line["peer"] else {})
        peers = ", ".join(f"`{peer.split('/', 1)[1]}` **{ratio:.2f}**" for peer, ratio in ratios.items())
        unit = line["unit"]
        best = shown(line["best"], unit) if "best" in line else ""
        print(f"| `{measure}` | {best} | {shown(line['value'], unit)} | {peers} |")


if __name__ == "__main__":
    main(sys.argv[1:])
