"""Real sockets: on loopback here, on a link-local interface in test_sdp_on_a_cable.py."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from harness.errors import BenchError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.sockets import DYNAMIC_PORTS, SocketNetwork, link_local, loopback
from harness.link.tap import abort, captured, captured_datagrams
from harness.link.transport import Address, Transport


def run(body: Coroutine[Any, Any, None]) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(10):
            await body

    asyncio.run(in_time())


async def joined(use: Callable[[Transport, Transport], Awaitable[None]], host: str | None = None) -> None:
    """Connect two ends over loopback, use them, close everything."""
    network = SocketNetwork(host=host)
    accepted: asyncio.Queue[Transport] = asyncio.Queue()
    listener = await network.listen(0, accepted.put)
    near = await network.connect(listener.address)
    far = await accepted.get()
    try:
        await use(near, far)
    finally:
        await near.close()
        await far.close()
        await listener.close()


@pytest.mark.parametrize("host", ["127.0.0.1", None])
def test_both_ends_read_what_the_other_wrote_and_agree_on_addresses(host: str | None) -> None:
    async def talk(near: Transport, far: Transport) -> None:
        await near.write(b"request")
        assert await far.read() == b"request"
        await far.write(b"response")
        assert await near.read() == b"response"
        assert (near.local, near.remote) == (far.remote, far.local)
        assert near.local.host == (host or loopback())
        assert near.local.port in DYNAMIC_PORTS and far.local.port in DYNAMIC_PORTS

    run(joined(talk, host))


def test_closing_ends_the_stream_of_the_peer_in_order() -> None:
    async def talk(near: Transport, far: Transport) -> None:
        await near.write(b"last words")
        await near.close()
        assert await far.read() == b"last words"
        assert await far.read() == b""
        with pytest.raises(ConnectionError):
            await near.write(b"too late")

    run(joined(talk))


def test_aborting_tears_the_connection_of_the_peer() -> None:
    async def talk(near: Transport, far: Transport) -> None:
        await abort(near)
        with pytest.raises(ConnectionResetError):
            await far.read()
        with pytest.raises(ConnectionError):
            await far.write(b"into the void")

    run(joined(talk))


def test_the_last_words_of_a_peer_are_read_although_a_write_failed_before() -> None:
    async def talk(near: Transport, far: Transport) -> None:
        await near.write(b"never read")
        await far.write(b"alert")
        await far.close()  # answers with a reset, for there are unread octets
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                await near.write(b"more")
        assert await near.read() == b"alert"

    run(joined(talk))


def test_closing_wakes_a_pending_read() -> None:
    async def talk(near: Transport, _far: Transport) -> None:
        reading = asyncio.create_task(near.read())
        await asyncio.sleep(0)
        await near.close()
        assert await reading == b""

    run(joined(talk))


def test_closing_wakes_a_write_that_the_peer_does_not_take() -> None:
    async def talk(near: Transport, _far: Transport) -> None:
        writing = asyncio.create_task(near.write(bytes(2**26)))
        await asyncio.sleep(0)
        await near.close()
        with pytest.raises(ConnectionError):
            await writing

    run(joined(talk))


def test_connecting_where_nobody_listens_is_refused() -> None:
    async def body() -> None:
        network = SocketNetwork()
        listener = await network.listen(0, lambda transport: transport.close())
        await listener.close()
        with pytest.raises(ConnectionRefusedError):
            await network.connect(listener.address)

    run(body())


def test_a_host_name_is_resolved_and_each_of_its_addresses_tried() -> None:
    async def body() -> None:
        network = SocketNetwork(host="127.0.0.1")
        listener = await network.listen(0, lambda transport: transport.close())
        near = await network.connect(Address("localhost", listener.address.port))
        assert await near.read() == b""
        await near.close()
        await listener.close()

    run(body())


def test_a_taken_port_is_an_os_error_that_names_it() -> None:
    async def body() -> None:
        network = SocketNetwork()
        listener = await network.listen(0, lambda transport: transport.close())
        with pytest.raises(OSError, match=f"port {listener.address.port} .* taken"):
            await network.listen(listener.address.port, lambda transport: transport.close())
        await listener.close()

    run(body())


def test_who_ended_a_conversation_may_listen_on_its_port_again() -> None:
    async def body() -> None:
        network = SocketNetwork()
        accepted: asyncio.Queue[Transport] = asyncio.Queue()
        first = await network.listen(0, accepted.put)
        near = await network.connect(first.address)
        await (await accepted.get()).close()  # the side that ends it first keeps the port busy for a while
        assert await near.read() == b""
        await near.close()
        await first.close()
        second = await network.listen(first.address.port, accepted.put)
        assert second.address == first.address
        await second.close()

    run(body())


def test_closing_a_listener_ends_the_conversations_it_is_busy_with() -> None:
    async def body() -> None:
        async def never_done(transport: Transport) -> None:
            while await transport.read():
                pass

        network = SocketNetwork()
        listener = await network.listen(0, never_done)
        near = await network.connect(listener.address)
        await near.write(b"hello")
        await asyncio.sleep(0)
        await listener.close()
        with suppress(ConnectionResetError):  # a reset is an end too
            assert await near.read() == b""
        await near.close()

    run(body())


def test_datagrams_reach_the_address_they_are_sent_to() -> None:
    async def body() -> None:
        network = SocketNetwork()
        one, other = await network.datagrams(), await network.datagrams()
        assert one.local.port in DYNAMIC_PORTS
        await one.send(b"question", other.local)
        assert await other.receive() == (b"question", one.local)
        await other.send(b"answer", one.local)
        assert await one.receive() == (b"answer", other.local)
        await one.close()
        await other.close()

    run(body())


def test_a_group_without_an_interface_is_a_bench_error_with_a_remedy() -> None:
    async def body() -> None:
        with pytest.raises(BenchError, match="Name the interface"):
            await SocketNetwork().datagrams(15118, "ff02::1")

    run(body())


def test_a_missing_interface_is_named_with_those_that_exist() -> None:
    with pytest.raises(BenchError, match=r"Interface eth77 does not exist; this machine has .*lo"):
        SocketNetwork("eth77")


def test_an_interface_that_is_down_is_a_bench_error_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=False)})
    with pytest.raises(BenchError, match="ip link set eth0 up"):
        link_local("eth0")


def test_an_interface_without_link_local_address_is_a_bench_error_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    global_only = SimpleNamespace(family=socket.AF_INET6, address="2001:db8::1")
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=True)})
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [global_only]})
    with pytest.raises(BenchError, match=r"disable_ipv6=0"):
        link_local("eth0")


def test_the_zone_is_part_of_a_link_local_address(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [SimpleNamespace(family=socket.AF_INET6, address=a) for a in ("2001:db8::1", "fe80::1%eth0")]
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=True)})
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": entries})
    assert link_local("eth0") == "fe80::1%eth0"


def test_a_tap_records_both_directions_of_a_connection_as_one_flow() -> None:
    async def talk(near: Transport, far: Transport) -> None:
        capture = Capture()
        tapped = captured(near, capture, Clock())
        await tapped.write(b"request")
        await far.read()
        await far.write(b"response")
        await tapped.read()
        assert [(s.outbound, s.octets) for s in capture.segments] == [(True, b"request"), (False, b"response")]
        assert {s.flow for s in capture.segments} == {capture.segments[0].flow}
        assert capture.segments[0].flow.remote == far.local
        await abort(tapped)
        with pytest.raises(ConnectionResetError):
            await far.read()

    run(joined(talk))


def test_a_tap_on_datagrams_records_one_flow_for_each_address() -> None:
    async def body() -> None:
        network, capture = SocketNetwork(), Capture()
        one, other = captured_datagrams(await network.datagrams(), capture, Clock()), await network.datagrams()
        await one.send(b"question", other.local)
        await other.receive()
        await other.send(b"answer", one.local)
        assert await one.receive() == (b"answer", other.local)
        assert [(s.flow.number, s.flow.kind, s.outbound) for s in capture.segments] == [
            (1, "udp", True),
            (1, "udp", False),
        ]
        await one.close()
        await other.close()

    run(body())
