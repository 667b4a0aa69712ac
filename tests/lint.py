"""What `make lint` runs: every check, to the end, and then what failed."""

import subprocess
import sys
import time

CHECKS = {
    "ruff check": ["-m", "ruff", "check", "--quiet", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "mypy": ["-m", "mypy", "--no-error-summary"],
    "import-linter": [
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
        "--no-logo",
    ],
    "deptry": ["-m", "deptry", "."],
    "messages": ["-m", "tests.messages", "--check"],
}


def passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    sys.stdout.write(f"{name:<14} {verdict}  {time.monotonic() - began:.1f} s\n")
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    sys.stdout.flush()
    return done.returncode == 0


if __name__ == "__main__":
    results = [passes(name, command) for name, command in CHECKS.items()]
    sys.exit(0 if all(results) else 1)
