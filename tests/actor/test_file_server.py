"""The tester's file server and the reference station's transfers, joined by memory."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.actor.file_server import FileServer, Moved
from harness.actor.file_transfer import over_http
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Refused
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp.station.transfers import Job


def told(what: Callable[[FileServer, MemoryNetwork], Awaitable[Any]]) -> tuple[Any, Timeline]:
    async def tell() -> tuple[Any, Timeline]:
        network, timeline = MemoryNetwork(), Timeline(Clock())
        server = FileServer(network, timeline, Capture())
        await server.start()
        result = await what(server, network)
        await server.stop()
        return result, timeline

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(tell())


def test_firmware_is_fetched_and_seen_to_be() -> None:
    async def fetch(server: FileServer, network: MemoryNetwork) -> bytes | None:
        return await over_http(network)(Job(1, "download", server.offer("image.bin", b"image")))

    octets, timeline = told(fetch)
    assert octets == b"image"
    assert [seen.message for seen in timeline.trace] == [Moved("GET", "/image.bin", 5, 200)]


def test_a_log_is_taken_at_its_place_under_any_name() -> None:
    async def bring(server: FileServer, network: MemoryNetwork) -> list[bytes]:
        place = server.place("logs")
        assert await over_http(network)(Job(1, "upload", f"{place}/today.txt", b"one line")) == b""
        return server.uploads("logs")

    taken, _ = told(bring)
    assert taken == [b"one line"]


def test_what_is_not_there_cannot_be_moved() -> None:
    async def fail(server: FileServer, network: MemoryNetwork) -> list[bytes | None]:
        move = over_http(network)
        jobs = (Job(1, "download", server.url("none")), Job(2, "upload", server.url("none"), b"log"))
        others = (Job(3, "download", "ftp://files/image"), Job(4, "download", "http://nobody:1/image"))
        return [await move(job) for job in (*jobs, *others)]

    moved, timeline = told(fail)
    assert moved == [None] * 4
    assert [seen.message.status for seen in timeline.trace.of(Moved)] == [404, 403]


def test_a_visitor_without_http_is_an_observation() -> None:
    async def knock(server: FileServer, network: MemoryNetwork) -> None:
        listener = server._listener
        assert listener is not None
        transport = await network.connect(listener.address)
        await transport.write(b"HELO\r\n\r\n")
        await asyncio.sleep(1)

    _, timeline = told(knock)
    assert [seen.message.stage for seen in timeline.trace.of(Refused)] == ["http"]
