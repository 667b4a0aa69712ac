"""The one-time link by which the first owner of a new workspace gets in."""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from workspace.local.launches import open_log
from workspace.local.plans import Plan

_SECONDS = 30.0


@dataclass(frozen=True)
class OwnerLink:
    """Made by a program of the product, since only that knows how; asked for only while there is no owner."""

    plan: Plan
    log: Path

    async def made(self) -> str | None:
        """The address. None when there is an owner, or no answer in time."""
        if self.plan.owner_link is None or await asyncio.to_thread(self._is_spent):
            return None
        launch = self.plan.owner_link.launch()
        output = open_log(self.log)
        options = {**launch.options(output), "stdout": asyncio.subprocess.PIPE, "stderr": output}
        process = await asyncio.create_subprocess_exec(*launch.arguments, **options)
        os.close(output)
        try:
            said = await self._said(process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0 or not said:
            return None
        return said if "://" in said else self.plan.url.rstrip("/") + said

    def _is_spent(self) -> bool:
        return self.plan.product is not None and self.plan.product.has_owner() is True

    async def _said(self, process: asyncio.subprocess.Process) -> str:
        with contextlib.suppress(TimeoutError):
            output, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
            return output.decode().strip()
        return ""
