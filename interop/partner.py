"""OCPP partners: stations and central systems on other people's libraries, each a process of its own on loopback.

    with running(partner) as device:      # ready; `device` is the description to run the suite with
        ...

Their packages: PyPI `ocpp` with `websockets` come with our own environment; what npm brings is in .interop/node.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from interop import setup_node
from interop.process import end, end_with_parent
from interop.setup_iso15118 import ROOT

_DEVICES = Path(__file__).with_name("devices")
_STATION, _CSMS = "ocpp-library-station.yaml", "library-csms.yaml"
_SMART_21 = ("SMART_CHARGING", "RATE_UNIT_W", "V2X", "V2X_CENTRAL_SETPOINT")
_COMMON = ("SECURITY_1", "COMPRESSION", "DC", "REMOTE_START", "UNLOCK")


@dataclass(frozen=True, slots=True)
class Partner:
    """`role` is what it is; `versions` best first; `claims` its PICS; `quick` what CI runs of it.

    `program` is started with --port or --url, --identity, --password, --control and --version, where they apply.
    """

    name: str
    role: str
    versions: tuple[str, ...]
    claims: tuple[str, ...]
    program: tuple[str, ...]
    quick: tuple[str, ...]
    node: bool = False

    @property
    def family(self) -> str:
        """The set of variants that it belongs to."""
        return "ocpp"

    @property
    def is_quick(self) -> bool:
        """Whether CI runs it."""
        return True

    def why_missing(self) -> str:
        """What this machine lacks for it; empty when it can be run."""
        return setup_node.why_missing() if self.node else ""

    def make_ready(self) -> None:
        """Install what it runs on. Raises SetupError."""
        if self.node:
            setup_node.make_ready()

    def selection(self, quick: bool) -> str:
        """What of the suite it is run with, as `v2x-harness run --select` takes it."""
        return " or ".join(f"TC_{each}" for each in self.quick) if quick else ""

    @property
    def folder(self) -> Path:
        """Where a run keeps its description and log."""
        return ROOT / ".interop" / self.name


def _station(version: str, *claims: str, quick: tuple[str, ...]) -> Partner:
    name = version.replace(".", "")
    module = (sys.executable, "-m", "interop.station", "--version", version)
    return Partner(f"station-{name}", "station", (version,), (f"OCPP_{name}", *_COMMON, *claims), module, quick)


_CSMS_CLAIMS = ("OCPP_21", "OCPP_201", "OCPP_16", "SECURITY_1", "REMOTE_START", "SMART_CHARGING")
_CSMS_QUICK = ("CSMS_Boot_001", "CSMS_Boot_002", "CSMS_Messages_001", "CSMS_RemoteStart_001")
_STATION_QUICK = (
    "STATION_Boot_001",
    "STATION_Messages_001",
    "STATION_Transaction_001",
    "STATION_Variables_001",
    "STATION_Transport_002",
    "STATION_Tokens_001",
)
PARTNERS = (
    _station("2.1", *_SMART_21, quick=(*_STATION_QUICK, "STATION_CentralSetpoint_001")),
    _station("2.0.1", "SMART_CHARGING", "RATE_UNIT_W", quick=_STATION_QUICK),
    _station("1.6", "SMART_CHARGING", "RATE_UNIT_W", quick=_STATION_QUICK),
    Partner(
        "csms-pypi",
        "csms",
        ("2.1", "2.0.1", "1.6"),
        _CSMS_CLAIMS,
        (sys.executable, "-m", "interop.csms"),
        _CSMS_QUICK,
    ),
    Partner(
        "csms-npm",
        "csms",
        ("2.1", "2.0.1", "1.6"),
        _CSMS_CLAIMS,
        ("node", str(Path(__file__).with_name("node") / "csms.js")),
        _CSMS_QUICK,
        node=True,
    ),
)


@contextmanager
def running(partner: Partner) -> Iterator[Path]:
    """The partner at work; yields the description of it."""
    partner.folder.mkdir(parents=True, exist_ok=True)
    port, control = _free_ports(2)
    description = describe(partner, port, control)
    own = ["--control", str(control), "--password", description["roles"][partner.role]["password"]]
    own += ["--url", f"ws://127.0.0.1:{port}/ocpp"] if partner.role == "station" else ["--port", str(port)]
    path = partner.folder / "device.yaml"
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    with (partner.folder / "partner.log").open("wb") as log:
        environment = {**os.environ, "NODE_PATH": str(setup_node.NODE / "node_modules")}
        process = subprocess.Popen(
            [*partner.program, *own],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
        try:
            yield path
        finally:
            end(process)


def describe(partner: Partner, port: int, control: int) -> dict[str, Any]:
    """The description of it at these ports."""
    source = _DEVICES / (_STATION if partner.role == "station" else _CSMS)
    text = source.read_text().replace(":9100", f":{port}").replace(":9101", f":{control}")
    description: dict[str, Any] = yaml.safe_load(text)
    description["device"]["serial"] = partner.name
    description["roles"][partner.role]["ocpp"] = list(partner.versions)
    description["pics"][partner.role] = list(partner.claims)
    return description


def _free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    with ExitStack() as open_at_once:
        found = [open_at_once.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(each.getsockname()[1]) for each in found]
