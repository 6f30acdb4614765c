"""The network of a real bench: TCP and UDP on one interface, or on loopback when none is named.

ISO 15118 lives on IPv6 link-local addresses: naming an interface binds everything to its link-local address and makes
multicast work (SDP). Ports that nobody chose come from 49152 to 65535, because V2G allows no others.
Works on plain sockets rather than asyncio streams: a write that fails must not lose what the peer said last.
"""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address
from typing import Any

import psutil

from harness.errors import BenchError
from harness.link.transport import Address, Datagrams, Listener, Transport

DYNAMIC_PORTS = range(49152, 65536)
_PORTS_TO_TRY = 100
_CHUNK = 2**16
_LINGER_NOT = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN
_dice = random.SystemRandom()  # a seeded run must not meet the ports of its predecessor again


class SocketTransport:
    """One TCP connection. `close` ends it with FIN, `abort` with RST; both wake a pending `read`."""

    def __init__(self, connected: socket.socket) -> None:
        self.local, self.remote = _address(connected.getsockname()), _address(connected.getpeername())
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._reading, self._writing = asyncio.Lock(), asyncio.Lock()
        self._open = True

    async def write(self, octets: bytes) -> None:
        async with self._writing:
            if not self._open:
                raise ConnectionResetError("the connection is closed on our side")
            with _torn_as_connection_error():
                await asyncio.get_running_loop().sock_sendall(self._socket, octets)

    async def read(self) -> bytes:
        async with self._reading:
            if not self._open:
                return b""
            with _torn_as_connection_error():
                return await asyncio.get_running_loop().sock_recv(self._socket, _CHUNK)

    async def close(self) -> None:
        await self._end(socket.SHUT_RDWR)

    async def abort(self) -> None:
        """Tear the connection down with a TCP reset."""
        if self._open:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        await self._end(socket.SHUT_RD)

    async def _end(self, how: int) -> None:
        if not self._open:
            return
        self._open = False
        with suppress(OSError):  # the peer may have torn it down before
            self._socket.shutdown(how)
        async with self._reading, self._writing:
            self._socket.close()


class SocketListener:
    """A listening socket; `address` is where it really listens."""

    def __init__(self, listening: socket.socket, accept: Callable[[Transport], Awaitable[None]]) -> None:
        self.address = _address(listening.getsockname())
        self._socket, self._accept = listening, accept
        self._conversations: set[asyncio.Task[None]] = set()
        self._admission = asyncio.get_running_loop().create_task(self._admit())

    async def close(self) -> None:
        """Stop listening, and end what `accept` is still busy with."""
        tasks = (self._admission, *self._conversations)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()

    async def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, _peer = await loop.sock_accept(self._socket)
                transport = SocketTransport(connected)
            except OSError:  # the peer left again, or descriptors ran out: the next one may fare better
                await asyncio.sleep(0.05)
                continue
            task = loop.create_task(_converse(self._accept, transport))
            self._conversations.add(task)
            task.add_done_callback(self._conversations.discard)


class SocketDatagrams:
    """One UDP socket. On a named interface only what came in through that interface is heard."""

    def __init__(self, bound: socket.socket, scope: int) -> None:
        self.local = _address(bound.getsockname())
        self._socket, self._scope = bound, scope
        self._receiving = asyncio.Lock()

    async def send(self, octets: bytes, to: Address) -> None:
        """Raises OSError when nothing can be sent there."""
        host, _, _zone = to.host.partition("%")
        target = (host, to.port, 0, self._scope) if self._socket.family == socket.AF_INET6 else (host, to.port)
        await asyncio.get_running_loop().sock_sendto(self._socket, octets, target)

    async def receive(self) -> tuple[bytes, Address]:
        async with self._receiving:
            while True:
                octets, sender = await asyncio.get_running_loop().sock_recvfrom(self._socket, _CHUNK)
                if not self._scope or sender[3] == self._scope:
                    return octets, _address(sender)

    async def close(self) -> None:
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()


