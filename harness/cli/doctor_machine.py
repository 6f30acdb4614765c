"""Is this machine fit: Python and packages, clock, namespaces, a place for reports?"""

from __future__ import annotations

import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from harness.cli.symptom import Symptom, broken, fine, note
from harness.errors import HarnessError
from harness.link.namespace import why_forbidden
from harness.link.sockets import loopback
from harness.resources import resource

_LEAST_PYTHON = (3, 11)
_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_RESOURCES = ("testcases", "fixtures", "certs")


def machine(now: datetime, reports: Path) -> Iterator[Symptom]:
    """Everything that does not depend on a device."""
    yield python()
    yield from packages()
    yield from resources()
    yield clock(now)
    yield namespaces()
    yield loopback_works()
    yield place_for(reports)


def python() -> Symptom:
    """The running Python."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _LEAST_PYTHON:
        return broken(f"Python {found} is too old", "install Python 3.11 or later and make the environment anew")
    return fine(f"Python {found}")


def packages() -> Iterator[Symptom]:
    """What the installation says it needs, against what is installed."""
    try:
        needed = metadata.requires("v2x-harness") or []
    except metadata.PackageNotFoundError:
        yield broken("v2x-harness is not installed in this environment", "run: make, or pip install v2x-harness")
        return
    names = [re.split(r"[^A-Za-z0-9_.-]", each)[0] for each in needed if "extra ==" not in each]
    missing = [name for name in names if not _installed(name)]
    if missing:
        yield broken(
            f"packages are missing: {', '.join(missing)}", f"run: {sys.executable} -m pip install {' '.join(missing)}"
        )
    else:
        yield fine(f"{len(names)} packages are installed")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def resources() -> Iterator[Symptom]:
    """The data that come with the harness."""
    for name in _RESOURCES:
        try:
            resource(name)
        except HarnessError as missing:
            yield broken(str(missing), "run: pip install --force-reinstall v2x-harness")


def clock(now: datetime) -> Symptom:
    """Certificates and reports need the right time."""
    if not _EARLIEST < now < _LATEST:
        return broken(f"the clock says {now:%Y-%m-%d %H:%M} UTC", "set it: timedatectl set-ntp true, or date --set ...")
    return fine(f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC; compare it with a watch")


def namespaces() -> Symptom:
    """Needed for the harness's own tests over a private cable alone."""
    refused = why_forbidden()
    if refused is None:
        return fine("network namespaces are allowed: SDP can be shown without hardware")
    return note("network namespaces are not allowed; tests of real devices do not need them", refused)


def loopback_works() -> Symptom:
    """A TCP connection of this machine with itself."""
    host = loopback()
    try:
        with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
            socket.create_connection(listening.getsockname()[:2], timeout=2).close()
    except OSError as refused:
        return broken(f"{host} does not answer: {refused.strerror or refused}", "bring it up: ip link set lo up")
    if host != "::1":
        return note(
            "this machine has no IPv6 on loopback", "ISO 15118 needs IPv6: sysctl net.ipv6.conf.all.disable_ipv6=0"
        )
    return fine("loopback works, with IPv6")


def place_for(reports: Path) -> Symptom:
    """Whether reports can be written there."""
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            pass
    except OSError as refused:
        remedy = "run in another folder, or name one with --out"
        return broken(f"{reports} cannot be written: {refused.strerror or refused}", remedy)
    return fine(f"reports go to {reports.resolve()}")
