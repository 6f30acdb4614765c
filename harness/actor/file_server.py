"""Where a station fetches firmware from and brings its logs to: a small HTTP server of the tester, on the station's network.

    image = stage.files.offer("firmware.bin", octets)      # a URL
    place = stage.files.place("diagnostics")                # a URL under which uploads are taken
    stage.files.uploads("diagnostics")                      # what came

Every request is an observation on the link ``files``, sent by the station. Replies leave `delay` s late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from harness.link.capture import Capture
from harness.link.http import HttpFailure, HttpReply, HttpRequest, answer
from harness.link.observation import Event, Refused
from harness.link.tap import captured
from harness.link.trace import Timeline
from harness.link.transport import Listener, Network, Transport

LINK = "files"
_EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """A file moved, or did not: `size` octets, taken or given; `status` is that of HTTP."""

    method: str
    path: str
    size: int
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.size} octets, status {self.status}"


class FileServer:
    """`start` it inside a running event loop. `reached_at` tells the host by which the station reaches the tester, for a
    listener that is on all addresses."""

    def __init__(
        self, network: Network, timeline: Timeline, capture: Capture, reached_at: Callable[[], str] = lambda: ""
    ) -> None:
        self._network, self._timeline, self._capture, self._reached_at = network, timeline, capture, reached_at
        self._files: dict[str, bytes] = {}
        self._places: dict[str, list[bytes]] = {}
        self.delay = 0.0
        self._listener: Listener | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._listener = await self._network.listen(0, self._serve)

    async def stop(self) -> None:
        """Listen no longer."""
        if self._listener is not None:
            await self._listener.close()

    def offer(self, name: str, octets: bytes) -> str:
        """The URL under which a file can be fetched from now on."""
        self._files[f"/{name}"] = octets
        return self.url(name)

    def place(self, name: str) -> str:
        """The URL under which files are taken by PUT or POST, whatever name a station adds to it."""
        self._places.setdefault(f"/{name}", [])
        return self.url(name)

    def uploads(self, name: str) -> list[bytes]:
        """What was brought to a place, in the order in which it came."""
        return self._places[f"/{name}"]

    def url(self, name: str) -> str:
        """Where something of that name is, or would be."""
        assert self._listener is not None, "the file server is not started"
        address = self._listener.address
        if address.host in _EVERYWHERE and self._reached_at():
            address = address._replace(host=self._reached_at())
        return f"http://{str(address).replace('%', '%25')}/{name}"

    async def _serve(self, transport: Transport) -> None:
        transport = captured(transport, self._capture, self._timeline.clock)
        try:
            await answer(transport, self._reply)
        except HttpFailure as failure:
            self._timeline.observe(LINK, "station", Refused(str(transport.remote), "http", str(failure)))
        except ConnectionError as torn:
            self._timeline.observe(LINK, "station", Refused(str(transport.remote), "tcp", str(torn)))

    async def _reply(self, request: HttpRequest) -> HttpReply:
        await asyncio.sleep(self.delay)
        path = unquote(urlsplit(request.path).path)
        reply = self._given(path) if request.method in ("GET", "HEAD") else self._taken(request, path)
        size = len(reply.body) or len(request.body)
        self._timeline.observe(LINK, "station", Moved(request.method, path, size, reply.status))
        return reply

    def _given(self, path: str) -> HttpReply:
        return HttpReply(200, self._files[path]) if path in self._files else HttpReply(404)

    def _taken(self, request: HttpRequest, path: str) -> HttpReply:
        place = next((each for each in self._places if path == each or path.startswith(f"{each}/")), None)
        if request.method not in ("PUT", "POST"):
            return HttpReply(405)
        if place is None:
            return HttpReply(403)
        self._places[place].append(request.body)
        return HttpReply(201)
