"""Other products that stand between people and an engine, each installed in an environment of its own and started with
nothing on that it does not need for a streamed answer.

They come from the configured index by name and version, without hashes, into `$XDG_CACHE_HOME/atrium-bench` at first
use; `BENCH_PEERS` names a folder of environments that are there. They are strangers' programs: they get a home of their
own and nothing of this process's environment, where secrets may be.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from workspace.local.ports import free_port

MODEL = "fake"
START_SECONDS = 240
INSTALL_SECONDS = 1_800
PERSON = {"name": "Owner", "email": "owner@example.org", "password": "a long enough Pass phrase 1"}


class NotHere(RuntimeError):
    """It cannot be installed or started; the message says why in a line."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A product to compare with. `arguments` are those of `program` for an engine and a port."""

    name: str
    requirement: str
    program: str
    arguments: Callable[[Path, str, int], list[str]]
    environment: Callable[[Path, str], dict[str, str]]
    health: str
    path: str


@dataclass(frozen=True, slots=True)
class Running:
    """A started neighbour: where its streams are asked for, by whom, and its process."""

    name: str
    url: str
    key: str
    pid: int


def _openwebui_arguments(folder: Path, engine: str, port: int) -> list[str]:
    return ["serve", "--host", "127.0.0.1", "--port", str(port)]


def _openwebui_environment(folder: Path, engine: str) -> dict[str, str]:
    """No title, tags or follow-ups, no model of its own in memory, nothing asked of another host; keys allowed."""
    off = ["ENABLE_OLLAMA_API", "ENABLE_TITLE_GENERATION", "ENABLE_TAGS_GENERATION", "ENABLE_FOLLOW_UP_GENERATION"]
    off += ["ENABLE_VERSION_UPDATE_CHECK", "ANONYMIZED_TELEMETRY"]
    on = ["OFFLINE_MODE", "HF_HUB_OFFLINE", "ENABLE_API_KEYS", "ENABLE_API_KEY", "USER_PERMISSIONS_FEATURES_API_KEYS"]
    on += ["DO_NOT_TRACK", "SCARF_NO_ANALYTICS", "BYPASS_MODEL_ACCESS_CONTROL"]
    return {
        **dict.fromkeys(off, "False"),
        **dict.fromkeys(on, "True"),
        "DATA_DIR": str(folder),
        "WEBUI_SECRET_KEY": "bench",
        "OPENAI_API_BASE_URL": f"{engine}/v1",
        "OPENAI_API_KEY": "none",
        "RAG_EMBEDDING_ENGINE": "openai",
        "GLOBAL_LOG_LEVEL": "WARNING",
    }


def _litellm_arguments(folder: Path, engine: str, port: int) -> list[str]:
    model = {"model": f"openai/{MODEL}", "api_base": f"{engine}/v1", "api_key": "none"}
    settings = {
        "model_list": [{"model_name": MODEL, "litellm_params": model}],
        "general_settings": {"master_key": "sk-bench"},
        "litellm_settings": {"telemetry": False, "set_verbose": False},
    }
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return ["--config", str(folder / "config.yaml"), *address, "--num_workers", "1"]


def _litellm_environment(folder: Path, engine: str) -> dict[str, str]:
    return {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR"}


OPENWEBUI = Neighbour(
    name="openwebui",
    requirement="open-webui==0.12.4",
    program="open-webui",
    arguments=_openwebui_arguments,
    environment=_openwebui_environment,
    health="/health",
    path="/api/chat/completions",
)
LITELLM = Neighbour(
    name="litellm",
    requirement="litellm[proxy]==1.106.2",  # two releases of March 2026 stole credentials: read before raising this
    program="litellm",
    arguments=_litellm_arguments,
    environment=_litellm_environment,
    health="/health/liveliness",
    path="/v1/chat/completions",
)
NEIGHBOURS = (OPENWEBUI, LITELLM)


def program(neighbour: Neighbour) -> Path:
    """The neighbour's program, installed where it is not yet.

    Raises:
        NotHere: it cannot be had.
    """
    if given := os.environ.get("BENCH_PEERS"):
        found = Path(given) / neighbour.name / "bin" / neighbour.program
        if not found.exists():
            raise NotHere(f"{found} is not there")
        return found
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = caches / "atrium-bench" / neighbour.name
    stamp = place / "installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != neighbour.requirement:
        print(f"installing {neighbour.requirement} into {place}", file=sys.stderr)
        shutil.rmtree(place, ignore_errors=True)
        _install(neighbour.requirement, place)
        stamp.write_text(neighbour.requirement, encoding="utf-8")
    return place / "bin" / neighbour.program


def _install(requirement: str, place: Path) -> None:
    """Wheels only: nothing is built, so nothing of a package runs before the neighbour itself does."""
    python, uv = str(place / "bin" / "python"), Path(sys.executable).with_name("uv")
    wanted = ["install", "--quiet", "--only-binary", ":all:"]
    commands = [
        [sys.executable, "-m", "venv", str(place)],
        [python, "-m", "pip", *wanted, requirement],
    ]
    if uv.exists():
        commands = [
            [str(uv), "venv", "--quiet", "--python", sys.executable, str(place)],
            [str(uv), "pip", *wanted, "--python", python, requirement],
        ]
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.CalledProcessError as error:
            raise NotHere(f"{requirement} cannot be installed: {_last_line(error.stderr)}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotHere(f"{requirement} cannot be installed: {type(error).__name__}") from error


@contextmanager
def running(neighbour: Neighbour, engine: str) -> Iterator[Running]:
    """The neighbour in front of an engine that speaks in messages, with a key of its first person; gone at the end.

    Raises:
        NotHere: it did not start.
    """
    command = program(neighbour)
    with tempfile.TemporaryDirectory(prefix="atrium-bench-") as place:
        folder, port = Path(place), free_port()
        bare = {"PATH": os.environ["PATH"], "HOME": place, "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1"}
        with (folder / "output").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                [command, *neighbour.arguments(folder, engine, port)],
                cwd=folder,
                env=bare | neighbour.environment(folder, engine),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                try:
                    key = asyncio.run(_ready(neighbour, process, url))
                except (NotHere, TimeoutError, aiohttp.ClientError) as error:
                    said = _last_line((folder / "output").read_text(encoding="utf-8", errors="replace"))
                    raise NotHere(f"it did not start ({type(error).__name__}): {said}") from error
                yield Running(neighbour.name, url + neighbour.path, key, process.pid)
            finally:
                _end(process)


async def _ready(neighbour: Neighbour, process: "subprocess.Popen[bytes]", url: str) -> str:
    """Waits until it answers; a key to ask it with."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
        while not await _answers(session, url + neighbour.health):
            if process.poll() is not None:
                raise NotHere("it ended")
            await asyncio.sleep(0.1)
        if neighbour is not OPENWEBUI:
            return "sk-bench"
        signed = await session.post(f"{url}/api/v1/auths/signup", json=PERSON)
        token = {"Authorization": f"Bearer {(await signed.json())['token']}"}
        await session.get(f"{url}/api/models", headers=token)  # it knows a model from when it was first listed
        made = await session.post(f"{url}/api/v1/auths/api_key", headers=token)
        return str((await made.json())["api_key"])


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"
