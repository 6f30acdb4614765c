"""An OCPP connection put together: transport, TLS, WebSocket, codec and link, from the station's end or the CSMS's.

What goes wrong on the way is a `Refused` observation, with the stage at which it did.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from harness.actor.ocpp_codec import FLOOD_LIMIT, PACE, OcppCodec
from harness.link.capture import Capture
from harness.link.link import Link, LinkFault
from harness.link.observation import Connected, Observation, Refused
from harness.link.tap import captured
from harness.link.tls import TlsFailure, TlsProfile, TlsTransport, tls_accept, tls_connect
from harness.link.trace import Timeline
from harness.link.transport import Address, Network, Transport
from harness.link.upgrade import (
    ClientSettings,
    Rejection,
    ServerSettings,
    WebSocketFailure,
    websocket_accept,
    websocket_connect,
)
from harness.link.websocket import Upgrade, WebSocketTransport
from harness.ocpp.security import (
    OLD_SUITES,
    REALM,
    SERVER_SUITES,
    AuthenticationFault,
    Credentials,
    Presented,
    SecurityProfile,
    authentication_fault,
    basic_header,
    endpoint_of,
    identity_fault,
    identity_of,
    station_url,
)
from harness.ocppj.versions import SUBPROTOCOLS, Version, version_of

CONNECT_PATIENCE = 10.0
"""Seconds that a TCP connection or a TLS handshake may take before it counts as refused."""
NAME = "ocpp"
"""How observations name the link."""


@dataclass(frozen=True, slots=True)
class Line:
    """A standing connection: `link` to talk, `socket` for pings and closes, the agreed version, and whose line it is."""

    link: Link
    socket: WebSocketTransport
    version: Version
    identity: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening a connection; `line` is None when it was refused, by whichever side. `event` is the security event
    that a station makes of that, empty where it is none."""

    seen: Observation
    line: Line | None
    event: str = ""


def ocpp_tls(chain: bytes = b"", key: bytes = b"", roots: bytes = b"", *, server_name: str = "") -> TlsProfile:
    """TLS as OCPP wants it from a station: 1.2 or newer, the server's name checked. All material is PEM."""
    return TlsProfile(
        chain,
        key,
        roots,
        minimum=ssl.TLSVersion.TLSv1_2,
        lab=True,
        server_name=server_name,
        ciphers=":".join(SERVER_SUITES),
    )


def outdated(tls: TlsProfile) -> TlsProfile:
    """The same, with the old versions of TLS allowed and what they need."""
    return replace(tls, minimum=ssl.TLSVersion.TLSv1, ciphers=":".join((*SERVER_SUITES, *OLD_SUITES)))


def csms_tls(profile: SecurityProfile, tls: TlsProfile) -> TlsProfile:
    """The same for a CSMS: a client certificate is demanded in security profile 3."""
    return replace(tls, require_client_certificate=profile.client_certificate, server_name="")


@dataclass(frozen=True, slots=True)
class CsmsAccess:
    """How a station reaches its CSMS. `url` is the endpoint without the identity; `tls` is used by profiles 2 and 3.

    `user` is the user name of the credentials where it is not the identity, `offered` are the sub-protocols where they are not
    those of `versions`.
    """

    network: Network
    endpoint: Address
    url: str
    identity: str
    profile: SecurityProfile
    versions: tuple[Version, ...] = tuple(SUBPROTOCOLS)
    password: bytes = b""
    tls: TlsProfile = field(default_factory=ocpp_tls)
    compression: bool = True
    user: str = ""
    offered: tuple[str, ...] = ()

    async def open(
        self, timeline: Timeline, capture: Capture, connection: int = 1, faults: Sequence[LinkFault] = ()
    ) -> Opened:
        """Connect as the station."""
        stage, target, event = ["tcp"], str(self.endpoint), ""
        try:
            transport = await self._reach(timeline, capture, connection, stage)
            socket = await websocket_connect(transport, self._settings())
            version = version_of(socket.subprotocol)
            if version is None:
                await socket.close()
                chosen = f"{socket.subprotocol}, which is not OCPP" if socket.subprotocol else "none of them"
                said = f"{', '.join(self._offered)} offered, and the CSMS agreed to {chosen}"
                raise WebSocketFailure(said, by="peer", status=101)
        except TimeoutError:
            refused = Refused(target, stage[-1], f"no answer within {CONNECT_PATIENCE:g} s")
        except (TlsFailure, WebSocketFailure, OSError) as error:
            refused, event = Refused(target, stage[-1], _reason(error)), _security_event(error)
        else:
            link = _link(socket, version, timeline, "station", connection, faults)
            return Opened(timeline.observations[-1], Line(link, socket, version, self.identity))
        return Opened(timeline.observe(NAME, "csms", refused, connection=connection), None, event)

    async def _reach(self, timeline: Timeline, capture: Capture, connection: int, stage: list[str]) -> Transport:
        """TCP, and TLS where the profile has it; `stage` tells where this stands."""
        async with asyncio.timeout(CONNECT_PATIENCE):
            transport: Transport = await self.network.connect(self.endpoint)
            if self.profile.tls:
                stage.append("tls")
                tls = (
                    self.tls
                    if self.profile.client_certificate
                    else replace(self.tls, chain=b"", key=b"", more_chains=())
                )
                transport = await tls_connect(transport, tls, capture=capture, clock=timeline.clock)
            else:
                transport = captured(transport, capture, timeline.clock)
        stage.append("websocket")
        timeline.observe(NAME, "csms", _connected(self.endpoint, transport), connection=connection)
        return transport

    @property
    def _offered(self) -> tuple[str, ...]:
        return self.offered or tuple(SUBPROTOCOLS[each] for each in self.versions)

    def _settings(self) -> ClientSettings:
        credentials = Credentials(self.user or self.identity, self.password)
        headers = (("Authorization", basic_header(credentials)),) if self.profile.basic else ()
        return ClientSettings(station_url(self.url, self.identity), self._offered, headers, self.compression)


