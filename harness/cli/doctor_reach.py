"""Can the device be reached, and can the harness be reached by it? Tries the real ways, briefly, and changes nothing."""

from __future__ import annotations

import asyncio
import errno
import shutil
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from harness.actor.access import SeccAccess
from harness.actor.meter import reader_of
from harness.actor.tester_pki import TesterPki
from harness.cli.doctor_station import station_way
from harness.cli.symptom import Symptom, broken, fine, note
from harness.device.bench import CommandAction, HttpAction, NoAction, OperatorAction
from harness.device.description import DeviceDescription
from harness.device.roles import CsmsAccess, EvccAccess, V2gAccess
from harness.errors import BenchError, HarnessError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.observation import Connected, Refused
from harness.link.sockets import SocketNetwork, link_local
from harness.link.tls import TlsFailure, TlsProfile, tls_connect
from harness.link.trace import Timeline
from harness.link.transport import Address, Transport
from harness.v2g.sdp import ALL_NODES, SERVER_PORT, SdpResponse

_PATIENCE = 4.0
"""Seconds for an SDP answer: 16 requests, of which a device answers the first."""
_ALERT_PATIENCE = 1.0
"""In TLS 1.3 a server refuses a client's certificate only after the handshake; seconds to wait for that."""
_ETHERTYPE_HOMEPLUG = 0x88E1


async def reach(description: DeviceDescription) -> AsyncIterator[Symptom]:
    """Every role, in turn, then what stands around the device."""
    roles = description.roles
    if description.bench.embedded:
        yield fine("the device is the reference device inside the harness; there is nothing to reach")
    elif roles.secc is not None:
        async for symptom in _secc(description):
            yield symptom
    if roles.evcc is not None:
        async for symptom in _evcc(roles.evcc):
            yield symptom
    if roles.station is not None and not description.bench.embedded:
        listening = await _can_listen("station", *roles.station.listen_on)
        yield listening
        if not listening.remedy:
            async for symptom in station_way(description):
                yield symptom
    if roles.aggregator is not None:
        yield await _can_listen("aggregator", *roles.aggregator.listen_on)
    if roles.csms is not None:
        async for symptom in _csms(roles.csms, description):
            yield symptom
    async for symptom in _bench(description):
        yield symptom


async def _secc(description: DeviceDescription) -> AsyncIterator[Symptom]:
    access = description.roles.secc
    assert access is not None
    bad = False
    for symptom in _interface(access):
        bad = bad or bool(symptom.remedy)
        yield symptom
    if bad:
        return
    try:
        tls = TesterPki(description, datetime.now(UTC)).evcc_profile(access.tls_profile) if access.tls_profile else None
        network = SocketNetwork(access.interface)
    except HarnessError as refused:
        yield broken(str(refused), "correct the certificates of the description")
        return
    endpoint = Address(access.host or "", access.port or 0) if access.transport == "direct" else None
    async for symptom in _session_way(SeccAccess(network, endpoint, tls)):
        yield symptom


def _interface(access: V2gAccess) -> Iterator[Symptom]:
    if access.interface is None:
        return
    try:
        yield fine(f"interface {access.interface} is up, with {link_local(access.interface)}")
    except BenchError as refused:
        what, _, remedy = str(refused).partition(". ")
        yield broken(what.partition("; ")[0], remedy or "correct roles.*.interface")
        return
    if access.slac and (refused_by := _no_raw_frames(access.interface)):
        yield broken(f"no raw frames on {access.interface}: {refused_by}", "SLAC needs CAP_NET_RAW; run as root")


def _no_raw_frames(interface: str) -> str:
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETHERTYPE_HOMEPLUG)) as raw:
            raw.bind((interface, _ETHERTYPE_HOMEPLUG))
    except OSError as refused:
        return refused.strerror or str(refused)
    return ""


async def _session_way(access: SeccAccess) -> AsyncIterator[Symptom]:
    """Discovery where it is wanted, then TCP and TLS, as a session would go."""
    timeline, capture = Timeline(Clock()), Capture()
    if access.endpoint is None:
        found, symptom = await _discovered(access, timeline, capture)
        yield symptom
        if not found:
            return
    try:
        opened = await access.open(timeline, capture, 1)
    except HarnessError as refused:
        yield broken(str(refused), "correct the certificates of the description")
        return
    if opened.transport is None:
        yield _refusal(opened.seen.message)
        return
    connected = opened.seen.message
    assert isinstance(connected, Connected)
    alert = await _late_alert(opened.transport) if access.tls else ""
    await opened.transport.close()
    if alert:
        yield broken(
            f"the device refuses the tester's certificate: {alert}",
            "give the device the root of certificates.v2g.chain, or name a chain that it trusts",
        )
    else:
        yield fine(f"{connected}")


async def _discovered(access: SeccAccess, timeline: Timeline, capture: Capture) -> tuple[bool, Symptom]:
    try:
        async with asyncio.timeout(_PATIENCE):
            answer = (await access.discover(timeline, capture)).message
    except TimeoutError:
        answer = None
    except OSError as refused:
        return False, broken(f"SDP requests cannot be sent: {refused.strerror or refused}", "check the interface")
    if not isinstance(answer, SdpResponse):
        remedy = (
            "plug in and wait for the PLC link, check that the interface leads to the SECC, and that no firewall drops UDP "
            f"from port {SERVER_PORT}"
        )
        return False, broken(f"nobody answered SDP requests for {_PATIENCE:g} s", remedy)
    return True, fine(f"SDP is answered: [{answer.address}]:{answer.port}")


