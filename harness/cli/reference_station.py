"""`v2x-harness reference station` and `reference charger`: the station, alone or with its SECC, as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.actor.charger import ReferenceCharger
from harness.actor.control import Control, ControlServer
from harness.actor.embedded_station import EmbeddedStation
from harness.actor.ocpp_line import CsmsAccess, ocpp_tls
from harness.actor.settings_secc import load_settings
from harness.actor.station_controls import StationControls
from harness.cli.ending import Ending
from harness.device.pixit import StationPixit
from harness.errors import DescriptionError, UsageError
from harness.fault.fault import Fault
from harness.link.sockets import SocketNetwork
from harness.link.tls import TlsProfile
from harness.link.transport import Address
from harness.mutants import find_mutant
from harness.ocpp.security import PROFILES, key_readings
from harness.ocpp.station.settings import StationSettings
from harness.ocppj.versions import SUBPROTOCOLS
from harness.v2g.secc_settings import SeccSettings

_WHAT = {
    "station": "A charging station (OCPP).",
    "charger": "A charger: a station (OCPP) joined with its SECC (ISO 15118-20).",
}
_PORTS = {"ws": 80, "wss": 443}


def run(options: Sequence[str]) -> int:
    """Be a station until Ctrl-C or SIGTERM."""
    chosen = _arguments("station").parse_args(options)
    settings = _settings(chosen)
    station = EmbeddedStation(settings, _access(chosen), StationPixit(), _faults(chosen.mutant), log=_log)
    readings = {"meter": lambda: station.station.meter(1), "station": lambda: state_of(station)}
    asyncio.run(_serve(station, station.controls, readings, chosen, f"station {chosen.identity} calls {chosen.url}"))
    return 0


def run_charger(options: Sequence[str]) -> int:
    """Be a charger, with a CSMS above and EVs below, until Ctrl-C or SIGTERM."""
    parser = _arguments("charger")
    parser.add_argument("--config", type=Path, help="settings of its SECC (YAML)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--interface", help="network interface towards EVs; answers SDP there")
    where.add_argument("--host", help="address towards EVs (default: loopback)")
    parser.add_argument("--port", type=int, default=0, help="TCP port towards EVs (default: a free one)")
    parser.add_argument("--tls", action=argparse.BooleanOptionalAction, default=True, help="TLS towards EVs")
    parser.add_argument("--pki", type=Path, help="directory with the SECC's certificates; made and kept if new")
    chosen = parser.parse_args(options)
    charger = _charger(chosen)
    said = f"charger {chosen.identity} calls {chosen.url}"
    asyncio.run(_serve(charger, _controls(charger), {"meter": charger.meter}, chosen, said))
    return 0


def _charger(chosen: argparse.Namespace) -> ReferenceCharger:
    from harness.cli.reference import secc_credentials

    secc = load_settings(chosen.config) if chosen.config else SeccSettings()
    secc = replace(secc, tls=replace(secc.tls, enabled=chosen.tls), sdp=secc.sdp and bool(chosen.interface))
    tls: TlsProfile | None = secc_credentials(chosen.pki) if chosen.tls else None
    return ReferenceCharger(
        _settings(chosen),
        _access(chosen),
        secc,
        SocketNetwork(chosen.interface, chosen.host),
        mutant=find_mutant(chosen.mutant) if chosen.mutant else None,
        tls=tls,
        port=chosen.port,
        log=_log,
    )


def _arguments(role: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"v2x-harness reference {role}", description=_WHAT[role])
    parser.add_argument("--url", required=True, help="where its CSMS is, without the identity, as ws://host:9000/ocpp")
    parser.add_argument("--identity", default="CS1", help="its name there (default: CS1)")
    parser.add_argument("--ocpp", choices=tuple(SUBPROTOCOLS), default="2.1", help="version (default: 2.1)")
    parser.add_argument("--profile", type=int, choices=range(4), default=0, help="security profile (default: 0)")
    parser.add_argument("--password", default="", help="in profiles 1 and 2; hexadecimal in 1.6")
    parser.add_argument("--chain", type=Path, help="its certificate chain (PEM), for profile 3")
    parser.add_argument("--key", type=Path, help="its private key (PEM)")
    parser.add_argument("--roots", type=Path, help="roots of the CSMS's certificate (PEM), for profiles 2 and 3")
    if role == "station":
        parser.add_argument("--evses", type=int, default=1, help="how many EVSEs it has (default: 1)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable, as TxCtrlr.TxStartPoint=Authorized",
    )
    parser.add_argument("--mutant", help="run as this faulty station (see `v2x-harness list`)")
    parser.add_argument("--control", type=int, metavar="PORT", help="port of the controls over HTTP, on loopback")
    return parser


def _settings(chosen: argparse.Namespace) -> StationSettings:
    return StationSettings(
        version=chosen.ocpp,
        evses=max(1, getattr(chosen, "evses", 1)),
        security_profile=chosen.profile,
        seed=int(datetime.now(UTC).timestamp() * 1000),  # message ids and transaction ids never repeat
        variables=dict(_variable(written) for written in chosen.set),
    )


def _variable(written: str) -> tuple[str, str]:
    name, separator, value = written.partition("=")
    if not separator or "." not in name:
        raise UsageError(f"--set {written!r}: write component, variable and value, as TxCtrlr.TxStartPoint=Authorized")
    return name, value


def _access(chosen: argparse.Namespace) -> CsmsAccess:
    found, profile = urlsplit(chosen.url), PROFILES[chosen.profile]
    if found.scheme != profile.scheme or not found.hostname:
        raise UsageError(
            f"--url {chosen.url!r}: security profile {chosen.profile} needs {profile.scheme}://host:port/path"
        )
    if profile.basic and not chosen.password:
        raise UsageError(f"security profile {chosen.profile} needs --password")
    password = key_readings(chosen.password)[0] if chosen.ocpp == "1.6" else chosen.password.encode()
    tls = ocpp_tls(_read(chosen.chain), _read(chosen.key), _read(chosen.roots), server_name=found.hostname)
    return CsmsAccess(
        SocketNetwork(),
        Address(found.hostname, found.port or _PORTS[found.scheme]),
        chosen.url,
        chosen.identity,
        profile,
        (chosen.ocpp,),
        password,
        tls,
    )


def _read(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DescriptionError(f"{path}: {error.strerror}", remedy="name a PEM file that is there") from error


def _faults(name: str | None) -> tuple[Fault, ...]:
    return find_mutant(name).armed() if name else ()


def state_of(station: EmbeddedStation) -> list[dict[str, Any]]:
    """What each EVSE does now, for people and triggers."""
    return [
        {
            "evse": evse.number,
            "state": evse.availability,
            "mode": evse.control.mode,
            "power": evse.control.power,
            "transaction": station.station.station.transactions.of_evse[evse.number].id
            if evse.number in station.station.station.transactions.of_evse
            else "",
        }
        for evse in station.station.station.evses.values()
    ]


def _controls(charger: ReferenceCharger) -> Mapping[str, Control]:
    """What a bench can do at a charger: EVs come by themselves."""
    return {**StationControls(charger.station, StationPixit()).actions, "power_cycle": charger.power_cycle}


async def _serve(
    device: EmbeddedStation | ReferenceCharger,
    actions: Mapping[str, Control],
    readings: Mapping[str, Any],
    chosen: argparse.Namespace,
    said: str,
) -> None:
    ending = Ending()
    await device.start()
    control = ControlServer(actions, readings)
    try:
        if isinstance(device, ReferenceCharger):
            said += f", serves EVs on {device.secc.address}"
        if chosen.control is not None:
            await control.start(chosen.control)
            said += f", controls on http://127.0.0.1:{control.port}/"
        print(said, flush=True)
        await ending.asked()
    finally:
        await control.stop()
        await device.stop()


def _log(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", file=sys.stderr, flush=True)
