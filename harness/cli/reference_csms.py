"""`v2x-harness reference csms`: the reference central system as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.actor.control import ControlServer
from harness.actor.csms_settings import CsmsSettings
from harness.actor.csms_store import CsmsStore
from harness.actor.embedded_csms import REFERENCE, EmbeddedCsms
from harness.cli.ending import Ending
from harness.errors import DescriptionError, UsageError
from harness.fault.fault import Fault
from harness.link.sockets import SocketNetwork
from harness.mutants import MUTANTS
from harness.ocpp.csms.periods import MODES, V2xPlan
from harness.ocppj.versions import SUBPROTOCOLS
from harness.suggest import did_you_mean

_PORT = 9000


def run(options: Sequence[str]) -> int:
    """Serve stations until Ctrl-C or SIGTERM."""
    chosen = _arguments().parse_args(options)
    store = CsmsStore(chosen.state) if chosen.state else None
    try:
        csms = EmbeddedCsms(
            _settings(chosen),
            SocketNetwork(host=chosen.host),
            faults=_faults(chosen.mutant),
            store=store,
            log=_log,
        )
        asyncio.run(_serve(csms, chosen.control))
    finally:
        if store is not None:
            store.close()
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="v2x-harness reference csms", description="A central system (OCPP).")
    parser.add_argument("--host", help="address to listen on (default: loopback)")
    parser.add_argument("--port", type=int, default=_PORT, help=f"TCP port (default: {_PORT})")
    parser.add_argument("--ocpp", action="append", choices=tuple(SUBPROTOCOLS), help="versions (default: all)")
    parser.add_argument("--profile", type=int, choices=range(4), default=0, help="security profile (default: 0)")
    parser.add_argument(
        "--password", action="append", default=[], metavar="ID=PASSWORD", help="of a station, for profiles 1 and 2"
    )
    parser.add_argument("--chain", type=Path, help="server certificate chain (PEM), for profiles 2 and 3")
    parser.add_argument("--key", type=Path, help="its private key (PEM)")
    parser.add_argument("--roots", type=Path, help="roots of the stations' certificates (PEM), for profile 3")
    parser.add_argument("--mode", choices=MODES, help="operation mode in which bidirectional EVs are used")
    parser.add_argument("--setpoint", type=float, help="its setpoint in W: + charges, - discharges")
    parser.add_argument("--state", type=Path, help="file that keeps its state over restarts")
    parser.add_argument("--mutant", help="run as this faulty CSMS")
    parser.add_argument("--control", type=int, metavar="PORT", help="port of the controls over HTTP, on loopback")
    return parser


def _settings(chosen: argparse.Namespace) -> CsmsSettings:
    settings = REFERENCE.listening(
        port=chosen.port,
        security_profile=chosen.profile,
        passwords=dict(map(_password, chosen.password)),
        chain=_read(chosen.chain),
        key=_read(chosen.key),
        roots=_read(chosen.roots),
        **({"versions": tuple(chosen.ocpp)} if chosen.ocpp else {}),
    )
    plan = settings.policy.plan
    wanted = V2xPlan(
        mode=chosen.mode or plan.mode, setpoint=plan.setpoint if chosen.setpoint is None else chosen.setpoint
    )
    return replace(settings, policy=settings.policy.replace(plan=wanted))


def _password(written: str) -> tuple[str, str]:
    identity, separator, password = written.partition("=")
    if not (identity and separator and password):
        raise UsageError(f"--password {written!r}: write the station's identity and its password, as CS1=secret")
    return identity, password


def _read(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DescriptionError(f"{path}: {error.strerror}", remedy="name a PEM file that is there") from error


def _faults(name: str | None) -> tuple[Fault, ...]:
    if name is None:
        return ()
    known = {each.name: each for each in MUTANTS.values() if each.role == "csms"}
    if name not in known:
        raise UsageError(f"there is no faulty CSMS {name}: {did_you_mean(name, known)}")
    return known[name].armed()


async def _serve(csms: EmbeddedCsms, control_port: int | None) -> None:
    ending = Ending()
    await csms.start()
    control = ControlServer(csms.controls, {"stations": csms.stations})
    said = ""
    try:
        if control_port is not None:
            await control.start(control_port)
            said = f", controls on http://127.0.0.1:{control.port}/"
        print(f"csms listens on {csms.url}{said}", flush=True)
        await ending.asked()
    finally:
        await control.stop()
        await csms.stop()


def _log(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", file=sys.stderr, flush=True)
