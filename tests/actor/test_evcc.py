"""The tester as an EV: goes as far as the SECC goes along, and blames nobody too early."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.actor.access import SeccAccess
from harness.actor.evcc import Evcc
from harness.actor.inlet import Inlet
from harness.errors import Inconclusive, NoConnection
from harness.grid.cable import DcCable
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Closed, Connected, Observation, Refused, Silence, Undecodable
from harness.link.trace import Timeline
from harness.link.transport import Address
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import supportedAppProtocolReq, supportedAppProtocolRes
from harness.v2g.timers import TRANSMISSION_MARGIN
from tests.actor.ev import in_virtual_time
from tests.hostile import DEVICES, Device, answering, hollow

NOBODY = Address("fe80::1", 50000)


class Bench:
    """An EV on a segment of memory, perhaps with a device on it."""

    def __init__(self) -> None:
        self.network, self.timeline = MemoryNetwork(), Timeline(Clock())
        self.address = NOBODY

    async def plug(self, device: Device) -> None:
        self.address = (await self.network.listen(0, device)).address

    def ev(self, **more: Any) -> Evcc:
        inlet = Inlet(DcCable(), self.timeline.clock)
        return Evcc(SeccAccess(self.network, self.address, None), self.timeline, Capture(), inlet, **more)


def story(device: Device | None, tell: Callable[[Evcc], Awaitable[Any]], **more: Any) -> Any:
    """What comes of an EV at a device (None: there is none), in virtual time."""

    async def play() -> Any:
        bench = Bench()
        if device is not None:
            await bench.plug(device)
        evcc = bench.ev(**more)
        try:
            return await tell(evcc)
        finally:
            await evcc.close()

    return in_virtual_time(play)


def test_a_first_connection_that_fails_is_nobodys_fault() -> None:
    async def tell(evcc: Evcc) -> None:
        for attempt in (evcc.connect(), evcc.negotiate(), evcc.begin_anew(), evcc.whole_session(1.0)):
            with pytest.raises(NoConnection, match=r"no connection to the SECC: tcp to .* failed: nobody listens"):
                await attempt
        assert evcc.excused.startswith("tcp to ")

    story(None, tell)


def test_a_connection_that_fails_after_the_secc_was_there_is_an_observation() -> None:
    async def tell(evcc: Evcc) -> Observation:
        assert isinstance((await evcc.connect()).message, Connected)
        await evcc.close()
        evcc.access = evcc.access.__class__(evcc.access.network, NOBODY, None)
        return await evcc.connect()

    assert isinstance(story(DEVICES["mute"], tell).message, Refused)


def test_a_way_that_a_case_chose_itself_is_judged_whatever_comes() -> None:
    async def tell(evcc: Evcc) -> Observation:
        return await evcc.connect(evcc.access)

    assert isinstance(story(None, tell).message, Refused)


@pytest.mark.parametrize(
    ("how", "excused"),
    [
        ("tls: unknown ca", True),
        ("tls: we refused: certificate verify failed, expired", True),
        ("tls: handshake failure", False),
        ("tls: the peer closed the connection without close_notify", False),
        ("closed", False),
    ],
)
@pytest.mark.parametrize("ended", [Closed, lambda how: Refused("x", "tls", how)], ids=["later", "handshake"])
def test_only_a_refused_certificate_excuses_the_end_of_a_connection(
    ended: Callable[[str], Any], how: str, excused: bool
) -> None:
    async def tell(evcc: Evcc) -> None:
        evcc._excuse(evcc.timeline.observe("v2g", "secc", ended(how)))

    if excused:
        with pytest.raises(NoConnection, match=how):
            story(None, tell)
    else:
        story(None, tell)


def test_an_answer_is_awaited_for_the_message_timeout_and_not_longer() -> None:
    async def tell(evcc: Evcc) -> Any:
        await evcc.connect()
        exchange = await evcc.ask(evcc.request(supportedAppProtocolReq))
        assert exchange.silent
        return evcc.timeline.clock.now()

    assert story(DEVICES["mute"], tell) == pytest.approx(2.0 + TRANSMISSION_MARGIN)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("mute", Silence),
        ("closing", Closed),
        ("garbage", Undecodable),
        ("echo", supportedAppProtocolReq),
        ("refusing", supportedAppProtocolRes),
    ],
)
def test_what_a_device_does_instead_of_answering_is_what_comes_back(name: str, outcome: type) -> None:
    async def tell(evcc: Evcc) -> Any:
        await evcc.connect()
        return (await evcc.ask(evcc.request(supportedAppProtocolReq))).outcome.message

    assert isinstance(story(DEVICES[name], tell), outcome)


@pytest.mark.parametrize("name", ["mute", "closing", "garbage", "echo", "refusing", "astray"])
def test_a_case_that_only_wants_to_get_somewhere_is_inconclusive_with_the_frame(name: str) -> None:
    async def tell(evcc: Evcc) -> None:
        await evcc.reach(dc.DC_ChargeLoopReq)

    with pytest.raises(Inconclusive, match=r"did not go along with supportedAppProtocolReq: .*\(frame \d+\)"):
        story(DEVICES[name], tell)


def test_the_main_line_stops_before_the_request_that_is_asked_for() -> None:
    async def tell(evcc: Evcc) -> list[str]:
        await evcc.reach(cm.ServiceDiscoveryReq)
        return [seen.name for seen in evcc.trace.sent_by("evcc").messages]

    asked = story(answering(hollow), tell)
    assert asked == ["supportedAppProtocolReq", "SessionSetupReq", "AuthorizationSetupReq", "AuthorizationReq"]


def test_an_ordinary_session_says_why_it_ended_early() -> None:
    async def tell(evcc: Evcc) -> str:
        return await evcc.whole_session(2.0)

    assert "does not offer service 6; it offers 0" in story(answering(hollow), tell)


def test_polling_ends_at_once_when_the_device_answers_with_no_response() -> None:
    async def tell(evcc: Evcc) -> Any:
        await evcc.connect()
        exchanges = await evcc.try_poll(supportedAppProtocolReq, within=60.0)
        return len(exchanges), evcc.timeline.clock.now()

    assert story(DEVICES["echo"], tell) == (1, 0.0)


def test_between_two_connections_the_secc_may_recover() -> None:
    async def tell(evcc: Evcc) -> Any:
        await evcc.connect()
        await evcc.close()
        await evcc.connect()
        return evcc.timeline.clock.now(), [seen.connection for seen in evcc.trace.of(Connected)]

    assert story(DEVICES["mute"], tell, recovery=3.0) == (3.0, [1, 2])


def test_without_a_connection_nothing_can_be_asked() -> None:
    async def tell(evcc: Evcc) -> None:
        await evcc.tell(evcc.request(supportedAppProtocolReq))

    with pytest.raises(Inconclusive, match="no connection to the SECC stands"):
        story(None, tell)


def test_silence_is_kept_from_the_last_request_on() -> None:
    async def tell(evcc: Evcc) -> float:
        await evcc.connect()
        await evcc.ask(evcc.request(supportedAppProtocolReq), within=0.0)
        asked = evcc.trace.sent_by("evcc")[-1].at
        await evcc.keep_silent(10.0)
        return evcc.timeline.clock.now() - asked

    assert story(DEVICES["mute"], tell) == pytest.approx(10.0)