@dataclass(frozen=True, slots=True)
class StationDoor:
    """How a CSMS lets stations in. `passwords` gives those accepted from an identity, None for a station not known here;
    one that is `shut` refuses everybody.

    `path` is what has to stand before the identity in the address that a station asks for; None takes anything.
    """

    profile: SecurityProfile
    versions: tuple[Version, ...] = tuple(SUBPROTOCOLS)
    passwords: Callable[[str], tuple[bytes, ...] | None] = field(default=lambda _identity: ())
    tls: TlsProfile = field(default_factory=ocpp_tls)
    compression: bool = True
    shut: bool = False
    path: str | None = None

    async def open(
        self,
        transport: Transport,
        timeline: Timeline,
        capture: Capture,
        connection: int = 1,
        faults: Sequence[LinkFault] = (),
    ) -> Opened:
        """Let in who knocks on an accepted `transport`, as the CSMS."""
        stage, target = "tls" if self.profile.tls else "websocket", str(transport.remote)
        try:
            secured = await self._secure(transport, timeline, capture)
            timeline.observe(NAME, "station", _connected(transport.remote, secured), connection=connection)
            stage = "websocket"
            socket = await websocket_accept(secured, self._settings(secured))
            version = version_of(socket.subprotocol)
            assert version is not None, "the settings refuse a socket without a sub-protocol"
        except TimeoutError:
            await transport.close()
            refused = Refused(target, stage, f"no TLS handshake within {CONNECT_PATIENCE:g} s")
        except ConnectionError as error:
            refused = Refused(target, stage, _reason(error))
        else:
            link = _link(socket, version, timeline, "csms", connection, faults)
            return Opened(timeline.observations[-1], Line(link, socket, version, identity_of(socket.upgrade.path)))
        return Opened(timeline.observe(NAME, "station", refused, connection=connection), None)

    async def _secure(self, transport: Transport, timeline: Timeline, capture: Capture) -> Transport:
        if not self.profile.tls:
            return captured(transport, capture, timeline.clock)
        async with asyncio.timeout(CONNECT_PATIENCE):
            return await tls_accept(transport, csms_tls(self.profile, self.tls), capture=capture, clock=timeline.clock)

    def _settings(self, transport: Transport) -> ServerSettings:
        def admit(upgrade: Upgrade) -> Rejection | None:
            return self._rejection(upgrade, transport)

        names = tuple(SUBPROTOCOLS[each] for each in self.versions)
        return ServerSettings(names, admit, self.compression)

    def _rejection(self, upgrade: Upgrade, transport: Transport) -> Rejection | None:
        if self.shut:
            return Rejection(503, "no station is let in now")
        if self.path is not None and endpoint_of(upgrade.path) != self.path.rstrip("/"):
            expected = f"{self.path.rstrip('/')}/<identity>"
            return Rejection(404, f"there is nothing at {upgrade.path[:200]}; stations connect to {expected}")
        identity = identity_of(upgrade.path)
        known = None if identity_fault(identity) else self.passwords(identity)
        if known is None:
            return Rejection(404, identity_fault(identity) or f"no station {identity!r} is known here")
        secured = isinstance(transport, TlsTransport)
        certificate = bool(transport.peer_chain) if isinstance(transport, TlsTransport) else False
        shown = Presented(secured, certificate, upgrade.header("Authorization"), upgrade.path)
        fault: AuthenticationFault | None = authentication_fault(self.profile, shown, known)
        if fault is None:
            return None
        challenge = (("WWW-Authenticate", REALM),) if fault.status == 401 else ()
        return Rejection(fault.status, str(fault), challenge)


def _link(
    socket: WebSocketTransport,
    version: Version,
    timeline: Timeline,
    role: str,
    connection: int,
    faults: Sequence[LinkFault],
) -> Link:
    return Link(
        NAME,
        socket,
        OcppCodec(version),
        timeline,
        role=role,
        peer_role="csms" if role == "station" else "station",
        connection=connection,
        faults=faults,
        flood_limit=FLOOD_LIMIT,
        pace=PACE,
    )


def _connected(endpoint: Address, transport: Transport) -> Connected:
    if isinstance(transport, TlsTransport):
        return Connected(str(endpoint), transport.version, transport.cipher, transport.peer_chain)
    return Connected(str(endpoint))


def _security_event(error: OSError) -> str:
    """What a station reports of a server that it does not take (A00.FR.310, .316, .323)."""
    if not isinstance(error, TlsFailure):
        return ""
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return "InvalidCsmsCertificate"
    return {"protocol_version": "InvalidTLSVersion", "handshake_failure": "InvalidTLSCipherSuite"}.get(error.alert, "")


def _reason(error: OSError) -> str:
    return error.reason if isinstance(error, (TlsFailure, WebSocketFailure)) else str(error)
