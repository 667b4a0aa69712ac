"""The measurement itself, with stand-ins for what it installs and starts."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import aiohttp
import psutil
import pytest

from tests.bench import neighbours, peers
from tests.bench.neighbours import LITELLM, NotHere, Running
from tests.bench.peers import OURS, RAW, STREAMS, TWIN, Chat, Raw, Rounds
from tests.fakes.engines import engine_process

ANSWERS = """#!{python}
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(open(sys.argv[sys.argv.index("--config") + 1], "rb").read())
        self.wfile.write(" ".join(os.environ).encode())

HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""
ENDS = """#!{python}
raise SystemExit("no such model")
"""


def litellm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name that is there already."""
    program = folder / "litellm" / "bin" / "litellm"
    program.parent.mkdir(parents=True)
    program.write_text(script.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("BENCH_PEERS", str(folder))


def test_a_neighbour_is_started_for_an_engine_without_our_secrets_and_is_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm(tmp_path, ANSWERS, monkeypatch)
    monkeypatch.setenv("CLOUD_SECRET", "any")

    with neighbours.running(LITELLM, "http://127.0.0.1:9") as there:
        address = there.url.removesuffix(LITELLM.path)
        said = urlopen(address, timeout=5).read()  # noqa: S310
        assert b"http://127.0.0.1:9/v1" in said
        assert b"NO_PROXY" in said
        assert b"CLOUD_SECRET" not in said

    assert not psutil.pid_exists(there.pid)
    with pytest.raises(URLError):
        urlopen(address, timeout=5)  # noqa: S310


def test_a_neighbour_that_does_not_start_says_its_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    litellm(tmp_path, ENDS, monkeypatch)

    with pytest.raises(NotHere, match="no such model"), neighbours.running(LITELLM, "http://127.0.0.1:9"):
        pass


def test_a_neighbour_that_cannot_be_installed_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_PEERS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nowhere = f"litellm @ {(tmp_path / 'litellm-1-py3-none-any.whl').as_uri()}"

    with pytest.raises(NotHere, match=r"^litellm @ \S+ cannot be installed: "):
        neighbours.program(replace(LITELLM, requirement=nowhere))

    assert not list(tmp_path.rglob("installed"))


def test_those_that_are_not_here_are_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCH_PEERS", str(tmp_path))

    with ExitStack() as stack:
        assert not list(peers.started(stack, "http://127.0.0.1:9"))

    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[:2] for line in said] == [["not run", "openwebui"], ["not run", "litellm"]]


async def test_both_engines_are_heard_whole_and_cost_something() -> None:
    options = ("--rate", "1000", "--tokens", "30", "--analysis", "0")
    with engine_process("--kind", "vllm", *options) as raw, engine_process("--kind", "chat", *options) as twin:
        async with aiohttp.ClientSession() as session:
            place = Running(TWIN, f"{twin.url}/v1/chat/completions", "none", twin.pid)
            found = await peers.measure([Raw(raw, session), Chat(TWIN, TWIN, twin, session, place)], rounds=1)

    assert found[TWIN].whole == STREAMS
    for rounds in found.values():
        assert min(rounds.first[1] + rounds.first[STREAMS] + rounds.rate + rounds.spent) > 0
        assert rounds.idle > 0 < rounds.after


def rounds(first: float, spent: float) -> Rounds:
    """Three rounds about these values."""
    firsts = [first - 1, first, first + 5]
    return Rounds({1: firsts, STREAMS: firsts}, [50.0, 50.0, 49.0], [spent] * 3, 3 * STREAMS, 100.0, 200.0)


def test_each_product_stands_beside_its_own_engine_and_ours_beside_each() -> None:
    found = {RAW: rounds(80, 20), TWIN: rounds(90, 20), "litellm": rounds(190, 900), OURS: rounds(130, 300)}

    lines = {figure.name: figure.line() for figure in peers.figures(found)}

    assert (lines["first_token_50_litellm"]["value"], lines["first_token_50_litellm"]["baseline"]) == (190, 90)
    assert lines["first_token_over_direct_50_litellm"]["value"] == 100
    assert lines["first_token_over_direct_50_atrium"]["value"] == 50
    assert lines["atrium_over_litellm_first_token_over_direct_50"]["ratio"] == 0.5
    assert lines["atrium_over_litellm_processor_time_per_token"]["ratio"] == pytest.approx(1 / 3, abs=1e-4)
    assert (lines["token_rate_50_litellm"]["lowest"], lines["token_rate_50_litellm"]["highest"]) == (49, 50)
    assert not [name for name in lines if "openwebui" in name]
