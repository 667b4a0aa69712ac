"""`make bench [ONLY=name,...]`: measurements beside their baselines, each in one run; one JSON line a figure."""

import argparse
import os
import sys

from tests.bench import streaming

BENCHES = {"streaming": streaming.run}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"comma list of: {', '.join(BENCHES)}")
    chosen = [name for name in parser.parse_args().only.split(",") if name] or list(BENCHES)
    if unknown := set(chosen) - set(BENCHES):
        sys.exit(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}")
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for name in chosen:
        for figure in BENCHES[name]():
            print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
