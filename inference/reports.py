"""Tells the pages what the pool sees: a row for each engine, whenever it changes and every few seconds."""

import asyncio
import logging
from functools import partial

from django.db import InterfaceError, OperationalError

from inference import actions
from inference.contracts import EngineStatus
from inference.pool import Pool
from workspace.common.work import outside

logger = logging.getLogger(__name__)

_EVERY = 10.0  # seconds; well within `contracts.GONE_AFTER`
_PAUSE = 1.0  # seconds until the next attempt at a database that is away


async def report_for_ever(pool: Pool) -> None:
    """Until cancelled."""
    told: tuple[EngineStatus, ...] | None = None
    while True:
        statuses = await pool.news(told, _EVERY)
        try:
            await outside(partial(actions.record, statuses, anew=told is None))
        except (OperationalError, InterfaceError):
            logger.warning("the engines could not be reported")
            await asyncio.sleep(_PAUSE)
            continue
        told = statuses
