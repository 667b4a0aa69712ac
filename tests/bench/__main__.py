"""`python -m tests.bench [--only=name,...]`: runs the measurements and prints their figures."""

import argparse
import json
import sys

from tests.bench import browser, crowds, exponents, growth, peers, streaming
from tests.bench.figures import Measurement

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
    wanted = [name for name in parser.parse_args().only.split(",") if name] or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    missed = False
    for name in wanted:
        for figure in MEASUREMENTS[name]():
            print(json.dumps(figure.line()), flush=True)
            missed |= not figure.ok
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
