"""When a process that serves is to end: Ctrl-C or SIGTERM, both of which are an orderly end."""

from __future__ import annotations

import asyncio
import signal


class Ending:
    """Make one inside the running loop, before anything is started; signals are remembered from then on."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, self._asked.set)

    async def asked(self) -> None:
        """Wait until a signal asks for the end."""
        await self._asked.wait()
