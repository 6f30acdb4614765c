"""`v2x-harness reference`: a reference device as a process of its own.

v2x-harness reference secc [--config FILE] [--interface I | --host H --port P] [--no-tls] [--pki DIR]
                           [--mutant NAME] [--control PORT]
v2x-harness reference csms [--host H] [--port P] [--ocpp VERSION] [--profile 0..3] [--password ID=PASSWORD]
                           [--chain F --key F --roots F] [--state FILE] [--mutant NAME] [--control PORT]
v2x-harness reference station --url URL [--identity ID] [--ocpp VERSION] [--profile 0..3] [--password P]
                           [--chain F --key F --roots F] [--evses N] [--set NAME=VALUE] [--mutant NAME] [--control PORT]
v2x-harness reference charger --url URL [as station] [--config FILE] [--interface I | --host H --port P] [--no-tls] [--pki DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.actor.control import Control, ControlServer
from harness.actor.secc import ReferenceSecc
from harness.actor.settings_secc import load_settings
from harness.cli import reference_csms, reference_station
from harness.cli.ending import Ending
from harness.errors import DescriptionError, UsageError
from harness.link.sockets import SocketNetwork
from harness.link.tls import TlsProfile
from harness.messages.common_types import evseNotificationType
from harness.mutants import find_mutant
from harness.pki.factory import make_pki
from harness.pki.recipe import read_recipe
from harness.resources import resource
from harness.suggest import did_you_mean
from harness.v2g.secc_settings import SeccSettings

_RECIPE = "standard"


def main(arguments: Sequence[str]) -> int:
    """Run one reference device until Ctrl-C or SIGTERM; exit code 0 then, 3 for wrong arguments, 4 for the bench."""
    given = list(arguments)
    if not given or given[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if given else 3
    role, *options = given
    if role not in _ROLES:
        raise UsageError(f"there is no reference device {role}: {did_you_mean(role, _ROLES)}")
    return _ROLES[role](options)


def _secc(options: Sequence[str]) -> int:
    chosen = _secc_arguments().parse_args(options)
    settings = load_settings(chosen.config) if chosen.config else SeccSettings()
    if chosen.tls is not None:
        settings = replace(settings, tls=replace(settings.tls, enabled=chosen.tls))
    if not chosen.interface:
        settings = replace(settings, sdp=False)  # multicast needs an interface; a direct address needs no discovery
    mutant = find_mutant(chosen.mutant) if chosen.mutant else None
    network = SocketNetwork(chosen.interface, chosen.host)
    secc = ReferenceSecc(
        settings,
        network,
        faults=mutant.armed() if mutant else (),
        tls=secc_credentials(chosen.pki) if settings.tls.enabled else None,
        port=chosen.port,
        log=_log,
    )
    asyncio.run(_serve(secc, chosen.control))
    return 0


def _secc_arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="v2x-harness reference secc", description="A bidirectional DC charger.")
    parser.add_argument("--config", type=Path, help="its settings (YAML)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--interface", help="network interface; answers SDP there")
    where.add_argument("--host", help="address to listen on (default: loopback)")
    parser.add_argument("--port", type=int, default=0, help="TCP port (default: a free one of 49152 to 65535)")
    parser.add_argument("--tls", action=argparse.BooleanOptionalAction, default=None, help="TLS or plain TCP")
    parser.add_argument("--pki", type=Path, help="directory written by `v2x-harness certs make`; made and kept if new")
    parser.add_argument("--mutant", help="run as this faulty charger (see `v2x-harness list`)")
    parser.add_argument("--control", type=int, help="port of the site controls over HTTP, on loopback")
    return parser


def secc_credentials(directory: Path | None) -> TlsProfile:
    """Chain, key and roots of the SECC; a directory that does not exist yet is filled with a fresh PKI."""
    if directory is None:
        raise DescriptionError("TLS needs certificates", remedy="give --pki DIR, or --no-tls")
    if not directory.exists():
        pki = make_pki(read_recipe(resource("certs", f"{_RECIPE}.yaml")), datetime.now(UTC))
        pki.write(directory)
        _log(f"a fresh PKI was written to {directory}; the EV's chain is in {directory / 'vehicle'}")
    try:
        chain, key = (directory / "secc" / name for name in ("chain.pem", "key.pem"))
        roots = b"".join(path.read_bytes() for path in sorted((directory / "roots").glob("*.pem")))
        return TlsProfile(chain.read_bytes(), key.read_bytes(), roots)
    except OSError as error:
        remedy = "`v2x-harness certs make` writes such a directory"
        raise DescriptionError(f"{error.filename}: {error.strerror}", remedy=remedy) from error


async def _serve(secc: ReferenceSecc, control_port: int | None) -> None:
    """Run until a signal asks for the end."""
    ending = Ending()
    await secc.start()
    control = _controls(secc)
    try:
        if control_port is not None:
            await control.start(control_port)
        print(f"secc listens on {secc.address}{_more(secc, control, control_port)}", flush=True)
        await ending.asked()
    finally:
        await control.stop()
        await secc.stop()


def _more(secc: ReferenceSecc, control: ControlServer, control_port: int | None) -> str:
    said = [" with TLS" if secc.settings.tls.enabled else " without TLS"]
    if secc.settings.sdp:
        said.append(", answers SDP")
    if control_port is not None:
        said.append(f", controls on http://127.0.0.1:{control.port}/")
    return "".join(said)


def _controls(secc: ReferenceSecc) -> ControlServer:
    """The actions of a bench by their names, and the meter."""

    def setpoint(watts: float | None) -> None:
        secc.set_setpoint(None if watts is None else float(watts))

    def limit(watts: float | None) -> None:
        secc.set_limit(None if watts is None else float(watts))

    def notify(notification: str, delay: int = 60) -> None:
        known = [kind.value for kind in evseNotificationType]
        if notification not in known:
            raise ValueError(f"{notification} is no notification: {did_you_mean(notification, known)}")
        secc.notify(notification, int(delay))

    actions: dict[str, Control] = {
        "setpoint": setpoint,
        "limit": limit,
        "notify": notify,
        "authorise": secc.authorise,
        "reject_authorisation": secc.reject_authorisation,
        "power_cycle": secc.power_cycle,
    }
    return ControlServer(actions, {"meter": secc.meter})


def _log(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", file=sys.stderr, flush=True)


_ROLES: dict[str, Callable[[Sequence[str]], int]] = {
    "secc": _secc,
    "csms": reference_csms.run,
    "station": reference_station.run,
    "charger": reference_station.run_charger,
}
"""Role to what runs it."""
