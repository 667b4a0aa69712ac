"""`make bench [ONLY=name,...]`: runs the measurements, prints their figures and writes them under var/bench/."""

import argparse
import json
import sys

from tests.bench import browser, crowds, exponents, growth, streaming
from tests.bench.figures import Measurement
from tests.bench.runs import Run

MEASUREMENTS: dict[str, Measurement] = {
    "streaming": streaming.run,
    "browser": browser.run,
    "crowds": crowds.run,
    "growth": growth.run,
    "exponents": exponents.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="comma-separated names")
    wanted = [name for name in parser.parse_args().only.split(",") if name] or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    run = Run.begin()
    for name in wanted:
        for figure in MEASUREMENTS[name]():
            print(json.dumps(run.note(name, figure)), flush=True)
    return int(any(not line["ok"] for line in run.lines()))


if __name__ == "__main__":
    sys.exit(main())
