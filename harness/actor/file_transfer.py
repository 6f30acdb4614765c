"""How the reference station moves files: firmware by GET, logs by PUT, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.link.http import ask
from harness.link.transport import Network
from harness.ocpp.station.transfers import Job

PATIENCE = 60.0
"""Seconds that a file may take."""

Transfer = Callable[[Job], Awaitable[bytes | None]]
"""Moves a file for the station: what it fetched, b"" for what it brought, None when that failed."""


def over_http(network: Network) -> Transfer:
    """The transfers of a station on that network; every other kind of URL fails."""

    async def move(job: Job) -> bytes | None:
        method = "GET" if job.kind == "download" else "PUT"
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await ask(network, method, job.location, job.content)
        except (OSError, TimeoutError, ValueError):  # a URL that cannot be read is a ValueError
            return None
        if not 200 <= reply.status < 300:
            return None
        return reply.body if job.kind == "download" else b""

    return move
