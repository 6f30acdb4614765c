"""The seam between links and media: what moves octets, and what opens such a thing.

A new medium is one `Transport`; a new way to reach peers is one `Network`. Neither knows a message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol, Self, runtime_checkable

from harness.link.observation import Event


class Address(NamedTuple):
    """Host and port, as the operating system names them. An IPv6 link-local host carries its zone (``fe80::1%eth0``)."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Chunk(bytes):
    """One message of a message-oriented medium. It counts as something even when it is empty: only b"" is the end.

    `binary` says that the medium marked it as octets, not as text.
    """

    binary: bool

    def __new__(cls, octets: bytes = b"", *, binary: bool = False) -> Self:
        made = super().__new__(cls, octets)
        made.binary = binary
        return made

    def __bool__(self) -> bool:
        return True


class Transport(Protocol):
    """A two-way stream between two peers, or for message-oriented media a sequence of messages, each a `Chunk`.

    `read` returns b"" when the peer ended the stream in order and raises `ConnectionError` when it was torn; `write`
    raises `ConnectionError` when the peer is gone.
    """

    local: Address
    remote: Address

    async def write(self, octets: bytes) -> None: ...
    async def read(self) -> bytes: ...
    async def close(self) -> None: ...


@runtime_checkable
class Telling(Protocol):
    """A transport that sees more than messages (pings, close codes) and tells it, oldest first, with its time (s).

    Each event comes with whether it went `outbound`. What happened before `tell_to` is told at once.
    """

    def tell_to(self, listener: Callable[[Event, bool, float], None]) -> None: ...


class Listener(Protocol):
    """A server socket that accepts until it is closed."""

    address: Address

    async def close(self) -> None: ...


class Datagrams(Protocol):
    """An unconnected datagram socket."""

    local: Address

    async def send(self, octets: bytes, to: Address) -> None: ...
    async def receive(self) -> tuple[bytes, Address]: ...
    async def close(self) -> None: ...


class Network(Protocol):
    """Opens transports. `connect` raises `OSError` when nobody listens or nothing is reachable.

    `datagrams(port, group)` binds `port` (0: any) and joins the multicast `group` when one is named.
    """

    async def connect(self, to: Address) -> Transport: ...
    async def listen(self, port: int, accept: Callable[[Transport], Awaitable[None]]) -> Listener: ...
    async def datagrams(self, port: int = 0, group: str | None = None) -> Datagrams: ...
