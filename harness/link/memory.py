"""Two ends joined by memory: the network of every self-test.

Order, closing and refusal behave like TCP and UDP on one segment; time is the event loop's, nothing is lost.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable

from harness.link.transport import Address, Datagrams, Listener, Transport

_EPHEMERAL = 49152


class MemoryTransport:
    """One end of a pair; `peer` is the other end."""

    def __init__(self, local: Address, remote: Address) -> None:
        self.local, self.remote = local, remote
        self.peer: MemoryTransport
        self._inbox: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._ended = False
        self._torn = False
        self._open = True

    async def write(self, octets: bytes) -> None:
        if not self._open or not self.peer._open:
            raise ConnectionResetError("the peer closed the connection")
        if octets:
            self.peer._deliver(bytes(octets))
        await asyncio.sleep(0)

    async def read(self) -> bytes:
        while not self._inbox:
            if self._torn:
                raise ConnectionResetError("reset by the peer")
            if self._ended or not self._open:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        return self._inbox.popleft()

    async def close(self) -> None:
        if self._open:
            self._open = False
            self._arrived.set()
            self.peer._end()

    async def abort(self) -> None:
        """Tear the connection down without an orderly end, as a TCP reset does."""
        self.peer._torn = True
        self.peer._inbox.clear()
        await self.close()

    def _deliver(self, octets: bytes) -> None:
        self._inbox.append(octets)
        self._arrived.set()

    def _end(self) -> None:
        self._ended = True
        self._arrived.set()


def memory_pair(near: Address, far: Address) -> tuple[MemoryTransport, MemoryTransport]:
    """Two joined transports: what one writes the other reads."""
    one, other = MemoryTransport(near, far), MemoryTransport(far, near)
    one.peer, other.peer = other, one
    return one, other


class MemoryListener:
    def __init__(
        self, network: MemoryNetwork, address: Address, accept: Callable[[Transport], Awaitable[None]]
    ) -> None:
        self.address, self._network, self._accept = address, network, accept
        self._tasks: set[asyncio.Task[None]] = set()

    def admit(self, transport: MemoryTransport) -> None:
        task = asyncio.get_running_loop().create_task(_run(self._accept, transport))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self._network._listeners.pop(self.address.port, None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _run(accept: Callable[[Transport], Awaitable[None]], transport: Transport) -> None:
    await accept(transport)


class MemoryDatagrams:
    def __init__(self, network: MemoryNetwork, local: Address, group: str | None) -> None:
        self.local, self.group, self._network = local, group, network
        self._inbox: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()

    async def send(self, octets: bytes, to: Address) -> None:
        self._network._deliver(octets, self.local, to)
        await asyncio.sleep(0)

    async def receive(self) -> tuple[bytes, Address]:
        return await self._inbox.get()

    async def close(self) -> None:
        self._network._datagrams.discard(self)


class MemoryNetwork:
    """One network segment with one host address per end; create one per test."""

    def __init__(self, host: str = "fe80::1%memory") -> None:
        self.host = host
        self._ports = itertools.count(_EPHEMERAL)
        self._listeners: dict[int, MemoryListener] = {}
        self._datagrams: set[MemoryDatagrams] = set()

    async def connect(self, to: Address) -> Transport:
        listener = self._listeners.get(to.port)
        if listener is None:
            raise ConnectionRefusedError(f"nobody listens on {to}")
        near, far = memory_pair(Address(self.host, next(self._ports)), Address(self.host, to.port))
        listener.admit(far)
        await asyncio.sleep(0)
        return near

    async def listen(self, port: int, accept: Callable[[Transport], Awaitable[None]]) -> Listener:
        port = port or next(self._ports)
        if port in self._listeners:
            raise OSError(f"port {port} is taken")
        listener = MemoryListener(self, Address(self.host, port), accept)
        self._listeners[port] = listener
        return listener

    async def datagrams(self, port: int = 0, group: str | None = None) -> Datagrams:
        end = MemoryDatagrams(self, Address(self.host, port or next(self._ports)), group)
        self._datagrams.add(end)
        return end

    def _deliver(self, octets: bytes, sender: Address, to: Address) -> None:
        for end in self._datagrams:
            if end.local.port == to.port and end.local != sender and to.host in (end.group, self.host):
                end._inbox.put_nowait((octets, sender))
