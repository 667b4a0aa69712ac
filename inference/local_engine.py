"""The engine of one machine: llama.cpp inside this process, on the loopback interface (`manage.py run engine`).

It must be a process of its own: it may take every core, and its threads do not survive a fork. It loads neither Django
nor a token list of its own, for the test model is to fit beside everything else on a small machine.
"""

import logging.config
import signal
import socket
import sys
import threading

import xllamacpp

from inference.conf import LocalEngineConf
from inference.gguf import ModelFileError, read_model_file
from inference.machine import Fit, Machine, ModelTooLarge, fitted
from inference.remedies import CANNOT_SERVE, REMEDIES
from workspace.common import environment, logs

logger = logging.getLogger(__name__)

_HTTP_THREADS = 64  # above any number of open requests: probes share these threads with them
_PROMPT_CACHE = 256  # MiB
_LEAST_BATCH = 512  # tokens that wait to be computed


class PortTaken(Exception):
    """llama.cpp itself would only say that it cannot start."""


def _check_that_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        raise PortTaken(f"port {port} is taken by another program") from None


def serve(conf: LocalEngineConf) -> None:
    """Serves one model file until SIGTERM or SIGINT.

    Raises:
        ModelFileError: the file cannot be used.
        ModelTooLarge: this machine cannot hold it.
        PortTaken: another program listens there.
        RuntimeError: llama.cpp cannot load the model.
    """
    file = read_model_file(conf.gguf)
    name, fit = file.name, fitted(file, Machine.here())
    del file  # a long token list, which llama.cpp reads for itself
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if fit.is_tight:
        logger.warning("little memory is free for the model", extra={"needed": fit.needed})
    _check_that_free(conf.port)
    server = xllamacpp.Server(_parameters(conf, name, fit))
    logger.info(
        "engine ready",
        extra={"model": name, "threads": fit.threads, "context": fit.context_length, "slots": fit.slots},
    )
    stop.wait()
    del server  # ends it


def _parameters(conf: LocalEngineConf, model: str, fit: Fit) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(conf.gguf)
    parameters.model_alias = {model}
    parameters.port = conf.port
    parameters.api_keys = [conf.key]
    parameters.n_parallel = fit.slots
    parameters.n_ctx = fit.slots * fit.context_length
    # Layers that see a window keep more than it, so that what stood before need not be computed anew after a cut.
    parameters.swa_full = fit.is_exact
    parameters.n_batch, parameters.n_ubatch = max(4 * fit.batch, _LEAST_BATCH), fit.batch
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = fit.threads
    parameters.n_threads_http = _HTTP_THREADS
    # The test model computes its prompts sooner than a cache of them would be worth a third of its memory.
    parameters.cache_ram_mib = 0 if fit.is_exact else _PROMPT_CACHE
    parameters.endpoint_props = True  # where the pool reads what this is
    parameters.endpoint_slots = False  # it shows prompts
    parameters.verbosity = 1  # errors only: what it says at higher levels can hold words of a conversation
    return parameters


def main() -> None:
    """`manage.py run engine`. What keeps it from serving is the last line that it writes."""
    logging.config.dictConfig(logs.configuration("INFO"))
    try:
        conf = LocalEngineConf.from_environment()
    except environment.EnvironmentValueError as error:
        sys.exit(CANNOT_SERVE + str(error))
    try:
        serve(conf)
    except ModelFileError as error:
        sys.exit(f"{CANNOT_SERVE}{conf.gguf}: {error}. {REMEDIES[error.problem].remedy}")
    except ModelTooLarge as error:
        sys.exit(f"{CANNOT_SERVE}{error}. Take a smaller model, or let ENGINE_URL name an engine on a larger machine.")
    except PortTaken as error:
        sys.exit(f"{CANNOT_SERVE}{error}. Start Atrium again: it takes another one.")
    except RuntimeError:  # its own words stand above
        sys.exit(f"{CANNOT_SERVE}llama.cpp does not take the model file. Download it again, or take another one.")
