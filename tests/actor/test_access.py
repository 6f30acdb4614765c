"""How the tester reaches an SECC, and what it can say of one that it does not reach."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import IPv6Address
from typing import Any

import pytest

from harness.actor.access import CONNECT_PATIENCE, SeccAccess, ask_all_nodes, shows_life
from harness.errors import BenchError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Closed, Connected, Refused, Silence
from harness.link.tap import CapturedDatagrams
from harness.link.tls import TlsProfile, tls_accept
from harness.link.trace import Timeline
from harness.link.transport import Address, Datagrams, Transport
from harness.pki.factory import make_pki
from harness.pki.recipe import ChainRecipe, Recipe
from harness.v2g.sdp import ALL_NODES, SERVER_PORT, SdpResponse, Security, encode
from tests.actor.ev import in_virtual_time
from tests.hostile import mute

HERE = IPv6Address("fe80::1")


class Bench:
    """One segment of memory with a timeline; what is made inside a running loop."""

    def __init__(self) -> None:
        self.network = MemoryNetwork()
        self.timeline, self.capture = Timeline(Clock()), Capture()

    def access(self, endpoint: Address | None = None, tls: TlsProfile | None = None) -> SeccAccess:
        return SeccAccess(self.network, endpoint, tls)

    async def open(self, access: SeccAccess) -> Any:
        return (await access.open(self.timeline, self.capture, 1)).seen.message

    async def answer_sdp(self, *answers: bytes) -> None:
        """An SDP server that gives these answers, one to each request; the empty one is none."""
        socket = await self.network.datagrams(SERVER_PORT, ALL_NODES)

        async def serve() -> None:
            for answer in answers:
                _, sender = await socket.receive()
                if answer:
                    await socket.send(answer, sender)

        self.serving = asyncio.get_running_loop().create_task(serve())


def on_a_bench(story: Callable[[Bench], Awaitable[Any]]) -> Any:
    async def play() -> Any:
        return await story(Bench())

    return in_virtual_time(play)


def announcing(port: int, security: Security = Security.NONE) -> bytes:
    return encode(SdpResponse(HERE, port, security))


def test_sdp_asks_again_until_somebody_answers_and_connects_there() -> None:
    async def story(bench: Bench) -> None:
        listener = await bench.network.listen(0, mute)
        await bench.answer_sdp(b"", b"", announcing(listener.address.port))
        opened = await bench.access().open(bench.timeline, bench.capture, 7)
        assert isinstance(opened.seen.message, Connected)
        assert opened.seen.connection == 7
        assert opened.transport is not None
        assert bench.timeline.trace.link("sdp").sent_by("evcc").messages[-1].at == 0.5
        await opened.transport.close()
        await listener.close()

    on_a_bench(story)


def test_where_nobody_answers_sdp_fifty_requests_are_enough() -> None:
    async def story(bench: Bench) -> None:
        seen = await bench.open(bench.access())
        assert seen == Refused("ff02::1", "sdp", "nobody answered the SDP requests")
        assert len(bench.timeline.trace.link("sdp").sent_by("evcc")) == 50
        assert isinstance(bench.timeline.trace.link("sdp")[-1].message, Silence)
        assert not shows_life(bench.timeline.trace, "secc")

    on_a_bench(story)


def test_an_endpoint_of_another_security_is_not_spoken_to() -> None:
    async def story(bench: Bench) -> None:
        await bench.answer_sdp(announcing(50000, Security.TLS))
        seen = await bench.open(bench.access())
        assert (seen.stage, "with TLS only" in seen.reason) == ("sdp", True)
        assert shows_life(bench.timeline.trace, "secc")  # it did answer

    on_a_bench(story)


def test_a_malformed_sdp_answer_is_a_sign_of_life_and_the_next_one_counts() -> None:
    async def story(bench: Bench) -> None:
        listener = await bench.network.listen(0, mute)
        await bench.answer_sdp(announcing(50000)[:-3], announcing(listener.address.port))
        seen = await bench.open(bench.access())
        assert isinstance(seen, Connected)
        assert [each.name for each in bench.timeline.trace.link("sdp").sent_by("secc")] == ["SdpFault", "SdpResponse"]
        await listener.close()

    on_a_bench(story)


def test_a_port_where_nobody_listens_refuses_and_shows_no_life() -> None:
    async def story(bench: Bench) -> None:
        seen = await bench.open(bench.access(Address("fe80::1", 50000)))
        assert (seen.stage, seen.endpoint) == ("tcp", "[fe80::1]:50000")
        assert not shows_life(bench.timeline.trace, "secc")
        assert await bench.access(Address("fe80::1", 50000)).knock(bench.timeline, bench.capture)

    on_a_bench(story)


def test_knocking_finds_whoever_listens_and_leaves_again() -> None:
    left = []

    async def device(transport: Transport) -> None:
        left.append(await transport.read())

    async def story(bench: Bench) -> None:
        listener = await bench.network.listen(0, device)
        assert await bench.access(listener.address, TlsProfile()).knock(bench.timeline, bench.capture) == ""
        await asyncio.sleep(1)
        assert left == [b""]
        await bench.answer_sdp(announcing(50000, Security.TLS))
        assert await bench.access(None).knock(bench.timeline, bench.capture) == ""
        await listener.close()

    on_a_bench(story)


def test_a_peer_that_takes_the_connection_and_no_handshake_is_given_up_after_a_while() -> None:
    async def story(bench: Bench) -> None:
        listener = await bench.network.listen(0, mute)
        seen = await bench.open(bench.access(listener.address, TlsProfile(accept_any_chain=True)))
        assert seen == Refused(str(listener.address), "tls", f"no answer within {CONNECT_PATIENCE:g} s")
        assert bench.timeline.clock.now() == CONNECT_PATIENCE
        assert shows_life(bench.timeline.trace, "secc")  # something listens there
        await listener.close()

    on_a_bench(story)


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_says_what_was_agreed_or_why_it_was_refused(trusted: bool) -> None:
    ours, theirs = (make_pki(Recipe((ChainRecipe("secc", "secc"),)), datetime.now(UTC)) for _ in range(2))
    own = theirs.chains["secc"]
    profile = TlsProfile(own.chain_pem, own.key_pem, require_client_certificate=False)

    async def device(transport: Transport) -> None:
        try:
            await mute(await tls_accept(transport, profile))
        except ConnectionError:
            return

    async def story(bench: Bench) -> None:
        listener = await bench.network.listen(0, device)
        roots = (theirs if trusted else ours).roots_pem()
        seen = await bench.open(bench.access(listener.address, TlsProfile(roots=roots)))
        if trusted:
            assert isinstance(seen, Connected)
            assert (seen.security, len(seen.peer_chain)) == ("TLSv1.3", 3)
        else:
            assert isinstance(seen, Refused)
            assert (seen.stage, "certificate verify failed" in seen.reason) == ("tls", True)
        assert bench.capture.segments
        await listener.close()

    on_a_bench(story)


def test_an_interface_that_takes_no_datagram_is_a_broken_bench() -> None:
    class Unplugged:
        local = Address("fe80::1%eth9", 50000)

        async def send(self, *_: Any) -> None:
            raise OSError(101, "Network is unreachable")

    async def story(bench: Bench) -> None:
        unplugged: Datagrams = Unplugged()  # type: ignore[assignment]
        socket = CapturedDatagrams(unplugged, bench.capture, bench.timeline.clock)
        with pytest.raises(BenchError, match="Network is unreachable; see whether the cable is plugged in"):
            await ask_all_nodes(socket, b"x")

    on_a_bench(story)


@pytest.mark.parametrize(
    ("message", "lives"),
    [
        (Silence(1.0), False),
        (Refused("x", "tcp", "refused"), False),
        (Refused("x", "sdp", "nobody"), False),
        (Refused("x", "tls", "alert"), True),
        (Closed("closed"), True),
        (Connected("x"), True),
        ("any message", True),
    ],
    ids=str,
)
def test_what_counts_as_a_sign_of_life(message: Any, lives: bool) -> None:
    async def story(bench: Bench) -> None:
        bench.timeline.observe("v2g", "evcc", "our own request")
        bench.timeline.observe("v2g", "secc", message)
        assert shows_life(bench.timeline.trace, "secc") is lives

    on_a_bench(story)
