"""`make bench [ONLY=name,...] [KEEP=1]`: runs the measurements, prints their figures and writes them, with a report,
under var/bench/.
"""

import argparse
import json
import sys

from tests.__main__ import machine
from tests.bench import browser, crowds, exponents, growth, history, peers, report, streaming
from tests.bench.figures import Measurement
from tests.bench.runs import Run

MEASUREMENTS: dict[str, Measurement] = {
    "streaming": streaming.run,
    "browser": browser.run,
    "crowds": crowds.run,
    "growth": growth.run,
    "exponents": exponents.run,
    "peers": peers.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="comma-separated names")
    parser.add_argument("--keep", action="store_true", help=f"add the run's ratios to {history.HISTORY}")
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name] or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    run = Run.begin()
    with machine():
        for name in wanted:
            for figure in MEASUREMENTS[name]():
                print(json.dumps(run.note(name, figure)), flush=True)
            print(f"report: {report.write(run)}", file=sys.stderr)
    if given.keep:
        history.keep(run.lines())
    return int(any(not line["ok"] for line in run.lines()))


if __name__ == "__main__":
    sys.exit(main())
