"""OCPP peers that nobody should ever meet: what each does with a WebSocket, as a station or as a CSMS.

A habit is what it does on an open socket; `stations` and `csmss` are whole peers, which differ in how they come by one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

from harness.link.transport import Address, Chunk, Network, Transport
from harness.link.upgrade import ClientSettings, ServerSettings, WebSocketFailure, websocket_accept, websocket_connect
from harness.link.websocket import WebSocketTransport

Habit = Callable[[WebSocketTransport], Awaitable[None]]
Station = Callable[[Network, Address], Awaitable[None]]
Csms = Callable[[Transport], Awaitable[None]]

MILLION = 10**6
_WIRE = 4e-4
"""Seconds that the wire takes for a message: without any, virtual time would stand still in a flood."""
PATH = "ws://tester/ocpp/CS1"
NO_FRAMES = (
    "",
    "no JSON at all",
    "{}",
    "null",
    "[]",
    "[2]",
    '[2,"a"]',
    '[2,"a","Heartbeat"]',
    '[2,"a","Heartbeat",{},{},{}]',
    '[2,1,"Heartbeat",{}]',
    '[2,null,"Heartbeat",{}]',
    '[2,"a",7,{}]',
    '[2,"a","Heartbeat","text"]',
    '[2,"a","Heartbeat",null]',
    '["2","a","Heartbeat",{}]',
    '[2.5,"a","Heartbeat",{}]',
    '[true,"a",{}]',
    '[99,"a",{}]',
    '[-3,"a",{}]',
    '[3,"nobody asked",{}]',
    '[3,"nobody asked",[]]',
    '[4,"nobody asked","InternalError","",{}]',
    '[4,"nobody asked"]',
    '[5,"nobody asked","InternalError","",{}]',
    '[6,"a","Heartbeat",{}]',
    f'[2,"{"i" * 5000}","Heartbeat",{{}}]',
    '[2,"a","Heartbeat",{"x":NaN}]',
    '[2,"b","Heartbeat",{"x":1e999}]',
    f'[2,"c","Heartbeat",{{"x":{"9" * 10_000}}}]',
    '[2,"d","Heartbeat",{"x":1,"x":2}]',
    '[2,"e","Heartbeat",{"x":"\\ud800"}]',
    '[2,"f","MakeCoffee",{"sugar":2}]',
    '[2,"g","",{}]',
    "[" * 100_000,
    '[2,"h","Heartbeat",' + '{"a":' * 50_000 + "1" + "}" * 50_001,
)


async def _say(socket: WebSocketTransport, *texts: str) -> None:
    for text in texts:
        await socket.write(Chunk(text.encode()))


async def _heard(socket: WebSocketTransport) -> Any:
    """The next message as JSON; raises `ConnectionError` at the end."""
    octets = await socket.read()
    if not octets and not isinstance(octets, Chunk):
        raise ConnectionResetError("ended")
    return json.loads(octets)


async def _listen(socket: WebSocketTransport) -> None:
    while True:
        await _heard(socket)


async def mute(socket: WebSocketTransport) -> None:
    """Never says a word."""
    await _listen(socket)


async def no_frames(socket: WebSocketTransport) -> None:
    """Everything that is not OCPP-J, one message after the other."""
    await _say(socket, *NO_FRAMES)
    await _listen(socket)


async def octets(socket: WebSocketTransport) -> None:
    """Binary frames, and text that is no UTF-8."""
    await socket.write(Chunk(b'[2,"a","Heartbeat",{}]', binary=True))
    await socket.write(Chunk(bytes(range(256)), binary=True))
    await socket.write(Chunk(b'[2,"a","Heart\xff\xfebeat",{}]'))
    await _listen(socket)


async def huge(socket: WebSocketTransport) -> None:
    """10 MB in one message, then one above any limit."""
    for size in (10, 20):
        text = json.dumps([2, f"huge{size}", "DataTransfer", {"vendorId": "v", "data": "x" * (size * MILLION)}])
        await _say(socket, text)
    await _listen(socket)


async def echo(socket: WebSocketTransport) -> None:
    """Says what it heard."""
    while True:
        await _say(socket, json.dumps(await _heard(socket)))


def answering(answers: Callable[[str], Iterable[Any]], delay: float = 0.0) -> Habit:
    """Answers each request with these frames, made from its id."""

    async def habit(socket: WebSocketTransport) -> None:
        while True:
            frame = await _heard(socket)
            if frame[0] == 2:
                await asyncio.sleep(delay)
                for answer in answers(frame[1]):
                    await _say(socket, json.dumps(answer))

    return habit


async def repeating(socket: WebSocketTransport) -> None:
    """The same id in every request, and requests without waiting for answers."""
    await _say(socket, *(json.dumps([2, "same", "Heartbeat", {}]) for _ in range(50)))
    await _listen(socket)


async def tearing(socket: WebSocketTransport) -> None:
    """Leaves in the middle of a message."""
    socket._protocol.send_text(b'[2,"torn","Heart', fin=False)
    await socket._flow.flush()
    await socket.abort()


async def leaving(socket: WebSocketTransport) -> None:
    """Leaves at once."""
    await socket.close()


async def half_frame(socket: WebSocketTransport) -> None:
    """Announces octets that never come."""
    await socket.inner.write(bytes([0x81, 0xFE, 0x10, 0x00, 1, 2, 3, 4]) + b"[2")
    await _listen(socket)


async def bad_framing(socket: WebSocketTransport) -> None:
    """Reserved bits and an opcode that does not exist."""
    await socket.inner.write(bytes([0xFF, 0x83, 1, 2, 3, 4, 5, 6, 7]))
    await _listen(socket)


async def flooding(socket: WebSocketTransport) -> None:
    """Requests without end and without waiting."""
    number = 0
    while True:
        number += 1
        await _say(socket, json.dumps([2, f"f{number}", "Heartbeat", {}]))
        await asyncio.sleep(_WIRE)


HABITS: dict[str, Habit] = {
    "mute": mute,
    "no frames": no_frames,
    "octets": octets,
    "huge": huge,
    "echo": echo,
    "hollow answers": answering(lambda id: [[3, id, {}]]),
    "null answers": answering(lambda id: [[3, id, None]]),
    "accepts anything": answering(lambda id: [[3, id, {"status": "Accepted", "interval": -1, "currentTime": "now"}]]),
    "answers twice": answering(lambda id: [[3, id, {}], [3, id, {}]]),
    "answers others": answering(lambda _id: [[3, "another", {}]]),
    "answers late": answering(lambda id: [[3, id, {}]], delay=100.0),
    "refuses all": answering(lambda id: [[4, id, "NoSuchCode", "", {}]]),
    "refuses in part": answering(lambda id: [[4, id]]),
    "repeating": repeating,
    "tearing": tearing,
    "leaving": leaving,
    "half a frame": half_frame,
    "bad framing": bad_framing,
    "flooding": flooding,
}


def station(habit: Habit, pause: float = 1.0, **settings: Any) -> Station:
    """A station of that habit, which comes again `pause` s after every end."""
    offered = settings.pop("subprotocols", ("ocpp2.1",))

    async def live(network: Network, to: Address) -> None:
        while True:
            with suppress(ConnectionError, OSError, ValueError):
                transport = await network.connect(to)
                socket = await websocket_connect(transport, ClientSettings(PATH, offered, **settings))
                try:
                    await habit(socket)
                finally:
                    await socket.abort()
            await asyncio.sleep(pause)

    return live


def raw(octets: bytes) -> Station:
    """Something that says these octets in place of an upgrade."""

    async def live(network: Network, to: Address) -> None:
        while True:
            with suppress(ConnectionError, OSError):
                transport = await network.connect(to)
                await transport.write(octets)
                while await transport.read():
                    pass
                await transport.close()
            await asyncio.sleep(1.0)

    return live


STATIONS: dict[str, Station] = {
    **{name: station(habit) for name, habit in HABITS.items()},
    "flooding": station(flooding, pause=10.0),
    "another version": station(mute, subprotocols=("ocpp9.9",)),
    "no version": station(mute, subprotocols=()),
    "storm": station(leaving, pause=0.02),
    "torn storm": station(tearing, pause=0.02),
    "TLS": raw(bytes.fromhex("16030100c8010000c40303") + bytes(190)),
    "no HTTP": raw(b"HELO tester\r\n\r\n"),
    "endless header": raw(b"GET /ocpp/CS1 HTTP/1.1\r\n" + b"X-Long: " + b"x" * MILLION),
}


def csms(habit: Habit, **settings: Any) -> Csms:
    """A CSMS of that habit."""
    chosen = {"subprotocols": ("ocpp2.1",), **settings}

    async def serve(transport: Transport) -> None:
        with suppress(ConnectionError, ValueError):
            socket = await websocket_accept(transport, ServerSettings(**chosen))
            await habit(socket)
        await transport.close()

    return serve


def saying(octets: bytes) -> Csms:
    """Something that answers an upgrade with these octets."""

    async def serve(transport: Transport) -> None:
        with suppress(ConnectionError, WebSocketFailure):
            await transport.read()
            await transport.write(octets)
        await transport.close()

    return serve


async def deaf(transport: Transport) -> None:
    """Takes the connection and never answers the upgrade."""
    with suppress(ConnectionError):
        while await transport.read():
            pass


CSMSS: dict[str, Csms] = {
    **{name: csms(habit) for name, habit in HABITS.items()},
    "no version": csms(mute, subprotocols=(), keep_without_subprotocol=True),
    "no HTTP": saying(b"HELO tester\r\n\r\n"),
    "another page": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    "an error": saying(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
    "deaf": deaf,
}