class SocketNetwork:
    """Sockets on one interface (its IPv6 link-local address), else on `host`, by default loopback.

    Raises `BenchError` when the interface is missing, down, or has no link-local address. Hosts that are link-local and
    name no zone are sought on the interface.
    """

    def __init__(self, interface: str | None = None, host: str | None = None) -> None:
        self.interface = interface
        self.host = link_local(interface) if interface else host or loopback()
        self._scope = socket.if_nametoindex(interface) if interface else 0

    async def connect(self, to: Address) -> Transport:
        """A TCP connection; raises OSError when nobody listens, or nothing is reachable."""
        refused = OSError(f"{to} has no address")
        for family, target in await _resolve(self._zoned(to.host), to.port):
            source = _bound(family, socket.SOCK_STREAM, "::" if family == socket.AF_INET6 else "0.0.0.0")
            try:
                await asyncio.get_running_loop().sock_connect(source, target)
                return SocketTransport(source)
            except OSError as error:
                refused = error
                source.close()
            except asyncio.CancelledError:
                source.close()
                raise
        raise refused

    async def listen(self, port: int, accept: Callable[[Transport], Awaitable[None]]) -> Listener:
        """A TCP listener; port 0 takes a free one of `DYNAMIC_PORTS`. Raises OSError when the port is taken."""
        listening = self._bound_here(socket.SOCK_STREAM, self.host, port)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that whoever comes back here later may
        listening.listen()
        return SocketListener(listening, accept)

    async def datagrams(self, port: int = 0, group: str | None = None) -> Datagrams:
        """A UDP socket that sends multicast to this interface alone (hop limit 1), and hears `group` when one is named.

        Raises OSError when the port is taken, and `BenchError` for a group without an interface.
        """
        if group is None:
            return self._datagrams(self._bound_here(socket.SOCK_DGRAM, self.host, port))
        if not self._scope:
            raise BenchError(
                f"Multicast to {group} needs an interface; loopback carries none. "
                "Name the interface (roles.secc.interface), or reach the device directly by host and port."
            )
        bound = self._bound_here(socket.SOCK_DGRAM, "::", port)
        membership = IPv6Address(group).packed + struct.pack("@I", self._scope)
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
        return self._datagrams(bound)

    def _bound_here(self, kind: socket.SocketKind, host: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return _bound(family, kind, host.partition("%")[0], port, self._scope)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL and self.interface:
                raise BenchError(
                    f"{host} cannot be used yet: the kernel still checks that no other node has it. "
                    f"Wait a few seconds, or set net.ipv6.conf.{self.interface}.accept_dad=0."
                ) from error
            raise

    def _datagrams(self, bound: socket.socket) -> SocketDatagrams:
        if self._scope:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, self._scope)
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        return SocketDatagrams(bound, self._scope)

    def _zoned(self, host: str) -> str:
        if self.interface and host.lower().startswith("fe80:") and "%" not in host:
            return f"{host}%{self.interface}"
        return host


def link_local(interface: str) -> str:
    """The IPv6 link-local address of an interface with its zone (``fe80::1%eth0``); raises `BenchError` if it has none.

    psutil is asked because it needs no netlink loop of its own and knows whether there is a carrier.
    """
    known = psutil.net_if_stats()
    if interface not in known:
        raise BenchError(
            f"Interface {interface} does not exist; this machine has {', '.join(sorted(known))}. "
            "Correct the name, or plug the adapter in."
        )
    if not known[interface].isup:
        raise BenchError(
            f"Interface {interface} is down or has no carrier. Plug the cable in, and run: ip link set {interface} up"
        )
    for entry in psutil.net_if_addrs().get(interface, ()):
        if entry.family == socket.AF_INET6 and entry.address.lower().startswith("fe80:"):
            return f"{entry.address.partition('%')[0]}%{interface}"
    raise BenchError(
        f"Interface {interface} has no IPv6 link-local address, which ISO 15118 needs. "
        f"Run: sysctl net.ipv6.conf.{interface}.disable_ipv6=0, or: ip addr add fe80::1/64 dev {interface}"
    )


def loopback() -> str:
    """``::1`` where this machine has IPv6, else ``127.0.0.1``."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return "::1"
    except OSError:
        return "127.0.0.1"


async def _resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """Addresses of a host; a numeric one is not sent through the resolver's thread."""
    try:
        found: Iterable[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, target) for family, _kind, _protocol, _name, target in found]


def _bound(
    family: socket.AddressFamily, kind: socket.SocketKind, host: str, port: int = 0, scope: int = 0
) -> socket.socket:
    """A non-blocking socket bound to `port`, or for 0 to a free one of the dynamic ports."""
    made = socket.socket(family, kind)
    try:
        made.setblocking(False)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if port and kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the run before may still linger
        _bind(made, host, [port] if port else _dice.sample(DYNAMIC_PORTS, _PORTS_TO_TRY), scope)
    except OSError:
        made.close()
        raise
    return made


def _bind(made: socket.socket, host: str, ports: list[int], scope: int) -> None:
    taken = OSError("no port to try")
    for port in ports:
        try:
            return made.bind((host, port, 0, scope) if made.family == socket.AF_INET6 else (host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            taken = OSError(error.errno, f"port {port} of {host} is taken by another program")
    raise taken


async def _converse(accept: Callable[[Transport], Awaitable[None]], transport: SocketTransport) -> None:
    """Run `accept`; a conversation that is cancelled or breaks leaves no open socket behind."""
    try:
        await accept(transport)
    except BaseException:
        await transport.close()
        raise


@contextmanager
def _torn_as_connection_error() -> Iterator[None]:
    """Says in the same words as other transports how a connection was torn; a lost route or a timeout is that too."""
    try:
        yield
    except (ConnectionResetError, BrokenPipeError) as error:
        raise ConnectionResetError("reset by the peer") from error
    except OSError as error:
        raise ConnectionAbortedError(f"lost: {error.strerror or error}") from error


def _address(name: Any) -> Address:
    """The address of a socket, with the zone that Python leaves out."""
    host, port, *more = name
    scope = more[1] if len(more) == 2 else 0
    return Address(f"{host.partition('%')[0]}%{socket.if_indextoname(scope)}" if scope else host, port)
