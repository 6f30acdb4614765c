"""HTTP over memory: requests are asked and answered, and what is none is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.link import http
from harness.link.http import HttpFailure, HttpReply, HttpRequest, answer, ask
from harness.link.memory import MemoryNetwork
from harness.link.transport import Transport
from harness.link.virtual import VirtualTimeLoop


def later(reply: Callable[[HttpRequest], HttpReply]) -> Callable[[HttpRequest], Awaitable[HttpReply]]:
    async def given(request: HttpRequest) -> HttpReply:
        return reply(request)

    return given


def served(reply: Callable[[HttpRequest], HttpReply], told: Callable[[MemoryNetwork, str], Awaitable[Any]]) -> Any:
    """What `told` makes of a server that answers by `reply`."""

    async def tell() -> Any:
        network = MemoryNetwork()

        async def accept(transport: Transport) -> None:
            await answer(transport, later(reply))

        listener = await network.listen(0, accept)
        return await told(network, f"http://{listener.address}")

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(tell())


def test_a_request_reaches_the_server_and_its_reply_the_client() -> None:
    heard: list[HttpRequest] = []

    def reply(request: HttpRequest) -> HttpReply:
        heard.append(request)
        return HttpReply(201, b"thanks")

    body = bytes(range(256)) * 400
    got = served(reply, lambda network, url: ask(network, "PUT", f"{url}/logs/one.txt?a=b", body))
    assert got == HttpReply(201, b"thanks")
    assert heard == [HttpRequest("PUT", "/logs/one.txt?a=b", body)]


def test_a_client_that_asks_first_whether_it_may_is_told_to_go_on() -> None:
    async def curl(network: MemoryNetwork, url: str) -> bytes:
        host, _, port = url.removeprefix("http://").rpartition(":")
        transport = await network.connect(http.Address(host.strip("[]"), int(port)))
        await transport.write(
            b"PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        told = await transport.read()
        await transport.write(b"3\r\nlog\r\n0\r\n\r\n")
        return told + await transport.read()

    got = served(lambda request: HttpReply(200, request.body), curl)
    assert got.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 200 " in got


def test_what_is_no_http_is_a_failure_and_no_hang() -> None:
    async def tell() -> None:
        network = MemoryNetwork()
        failures: list[Exception] = []

        async def accept(transport: Transport) -> None:
            try:
                await answer(transport, later(lambda _request: HttpReply(200)))
            except HttpFailure as failure:
                failures.append(failure)

        listener = await network.listen(0, accept)
        for octets in (b"\x16\x03\x01 hello", b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"):
            transport = await network.connect(listener.address)
            await transport.write(octets)
            await transport.close()
        await asyncio.sleep(1)
        assert len(failures) == 2

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(tell())


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(HttpFailure, match="no http"):
        asyncio.run(ask(MemoryNetwork(), "GET", "ftp://files/image"))