def _refusal(seen: object) -> Symptom:
    remedies = {
        "tcp": "start the device, check host and port, and that it serves no other EV just now",
        "tls": "check that certificates.v2g.roots holds the root of the device's chain; `tls: lab` accepts P-256, "
        "and `tls: false` is plain TCP",
        "sdp": "make roles.secc.tls agree with what the device speaks",
    }
    stage = seen.stage if isinstance(seen, Refused) else "tcp"
    return broken(str(seen), remedies.get(stage, remedies["tcp"]))


async def _late_alert(transport: Transport) -> str:
    try:
        async with asyncio.timeout(_ALERT_PATIENCE):
            await transport.read()
    except TimeoutError:
        return ""
    except TlsFailure as refused:
        return refused.reason
    except ConnectionError as refused:
        return str(refused)
    return "it closed the connection"


async def _evcc(access: EvccAccess) -> AsyncIterator[Symptom]:
    """The harness plays the charger: it must be able to answer SDP and to listen."""
    bad = False
    for symptom in _interface(access):
        bad = bad or bool(symptom.remedy)
        yield symptom
    if bad:
        return
    if access.transport == "direct":
        yield await _can_listen("evcc", access.host or "", access.port or 0)
        return
    try:
        await (await SocketNetwork(access.interface).datagrams(SERVER_PORT, ALL_NODES)).close()
        yield fine(f"SDP requests can be answered on UDP port {SERVER_PORT}")
    except (OSError, BenchError) as refused:
        remedy = "end the program that uses it (another SDP server?), or check the rights"
        yield broken(f"UDP port {SERVER_PORT} cannot be used: {refused}", remedy)


async def _can_listen(role: str, host: str, port: int) -> Symptom:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as refused:
        remedies = {
            errno.EADDRINUSE: "end the program that uses it, or choose another port",
            errno.EACCES: "ports below 1024 need root; choose a higher one",
            errno.EADDRNOTAVAIL: "this machine does not have that address; correct it",
        }
        remedy = remedies.get(refused.errno or 0, "correct the address")
        return broken(f"the {role} cannot be waited for at {host} port {port}: {refused.strerror or refused}", remedy)
    return fine(f"the {role} can be waited for at {host} port {port}; it must be set to connect there")


async def _csms(access: CsmsAccess, description: DeviceDescription) -> AsyncIterator[Symptom]:
    parts = urlsplit(access.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        async with asyncio.timeout(_PATIENCE):
            transport = await SocketNetwork().connect(Address(host, port))
    except (OSError, TimeoutError) as refused:
        yield broken(
            f"{host} port {port} does not answer: {refused or 'no answer'}", "start the CSMS, check roles.csms.url"
        )
        return
    yield fine(f"{host} port {port} accepts connections")
    if parts.scheme == "wss":
        yield await _csms_tls(transport, description)
    with suppress(OSError):
        await transport.close()


async def _csms_tls(transport: Transport, description: DeviceDescription) -> Symptom:
    files = description.certificates.ocpp
    try:
        chain, key = (path.read_bytes() if path else b"" for path in (files.chain, files.key))
        roots = b"".join(path.read_bytes() for path in files.roots)
        profile = TlsProfile(chain, key, roots, minimum=ssl.TLSVersion.TLSv1_2, accept_any_chain=not roots, lab=True)
        async with asyncio.timeout(_PATIENCE):
            secured = await tls_connect(transport, profile)
    except (OSError, TimeoutError, HarnessError) as refused:
        return broken(
            f"no TLS with the CSMS: {refused or 'no answer'}", "check certificates.ocpp: chain, key and roots"
        )
    return fine(f"TLS with the CSMS stands: {secured.version} {secured.cipher}")


async def _bench(description: DeviceDescription) -> AsyncIterator[Symptom]:
    bench = description.bench
    if not set(description.roles.names) & {"secc", "evcc", "station"}:
        return  # nothing on this bench carries power
    if bench.meter.kind == "none":
        yield note("there is no meter: the device's own word about its power cannot be checked", "describe bench.meter")
    elif bench.meter.kind != "reference":
        yield await _meter(description)
    for name, action in bench.trigger.actions.items():
        symptom = _action(name, action)
        if symptom is not None:
            yield symptom
    if any(isinstance(bench.trigger.action(name), OperatorAction) for name in bench.trigger.available):
        yield _operator()
    if absent := [name for name in bench.trigger.actions if isinstance(bench.trigger.action(name), NoAction)]:
        yield note(f"cannot be done on this bench: {', '.join(absent)}; cases that need it are not testable")


async def _meter(description: DeviceDescription) -> Symptom:
    read = reader_of(description.bench.meter, None)
    assert read is not None
    try:
        return fine(f"the meter reads {await read()} at the grid terminals (+ import, - export)")
    except BenchError as refused:
        return broken(f"the meter cannot be read: {refused}", "correct bench.meter")


def _action(name: str, action: object) -> Symptom | None:
    """Looks, but does nothing: a doctor must not plug, switch or discharge."""
    where = f"bench.trigger.actions.{name}"
    if isinstance(action, CommandAction):
        program = action.arguments[0]
        if shutil.which(program) is None:
            return broken(f"{where}: there is no program {program}", "install it, or write its full path")
        return fine(f"{where}: {program} is there")
    if isinstance(action, HttpAction):
        parts = urlsplit(action.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), timeout=2).close()
        except OSError as refused:
            return broken(
                f"{where}: {parts.netloc} does not answer: {refused.strerror or refused}", "start it, check url"
            )
        return fine(f"{where}: {parts.netloc} answers")
    return None


def _operator() -> Symptom:
    if sys.stdin.isatty():
        return fine("a person at this terminal does what is asked")
    return note("there is no terminal, so nobody can be asked to plug in or to authorise", "run in a terminal")
