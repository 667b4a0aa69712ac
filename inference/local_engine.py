"""The engine of one machine: llama.cpp inside this process, on the loopback interface (`manage.py run engine`).

It must be a process of its own: it may take every core, and its threads do not survive a fork.
"""

import logging
import signal
import threading

import xllamacpp

from inference.conf import LocalEngineConf
from inference.gguf import read_model_file

logger = logging.getLogger(__name__)

_SLOTS = 4  # answers written at the same time; further requests wait inside the engine
_LONGEST_CONTEXT = 16_384  # tokens a slot; a longer one would take memory that a laptop does not have
_HTTP_THREADS = 64  # above any number of open requests: probes share these threads with them
_PROMPT_CACHE = 256  # MiB


def serve(conf: LocalEngineConf) -> None:
    """Serves one model file until SIGTERM or SIGINT.

    Raises:
        ModelFileError: the file cannot be used.
        RuntimeError: llama.cpp cannot load the model, or the port is taken.
    """
    file = read_model_file(conf.gguf)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    server = xllamacpp.Server(_parameters(conf, file.name, min(file.context_length, _LONGEST_CONTEXT)))
    logger.info("engine ready", extra={"model": file.name, "threads": conf.threads})
    stop.wait()
    del server  # ends it


def _parameters(conf: LocalEngineConf, model: str, context_length: int) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(conf.gguf)
    parameters.model_alias = {model}
    parameters.port = conf.port
    parameters.api_keys = [conf.key]
    parameters.n_parallel = _SLOTS
    parameters.n_ctx = _SLOTS * context_length
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = conf.threads
    parameters.n_threads_http = _HTTP_THREADS
    parameters.cache_ram_mib = _PROMPT_CACHE
    parameters.endpoint_props = True  # where the pool reads what this is
    parameters.endpoint_slots = False  # it shows prompts
    parameters.verbosity = 1  # errors only: what it says at higher levels can hold words of a conversation
    return parameters


def main() -> None:
    """`manage.py run engine`."""
    serve(LocalEngineConf.from_environment())
