"""OCPP from end to end: both ends of a line, what links record of it, and what bad input becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.actor.ocpp_codec import OcppCodec
from harness.actor.ocpp_line import CsmsAccess, Line, Opened, StationDoor, ocpp_tls
from harness.errors import CodecError
from harness.evidence.json import message_json
from harness.fault.message import Repeats
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Closed, Connected, Observation, Refused, Undecodable
from harness.link.sockets import SocketNetwork
from harness.link.trace import Timeline
from harness.link.transport import Chunk, Network, Transport
from harness.link.virtual import VirtualTimeLoop
from harness.link.websocket import BrokenFraming, CloseFrame
from harness.ocpp.exchange import Meaning, RpcExchange
from harness.ocpp.security import PROFILES
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, Send
from harness.ocppj.versions import Version
from tests.link.small_pki import SmallPki, small_pki

PASSWORD = b"twenty octets long.."
Body = Callable[[Network], Coroutine[Any, Any, Any]]


def in_virtual_time(body: Body) -> Any:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(body(MemoryNetwork()))


def over_loopback(body: Body) -> Any:
    async def in_time() -> Any:
        async with asyncio.timeout(10):
            return await body(SocketNetwork(host="127.0.0.1"))

    return asyncio.run(in_time())


@pytest.fixture(params=[in_virtual_time, over_loopback], ids=["memory", "loopback"])
def run(request: pytest.FixtureRequest) -> Callable[[Body], Any]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return small_pki()


@dataclass
class Bench:
    """A case with both ends of a line, each with a timeline of its own."""

    station_end: Opened
    csms_end: Opened
    station_timeline: Timeline
    csms_timeline: Timeline
    capture: Capture

    @property
    def station(self) -> Line:
        assert self.station_end.line is not None, str(self.station_end.seen.message)
        return self.station_end.line

    @property
    def csms(self) -> Line:
        assert self.csms_end.line is not None, str(self.csms_end.seen.message)
        return self.csms_end.line


Change = Callable[[Any], Any]


@asynccontextmanager
async def bench(
    network: Network,
    profile: int = 0,
    pki: SmallPki | None = None,
    door: Change = lambda made: made,
    access: Change = lambda made: made,
) -> AsyncIterator[Bench]:
    knocking: asyncio.Queue[Transport] = asyncio.Queue()
    listener = await network.listen(0, knocking.put)
    here, there, capture = Timeline(Clock()), Timeline(Clock()), Capture()
    wanted = PROFILES[profile]
    tls = ocpp_tls(pki.station.chain, pki.station.key, pki.root, server_name="csms.test") if pki else ocpp_tls()
    own = ocpp_tls(pki.csms.chain, pki.csms.key, pki.root) if pki else ocpp_tls()
    url = f"{wanted.scheme}://csms.test/ocpp"
    reach = CsmsAccess(network, listener.address, url, "CS 1", wanted, password=PASSWORD, tls=tls)
    enter = StationDoor(wanted, passwords=lambda identity: (PASSWORD,) if identity == "CS 1" else None, tls=own)

    async def let_in() -> Opened:
        return await door(enter).open(await knocking.get(), there, Capture())

    station, csms = await asyncio.gather(access(reach).open(here, capture), let_in())
    made = Bench(station, csms, here, there, capture)
    try:
        yield made
    finally:
        for end in (station, csms):
            if end.line is not None:
                await end.line.link.close()
        await listener.close()


async def heard(line: Line, within: float = 5.0) -> Observation:
    return await line.link.receive(until=asyncio.get_running_loop().time() + within)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("profile", PROFILES)
def test_every_version_speaks_over_every_security_profile(
    run: Callable[[Body], Any], pki: SmallPki, profile: int, version: Version
) -> None:
    async def body(network: Network) -> None:
        only = lambda made: replace(made, versions=(version,))  # noqa: E731
        async with bench(network, profile, pki, access=only) as made:
            assert (made.station.version, made.csms.version, made.csms.identity) == (version, version, "CS 1")
            await made.station.link.send(Call("1", "Heartbeat"))
            assert (await heard(made.csms)).message == Call("1", "Heartbeat")
            await made.csms.link.send(CallResult("1", {"currentTime": "2026-06-21T12:00:00Z"}))
            answer = await heard(made.station)
            assert answer.name == "Heartbeat.conf"
            connected = made.station_timeline.trace.of(Connected)
            assert len(connected) == 1
            assert bool(connected[0].message.security) == PROFILES[profile].tls
            assert bool(made.capture.secrets) == PROFILES[profile].tls

    run(body)


def test_both_ends_agree_on_the_newest_version_of_the_stations_choice() -> None:
    async def body(network: Network) -> None:
        async with bench(network, door=lambda made: replace(made, versions=("1.6", "2.0.1"))) as made:
            assert made.station.version == made.csms.version == "2.0.1"

    in_virtual_time(body)


def refused(opened: Opened) -> Refused:
    assert opened.line is None
    assert isinstance(opened.seen.message, Refused)
    return opened.seen.message


def test_without_a_common_version_both_ends_say_so(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        one = lambda made: replace(made, versions=("1.6",))  # noqa: E731
        other = lambda made: replace(made, versions=("2.1",))  # noqa: E731
        async with bench(network, door=one, access=other) as made:
            assert refused(made.station_end).reason == "ocpp2.1 offered, and the CSMS agreed to none of them"
            assert refused(made.csms_end).reason == "no common sub-protocol: ocpp2.1 offered, ocpp1.6 spoken here"

    run(body)


@pytest.mark.parametrize("url", ["ws://csms.test/other", "ws://csms.test", "ws://csms.test/ocpp/more"])
def test_a_wrong_path_is_refused_with_the_right_one_in_words(run: Callable[[Body], Any], url: str) -> None:
    async def body(network: Network) -> None:
        at, to = lambda door: replace(door, path="/ocpp"), lambda access: replace(access, url=url)
        async with bench(network, door=at, access=to) as made:
            assert "HTTP 404" in refused(made.station_end).reason
            assert "stations connect to /ocpp/<identity>" in refused(made.csms_end).reason

    run(body)


def test_the_right_path_is_let_in_wherever_it_is(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        at, to = lambda door: replace(door, path="/a b/"), lambda access: replace(access, url="ws://csms.test/a%20b")
        async with bench(network, door=at, access=to) as made:
            assert made.csms.identity == "CS 1"

    run(body)


def test_an_unknown_station_is_refused_with_404(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        async with bench(network, access=lambda made: replace(made, identity="CS 2")) as made:
            assert "HTTP 404" in refused(made.station_end).reason
            assert "no station 'CS 2' is known here" in refused(made.csms_end).reason

    run(body)


def test_a_wrong_password_is_refused_with_401_and_is_not_told() -> None:
    async def body(network: Network) -> None:
        async with bench(network, 1, access=lambda made: replace(made, password=b"wrong")) as made:
            assert "HTTP 401" in refused(made.station_end).reason
            assert "twenty octets" not in str(made.csms_timeline.observations)

    in_virtual_time(body)


def test_a_station_without_certificate_is_refused_by_profile_3(run: Callable[[Body], Any], pki: SmallPki) -> None:
    async def body(network: Network) -> None:
        async with bench(network, 3, pki, access=lambda made: replace(made, profile=PROFILES[2])) as made:
            assert refused(made.csms_end).stage == "tls"
            assert made.station_end.line is None

    run(body)


def test_a_plain_station_at_a_tls_door_is_refused_in_words(run: Callable[[Body], Any], pki: SmallPki) -> None:
    async def body(network: Network) -> None:
        async with bench(network, 2, pki, access=lambda made: replace(made, profile=PROFILES[1])) as made:
            assert refused(made.csms_end).stage == "tls"
            assert refused(made.station_end).stage == "websocket"

    run(body)


def test_nobody_listening_is_refused_at_tcp() -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            away = made.csms.socket.local._replace(port=9)
            access = CsmsAccess(network, away, "ws://csms/ocpp", "CS 1", PROFILES[0])
            assert refused(await access.open(made.station_timeline, Capture())).stage == "tcp"

    in_virtual_time(body)


BAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"hello", "no JSON"),
    "no UTF-8": (b"\xff\xfe", "no UTF-8"),
    "empty": (b"", "no JSON"),
    "short array": (b'[2,"1"]', "2 elements"),
    "id a number": (b'[2,1,"Heartbeat",{}]', "message id is 1"),
    "10 MB": (b'[2,"1","X",{"a":"' + b"x" * 10_000_000 + b'"}]', "10000020 octets"),
    "binary": (Chunk(b'[2,"1","Heartbeat",{}]', binary=True), "a binary message"),
}


@pytest.mark.parametrize(("octets", "said"), BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("bad", ["station", "csms"])
def test_bad_input_is_an_observation_and_the_line_goes_on(
    run: Callable[[Body], Any], bad: str, octets: bytes, said: str
) -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            talker, listener = (made.station, made.csms) if bad == "station" else (made.csms, made.station)
            await talker.link.send_octets(octets, "on purpose")
            seen = await heard(listener)
            assert isinstance(seen.message, Undecodable)
            assert said in seen.message.reason
            assert seen.octets == octets
            await talker.link.send(Call("2", "DataTransfer", {"vendorId": "acme"}))
            assert (await heard(listener)).name == "DataTransfer.req"

    run(body)


@pytest.mark.parametrize("bad", ["station", "csms"])
def test_a_message_above_every_limit_ends_the_line_with_a_reason(run: Callable[[Body], Any], bad: str) -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            ends = {"station": (made.station, made.csms, made.csms_timeline)}
            talker, listener, timeline = ends.get(bad, (made.csms, made.station, made.station_timeline))
            await talker.link.send_octets(b" " * 17_000_000, "above every limit")
            seen = await heard(listener)
            assert isinstance(seen.message, Closed)
            assert "framing broken" in seen.message.how
            assert timeline.trace.of(BrokenFraming)[0].message.code == 1009

    run(body)


def test_a_close_code_is_told_to_the_timeline(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            await made.csms.socket.send_close(1012, "service restart")
            ended = await heard(made.station)
            assert isinstance(ended.message, Closed)
            assert "1012 (service restart)" in ended.message.how
            assert made.station_timeline.trace.of(CloseFrame)[0].sender == "csms"

    run(body)


def test_faults_apply_as_on_any_link_and_the_exchange_sees_them() -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            exchange = RpcExchange("2.1")
            clock = made.csms_timeline.clock
            await made.station.link.send(Call("1", "Heartbeat"), faults=(Repeats((Call,)),))
            meanings = []
            for _ in range(2):
                seen = await heard(made.csms)
                meanings.append(exchange.observe(seen.message, "station", clock.now()).meaning)
            assert meanings == [Meaning.REQUEST, Meaning.REPEATED]

    in_virtual_time(body)


def test_a_year_of_heartbeats_costs_no_real_time() -> None:
    async def body(network: Network) -> None:
        async with bench(network) as made:
            for hour in range(0, 24 * 365, 24):
                await asyncio.sleep(24 * 3600)
                await made.station.link.send(Call(str(hour), "Heartbeat"))
                assert (await heard(made.csms)).at == asyncio.get_running_loop().time()

    in_virtual_time(body)


# --- the codec alone --------------------------------------------------------------------------------------------------


def test_answers_know_the_action_of_their_request_on_both_sides() -> None:
    ours, theirs = OcppCodec("2.1"), OcppCodec("2.1")

    def names(sender: OcppCodec, receiver: OcppCodec, message: Any) -> list[str]:
        return [frame.message.frame_name for frame in receiver.feed(Chunk(sender.encode(message)))]

    assert names(ours, theirs, Call("1", "Heartbeat")) == ["Heartbeat.req"]
    assert names(theirs, ours, Call("1", "Reset", {"type": "Immediate"})) == ["Reset.req"]
    assert names(theirs, ours, CallResult("1", {})) == ["Heartbeat.conf"]
    assert names(ours, theirs, CallError("1", "NotSupported")) == ["Reset.error"]
    assert names(ours, theirs, CallResultError("1", "FormatViolation")) == ["Heartbeat.resulterror"]
    assert names(ours, theirs, CallResult("9", {})) == ["CALLRESULT.conf"]
    assert names(ours, theirs, Send("2", "NotifyPeriodicEventStream")) == ["NotifyPeriodicEventStream.send"]


def test_the_facts_of_a_broken_frame_are_enough_to_answer_it() -> None:
    (frame,) = OcppCodec("2.1").feed(Chunk(b'[2,"7","Heartbeat",[]]'))
    assert isinstance(frame.message, CodecError)
    assert frame.facts == {
        "version": "2.1",
        "octets": 22,
        "error_code": "FormatViolation",
        "number": 2,
        "message_id": "7",
    }


def test_what_is_no_frame_is_not_encoded() -> None:
    with pytest.raises(CodecError, match="no OCPP-J frame"):
        OcppCodec("2.1").encode({"action": "Heartbeat"})


def test_a_frame_is_evidence_with_its_numbers() -> None:
    written = message_json(Call("1", "X", {"limit": 6.25}))
    assert written["payload"] == {"limit": 6.25}


@given(st.binary(), st.booleans())
def test_no_message_raises(octets: bytes, binary: bool) -> None:
    for frame in OcppCodec("2.1").feed(Chunk(octets, binary=binary)):
        assert frame.octets == octets
