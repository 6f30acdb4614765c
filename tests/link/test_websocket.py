"""WebSocket over any transport: real handshakes, in memory with virtual time and over loopback, against ourselves and
against the asyncio client and server of the `websockets` library, which nobody here wrote."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
import websockets.asyncio.client as theirs_client
import websockets.asyncio.server as theirs_server
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.errors import CodecError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.link import Frame, Link
from harness.link.memory import MemoryNetwork, memory_pair
from harness.link.observation import Closed, Undecodable
from harness.link.sockets import SocketNetwork
from harness.link.tap import captured
from harness.link.tls import TlsFailure, TlsProfile, tls_accept, tls_connect
from harness.link.trace import Timeline
from harness.link.transport import Address, Chunk, Network, Transport
from harness.link.upgrade import (
    ClientSettings,
    Rejection,
    ServerSettings,
    WebSocketFailure,
    websocket_accept,
    websocket_connect,
)
from harness.link.virtual import VirtualTimeLoop
from harness.link.websocket import (
    CLOSE_TIMEOUT,
    BrokenFraming,
    CloseFrame,
    Ping,
    Pong,
    Unresponsive,
    WebSocketTransport,
    keep_alive,
)
from harness.ocpp.security import (
    PROFILES,
    SERVER_SUITES,
    Credentials,
    Presented,
    authentication_fault,
    basic_header,
    station_url,
)
from tests.link.small_pki import SmallPki, small_pki

NEWEST = ("ocpp2.1", "ocpp2.0.1", "ocpp1.6")
CLIENT = ClientSettings("ws://csms/ocpp/CS1", NEWEST)
SERVER = ServerSettings(NEWEST)
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


class Ends:
    """The outcome of a handshake on both sides."""

    def __init__(self, client: Any, server: Any) -> None:
        self.client, self.server = client, server

    @property
    def both(self) -> tuple[WebSocketTransport, WebSocketTransport]:
        assert isinstance(self.client, WebSocketTransport), self.client
        assert isinstance(self.server, WebSocketTransport), self.server
        return self.client, self.server

    async def close(self) -> None:
        client, server = self.both
        await asyncio.gather(client.close(), server.close())


async def joined(network: Network) -> tuple[Transport, Transport, Any]:
    accepted: asyncio.Queue[Transport] = asyncio.Queue()
    listener = await network.listen(0, accepted.put)
    near = await network.connect(listener.address)
    return near, await accepted.get(), listener


async def shaken(network: Network, client: ClientSettings = CLIENT, server: ServerSettings = SERVER) -> Ends:
    near, far, listener = await joined(network)
    ends = await asyncio.gather(websocket_connect(near, client), websocket_accept(far, server), return_exceptions=True)
    await listener.close()
    return Ends(*ends)


Told = list[tuple[Any, bool]]


def told_by(socket: WebSocketTransport) -> Told:
    told: Told = []
    socket.tell_to(lambda event, outbound, _at: told.append((event, outbound)))
    return told


# --- messages ---------------------------------------------------------------------------------------------------------


def test_messages_arrive_whole_in_order_and_both_ways(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        messages = [b"one", "zwölf".encode(), b"x" * 300_000, b""]
        for message in messages:
            await client.write(message)
        assert [await server.read() for _ in messages] == messages
        await server.write(b"back")
        assert await client.read() == b"back"
        await ends.close()

    run(body)


def test_an_empty_message_is_no_end() -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        await client.write(b"")
        assert await server.read()
        await ends.close()

    in_virtual_time(body)


def test_a_binary_message_is_known_as_one(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        await client.write(Chunk(b"\0\1", binary=True))
        await client.write(b"text")
        first, second = await server.read(), await server.read()
        assert isinstance(first, Chunk) and isinstance(second, Chunk)
        assert (first, first.binary, second.binary) == (b"\0\1", True, False)
        await ends.close()

    run(body)


def test_fragments_are_one_message(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        await client.write_fragments(b"[2,", b"", b'"1"', b"]")
        assert await server.read() == b'[2,"1"]'
        await ends.close()

    run(body)


@pytest.mark.parametrize(("client", "server"), [(True, True), (True, False), (False, True), (False, False)])
def test_compression_is_used_when_both_want_it(run: Callable[[Body], Any], client: bool, server: bool) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(CLIENT, compression=client), replace(SERVER, compression=server))
        assert {end.compression for end in ends.both} == {client and server}
        await ends.both[0].write(b"a" * 50_000)
        assert await ends.both[1].read() == b"a" * 50_000
        await ends.close()

    run(body)


# --- sub-protocols ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [
        (("ocpp2.1", "ocpp1.6"), ("ocpp1.6", "ocpp2.1"), "ocpp2.1"),
        (("ocpp1.6", "ocpp2.1"), ("ocpp2.1", "ocpp1.6"), "ocpp1.6"),
        (("ocpp2.0", "ocpp1.6"), NEWEST, "ocpp1.6"),
    ],
)
def test_the_first_of_the_clients_sub_protocols_that_the_server_speaks_is_chosen(
    run: Callable[[Body], Any], offered: tuple[str, ...], spoken: tuple[str, ...], chosen: str
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(CLIENT, subprotocols=offered), ServerSettings(spoken))
        assert [end.subprotocol for end in ends.both] == [chosen, chosen]
        assert ends.both[1].upgrade.offered == offered
        await ends.close()

    run(body)


@pytest.mark.parametrize("offered", [("ocpp1.2",), ()])
def test_without_a_common_sub_protocol_the_handshake_completes_and_the_server_closes(
    run: Callable[[Body], Any], offered: tuple[str, ...]
) -> None:
    async def body(network: Network) -> None:
        near, far, listener = await joined(network)

        async def refusing() -> WebSocketFailure:
            with pytest.raises(WebSocketFailure) as failure:
                await websocket_accept(far, SERVER)
            return failure.value

        refused = asyncio.create_task(refusing())
        client = await websocket_connect(near, replace(CLIENT, subprotocols=offered))
        told = told_by(client)
        assert client.subprotocol == ""
        assert await client.read() == b""
        failure = await refused
        assert (failure.by, failure.status) == ("us", 101)
        assert "no common sub-protocol" in failure.reason
        assert (CloseFrame(1000), False) in told
        await client.close()
        await listener.close()

    run(body)


def test_a_server_may_go_on_without_a_sub_protocol() -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(CLIENT, subprotocols=()), replace(SERVER, keep_without_subprotocol=True))
        assert ends.both[1].subprotocol == ""
        await ends.close()

    in_virtual_time(body)


# --- refused handshakes -----------------------------------------------------------------------------------------------


def test_a_server_refuses_by_status_before_the_upgrade(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        challenge = (("WWW-Authenticate", "Basic"),)
        server = replace(SERVER, admit=lambda upgrade: Rejection(401, f"who is {upgrade.path}?", challenge))
        ends = await shaken(network, CLIENT, server)
        assert isinstance(ends.client, WebSocketFailure) and isinstance(ends.server, WebSocketFailure)
        assert (ends.client.status, ends.client.by) == (401, "peer")
        assert challenge[0] in ends.client.headers
        assert (ends.server.status, ends.server.by) == (401, "us")
        assert "who is /ocpp/CS1?" in ends.server.reason

    run(body)


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"GET /CS1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n", 426),
        (b"POST /CS1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"GET /CS1 HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 0),
        (b"GET " + b"x" * 100_000 + b"\r\n", 0),
        (b"", 0),
        (b"GET /CS1 HT", 0),
    ],
    ids=["no Connection header", "POST", "old version", "TLS to a plain port", "endless line", "nothing", "cut off"],
)
def test_what_is_no_upgrade_is_refused_in_words(run: Callable[[Body], Any], request_text: bytes, status: int) -> None:
    async def body(network: Network) -> None:
        near, far, listener = await joined(network)

        async def asking() -> None:
            with contextlib.suppress(ConnectionError):
                await near.write(request_text)
                if request_text.endswith(b"\n"):
                    while await near.read():
                        pass
            await near.close()

        asked = asyncio.create_task(asking())
        with pytest.raises(WebSocketFailure) as failure:
            await websocket_accept(far, SERVER)
        if status:
            assert failure.value.status == status
        assert failure.value.reason
        await asked
        await listener.close()

    run(body)


@pytest.mark.parametrize(
    ("answer", "said", "by"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "refused with HTTP 404 Not Found", "peer"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "no proper answer", "us"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no proper answer", "us"),
        (b"", "the peer left", "peer"),
        (b"HTTP/1.1 10", "the peer left", "peer"),
    ],
    ids=["404", "101 without proof", "not HTTP", "nothing", "cut off"],
)
def test_what_is_no_proper_answer_is_told_in_words(
    run: Callable[[Body], Any], answer: bytes, said: str, by: str
) -> None:
    async def body(network: Network) -> None:
        near, far, listener = await joined(network)

        async def answering() -> None:
            await far.read()
            await far.write(answer)
            await far.close()

        answered = asyncio.create_task(answering())
        with pytest.raises(WebSocketFailure) as failure:
            await websocket_connect(near, CLIENT)
        assert said in failure.value.reason
        assert failure.value.by == by
        await answered
        await listener.close()

    run(body)


def test_silence_in_the_handshake_has_an_end() -> None:
    async def body(_network: Network) -> None:
        for silent in (websocket_accept(memory_ends()[0], SERVER), websocket_connect(memory_ends()[0], CLIENT)):
            started = asyncio.get_running_loop().time()
            with pytest.raises(WebSocketFailure, match="no handshake within 30 s"):
                await silent
            assert asyncio.get_running_loop().time() - started == 30

    in_virtual_time(body)


def memory_ends() -> tuple[Transport, Transport]:
    return memory_pair(Address("m", 1), Address("m", 2))


# --- pings and ends ---------------------------------------------------------------------------------------------------


def test_pings_are_answered_and_told_on_both_sides(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        near, far = told_by(client), told_by(server)
        await client.ping(b"are you there")
        await client.write(b"after")
        assert await server.read() == b"after"
        await server.write(b"answer")
        assert await client.read() == b"answer"
        assert near[1:] == [(Ping(b"are you there"), True), (Pong(b"are you there"), False)] or near[1:] == [
            (Ping(b"are you there"), True)
        ]
        assert far[1:] == [(Ping(b"are you there"), False), (Pong(b"are you there"), True)]
        await ends.close()
        assert (Pong(b"are you there"), False) in near

    run(body)


def test_a_peer_that_answers_pings_is_kept_and_one_that_does_not_is_left() -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        told = told_by(client)
        reading = asyncio.create_task(client.read())
        answering = asyncio.create_task(server.read())
        watching = asyncio.create_task(keep_alive(client, 10, 5))
        await asyncio.sleep(3600)
        assert not watching.done()
        answering.cancel()
        await watching
        assert told[-1] == (Unresponsive(5), False)
        assert asyncio.get_running_loop().time() < 3620
        with pytest.raises(ConnectionResetError, match="torn down on our side"):
            await reading

    in_virtual_time(body)


@pytest.mark.parametrize(("code", "reason"), [(1000, "done"), (1001, "")])
def test_an_orderly_close_ends_the_stream_and_is_told(run: Callable[[Body], Any], code: int, reason: str) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network)).both
        told = told_by(server)
        await client.write(b"last words")
        closing = asyncio.create_task(client.close(code, reason))
        assert await server.read() == b"last words"
        assert await server.read() == b""
        assert told[-1] == (CloseFrame(code, reason), False)
        await closing
        await server.close()
        with pytest.raises(ConnectionError):
            await server.write(b"too late")

    run(body)


def test_a_close_with_an_error_code_is_a_torn_connection_that_says_why(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network)).both
        closing = asyncio.create_task(server.close(1011, "out of memory"))
        with pytest.raises(ConnectionError, match=r"^websocket close 1011 \(out of memory\)$"):
            await client.read()
        await closing
        await client.close()

    run(body)


def test_an_end_without_a_close_frame_is_a_reset(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network)).both
        await client.inner.close()
        with pytest.raises(ConnectionResetError, match="without a websocket close"):
            await server.read()
        await server.close()

    run(body)


def test_a_torn_connection_is_a_reset(run: Callable[[Body], Any]) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network)).both
        await client.abort()
        with pytest.raises(ConnectionResetError, match="reset by the peer"):
            await server.read()
        await server.close()

    run(body)


def test_a_peer_that_never_answers_a_close_is_left() -> None:
    async def body(network: Network) -> None:
        client, _server = (await shaken(network)).both
        started = asyncio.get_running_loop().time()
        await client.close()
        assert asyncio.get_running_loop().time() - started == CLOSE_TIMEOUT

    in_virtual_time(body)


@pytest.mark.parametrize("bad", ["server", "client"])
def test_a_message_above_the_limit_ends_the_connection_with_1009(run: Callable[[Body], Any], bad: str) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(CLIENT, message_limit=10_000), replace(SERVER, message_limit=10_000))
        client, server = ends.both
        talker, listener = (server, client) if bad == "server" else (client, server)
        told, heard = told_by(listener), told_by(talker)

        async def talk() -> None:
            with contextlib.suppress(ConnectionError):
                await talker.write(bytes(range(256)) * 4000)
                await talker.read()

        talking = asyncio.create_task(talk())
        with pytest.raises(ConnectionError, match="framing broken"):
            await listener.read()
        event = told[-1][0]
        assert isinstance(event, BrokenFraming)
        assert event.code == 1009
        await listener.close()
        await talking
        await talker.close()
        assert any(isinstance(event, CloseFrame) and event.code == 1009 for event, _outbound in heard)

    run(body)


@pytest.mark.parametrize("octets", [b"\xff\xff\xff\xff", b"\x81\x05hello", b"\xc1\x80\0\0\0\0", b"\x88\x81\0\0\0\0\0"])
def test_octets_that_are_no_frames_are_the_peers_fault(run: Callable[[Body], Any], octets: bytes) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network, replace(CLIENT, compression=False))).both
        told = told_by(server)
        await client.inner.write(octets)

        async def leave() -> None:
            with contextlib.suppress(ConnectionError):
                await client.read()
            await client.close()

        leaving = asyncio.create_task(leave())
        with pytest.raises(ConnectionError, match="framing broken"):
            await server.read()
        assert isinstance(told[-1][0], BrokenFraming)
        assert told[-1][0].code == 1002
        await server.close()
        await leaving

    run(body)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=40), max_size=5))
def test_no_octets_of_a_client_crash_a_server(pieces: list[bytes]) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network)).both
        for piece in pieces:
            await client.inner.write(piece)
        await client.inner.close()
        with contextlib.suppress(ConnectionError):
            while await server.read():
                pass
        await server.close()

    in_virtual_time(body)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_no_octets_in_place_of_a_handshake_crash_either_side(octets: bytes) -> None:
    async def body(_network: Network) -> None:
        for end in (lambda t: websocket_accept(t, SERVER), lambda t: websocket_connect(t, CLIENT)):
            ours, hostile = memory_ends()
            await hostile.write(octets)
            await hostile.close()
            with pytest.raises(WebSocketFailure):
                await end(ours)

    in_virtual_time(body)


# --- on a link --------------------------------------------------------------------------------------------------------


class Words:
    """A codec whose messages are UTF-8 text."""

    rest = b""

    def encode(self, message: Any) -> bytes:
        return str(message).encode()

    def facts(self, _message: Any) -> Mapping[str, Any]:
        return {}

    def feed(self, octets: bytes) -> Iterable[Frame]:
        return [Frame(octets, octets.decode() if len(octets) else CodecError("an empty message"))]


def test_a_link_records_messages_handshake_pings_and_closes() -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network)
        client, server = ends.both
        timeline = Timeline(Clock())
        link = Link("ocpp", server, Words(), timeline, role="csms", peer_role="station")
        reading = asyncio.create_task(client.read())
        await client.write(b"hello")
        assert (await link.receive(until=1.0)).message == "hello"
        await client.write(b"")
        assert isinstance((await link.receive(until=1.0)).message, Undecodable)
        await client.ping(b"x")
        await link.send("welcome")
        assert await reading == b"welcome"
        await client.close(1000, "bye")
        ended = await link.receive(until=2.0)
        assert ended.message == Closed("closed")
        seen = [(observation.sender, str(observation.message)) for observation in timeline.trace]
        assert seen[0] == ("csms", "websocket /ocpp/CS1 with ocpp2.1, compressed")
        assert ("station", "Ping") in seen
        assert ("csms", "Pong") in seen
        assert ("station", "websocket close 1000 (bye)") in seen
        await link.close()

    in_virtual_time(body)


def test_a_capture_holds_the_octets_of_handshake_and_messages() -> None:
    async def body(network: Network) -> None:
        near, far, listener = await joined(network)
        capture = Capture()
        tapped = captured(near, capture, Clock())
        plain = replace(CLIENT, compression=False)
        client, server = await asyncio.gather(websocket_connect(tapped, plain), websocket_accept(far, SERVER))
        await server.write(b"in the clear")
        assert await client.read() == b"in the clear"
        moved = b"".join(segment.octets for segment in capture.segments)
        assert b"GET /ocpp/CS1 HTTP/1.1" in moved
        assert b"in the clear" in moved
        await asyncio.gather(client.close(), server.close())
        await listener.close()

    in_virtual_time(body)


# --- security profiles over TLS ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return small_pki()


def csms_tls(pki: SmallPki, profile: int) -> TlsProfile:
    return TlsProfile(
        chain=pki.csms.chain,
        key=pki.csms.key,
        more_chains=((pki.csms_rsa.chain, pki.csms_rsa.key),),
        roots=pki.root,
        minimum=ssl.TLSVersion.TLSv1_2,
        require_client_certificate=PROFILES[profile].client_certificate,
        ciphers=":".join(SERVER_SUITES),
        lab=True,
    )


def station_tls(pki: SmallPki, profile: int, **changes: Any) -> TlsProfile:
    presents = PROFILES[profile].client_certificate
    made = TlsProfile(
        chain=pki.station.chain if presents else b"",
        key=pki.station.key if presents else b"",
        roots=pki.root,
        minimum=ssl.TLSVersion.TLSv1_2,
        lab=True,
        server_name="csms.test",
    )
    return replace(made, **changes)


PASSWORD = b"a password of 20 oct"


def demanding(profile: int, *, tls: bool, certificate: bool) -> ServerSettings:
    def admit(upgrade: Any) -> Rejection | None:
        shown = Presented(tls, certificate, upgrade.header("Authorization"), upgrade.path)
        fault = authentication_fault(PROFILES[profile], shown, (PASSWORD,))
        return Rejection(fault.status, str(fault)) if fault else None

    return replace(SERVER, admit=admit)


async def secured(network: Network, pki: SmallPki, profile: int, password: bytes = PASSWORD, **changes: Any) -> Ends:
    wanted = PROFILES[profile]
    near, far, listener = await joined(network)

    async def station() -> WebSocketTransport:
        secure = await tls_connect(near, station_tls(pki, profile, **changes)) if wanted.tls else near
        headers = (("Authorization", basic_header(Credentials("CS 1", password))),) if wanted.basic else ()
        url = station_url(f"{wanted.scheme}://csms.test/ocpp", "CS 1")
        return await websocket_connect(secure, ClientSettings(url, NEWEST, headers))

    async def csms() -> WebSocketTransport:
        secure = await tls_accept(far, csms_tls(pki, profile)) if wanted.tls else far
        certificate = bool(getattr(secure, "peer_chain", ()))
        return await websocket_accept(secure, demanding(profile, tls=wanted.tls, certificate=certificate))

    ends = await asyncio.gather(station(), csms(), return_exceptions=True)
    await listener.close()
    return Ends(*ends)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_security_profile_connects(run: Callable[[Body], Any], pki: SmallPki, profile: int) -> None:
    async def body(network: Network) -> None:
        ends = await secured(network, pki, profile)
        client, server = ends.both
        assert server.upgrade.path == "/ocpp/CS%201"
        await client.write(b"hello")
        assert await server.read() == b"hello"
        await ends.close()

    run(body)


@pytest.mark.parametrize("profile", [1, 2])
def test_a_wrong_password_is_refused_with_401(run: Callable[[Body], Any], pki: SmallPki, profile: int) -> None:
    async def body(network: Network) -> None:
        ends = await secured(network, pki, profile, b"another password 123")
        assert isinstance(ends.client, WebSocketFailure)
        assert ends.client.status == 401

    run(body)


def test_profile_3_without_a_client_certificate_fails_in_tls(run: Callable[[Body], Any], pki: SmallPki) -> None:
    async def body(network: Network) -> None:
        ends = await secured(network, pki, 3, chain=b"", key=b"")
        assert isinstance(ends.server, TlsFailure)
        assert isinstance(ends.client, ConnectionError)

    run(body)


@pytest.mark.parametrize(
    ("ciphers", "cipher"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("AES256-GCM-SHA384", "AES256-GCM-SHA384"),
    ],
)
def test_a_station_of_either_cipher_pair_meets_its_certificate(
    run: Callable[[Body], Any], pki: SmallPki, ciphers: str, cipher: str
) -> None:
    async def body(network: Network) -> None:
        ends = await secured(network, pki, 2, maximum=ssl.TLSVersion.TLSv1_2, ciphers=ciphers)
        client, _server = ends.both
        assert getattr(client.inner, "cipher", "") == cipher
        await ends.close()

    run(body)


def test_a_station_leaves_a_csms_of_another_name(run: Callable[[Body], Any], pki: SmallPki) -> None:
    async def body(network: Network) -> None:
        ends = await secured(network, pki, 2, server_name="other.test")
        assert isinstance(ends.client, TlsFailure)
        assert ends.client.by == "us"
        assert isinstance(ends.server, ConnectionError)

    run(body)


# --- against the asyncio ends of the websockets library ---------------------------------------------------------------


def against_theirs(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(10):
            await body()

    asyncio.run(in_time())


async def echo(socket: theirs_server.ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            await socket.send(message)


@asynccontextmanager
async def their_server(handler: Any = echo, **settings: Any) -> AsyncIterator[Address]:
    async with theirs_server.serve(handler, "127.0.0.1", 0, **settings) as server:
        yield Address(*next(iter(server.sockets)).getsockname()[:2])


@asynccontextmanager
async def our_server(serve: Callable[[Transport], Coroutine[Any, Any, None]]) -> AsyncIterator[str]:
    listener = await SocketNetwork(host="127.0.0.1").listen(0, serve)
    yield f"{listener.address}"
    await listener.close()


async def our_echo(transport: Transport) -> None:
    socket = await websocket_accept(transport, SERVER)
    while message := await socket.read():
        await socket.write(message)
    await socket.close()


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_our_client_talks_to_their_server(compression: str | None) -> None:
    async def body() -> None:
        async with their_server(subprotocols=["ocpp2.0.1"], compression=compression) as address:
            transport = await SocketNetwork(host="127.0.0.1").connect(address)
            socket = await websocket_connect(transport, CLIENT)
            assert (socket.subprotocol, socket.compression) == ("ocpp2.0.1", compression is not None)
            for message in (b"[2]", "zwölf".encode() * 20_000):
                await socket.write(message)
                assert await socket.read() == message
            await socket.close()

    against_theirs(body)


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_their_client_talks_to_our_server(compression: Any) -> None:
    async def body() -> None:
        async with our_server(our_echo) as address:
            url, names = f"ws://{address}/ocpp/CS1", ["ocpp1.6", "ocpp2.1"]
            async with theirs_client.connect(url, subprotocols=names, compression=compression) as socket:  # type: ignore[arg-type]
                assert socket.subprotocol == "ocpp1.6"
                for message in ("[2]", "zwölf" * 20_000):
                    await socket.send(message)
                    assert await socket.recv() == message
                latency = await (await socket.ping())
                assert latency >= 0
            assert socket.close_code == 1000

    against_theirs(body)


def test_their_client_without_a_common_sub_protocol_is_upgraded_and_closed() -> None:
    async def serve(transport: Transport) -> None:
        with pytest.raises(WebSocketFailure, match="no common sub-protocol"):
            await websocket_accept(transport, SERVER)

    async def body() -> None:
        async with our_server(serve) as address:
            async with theirs_client.connect(f"ws://{address}/CS1", subprotocols=["ocpp1.2"]) as socket:  # type: ignore[list-item]
                assert socket.subprotocol is None
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
            assert socket.close_code == 1000

    against_theirs(body)


def test_their_server_that_insists_on_a_sub_protocol_refuses_us_with_a_status() -> None:
    async def body() -> None:
        async with their_server(subprotocols=["ocpp1.2"]) as address:
            transport = await SocketNetwork(host="127.0.0.1").connect(address)
            with pytest.raises(WebSocketFailure) as failure:
                await websocket_connect(transport, CLIENT)
            assert (failure.value.by, failure.value.status) == ("peer", 400)

    against_theirs(body)


def test_our_refusal_reaches_their_client_as_a_status() -> None:
    async def serve(transport: Transport) -> None:
        with contextlib.suppress(WebSocketFailure):
            await websocket_accept(transport, replace(SERVER, admit=lambda _upgrade: Rejection(404, "unknown station")))

    async def body() -> None:
        async with our_server(serve) as address:
            with pytest.raises(InvalidStatus) as refused:
                async with theirs_client.connect(f"ws://{address}/CS1"):
                    pass
            assert refused.value.response.status_code == HTTPStatus.NOT_FOUND

    against_theirs(body)


def test_their_limit_reaches_us_as_close_1009() -> None:
    async def body() -> None:
        async with their_server(subprotocols=["ocpp2.1"], max_size=1000, compression=None) as address:
            transport = await SocketNetwork(host="127.0.0.1").connect(address)
            socket = await websocket_connect(transport, CLIENT)
            await socket.write(b"x" * 5000)
            with pytest.raises(ConnectionError, match="websocket close 1009"):
                await socket.read()
            await socket.close()

    against_theirs(body)


def test_our_client_is_let_in_by_their_tls_server_with_basic_authentication(pki: SmallPki) -> None:
    async def body() -> None:
        guard = theirs_server.basic_auth(realm="OCPP", credentials=("CS1", PASSWORD.decode()))
        context = pki.server_context()
        async with their_server(subprotocols=["ocpp2.1"], process_request=guard, ssl=context) as address:
            for password, let_in in ((PASSWORD, True), (b"another password 123", False)):
                plain = await SocketNetwork(host="127.0.0.1").connect(address)
                transport = await tls_connect(plain, station_tls(pki, 2))
                headers = (("Authorization", basic_header(Credentials("CS1", password))),)
                opening = websocket_connect(transport, ClientSettings("wss://csms.test/CS1", NEWEST, headers))
                if let_in:
                    socket = await opening
                    await socket.write(b"hello")
                    assert await socket.read() == b"hello"
                    await socket.close()
                else:
                    with pytest.raises(WebSocketFailure, match="401"):
                        await opening

    against_theirs(body)


def test_their_tls_client_with_a_certificate_is_let_in_by_our_server(pki: SmallPki) -> None:
    async def serve(transport: Transport) -> None:
        await our_echo(await tls_accept(transport, csms_tls(pki, 3)))

    async def body() -> None:
        context = pki.client_context()
        async with our_server(serve) as address:
            settings: dict[str, Any] = {"subprotocols": ["ocpp2.1"], "ssl": context, "server_hostname": "csms.test"}
            async with theirs_client.connect(f"wss://{address}/CS1", **settings) as socket:
                await socket.send("hello")
                assert await socket.recv() == "hello"

    against_theirs(body)
