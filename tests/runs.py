"""Runs as a user starts them, and devices on loopback to run against."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main
from harness.evidence.bundle import open_bundle
from harness.evidence.json import read_run
from harness.evidence.record import RunRecord
from harness.link.sockets import SocketNetwork, SocketTransport
from harness.link.transport import Transport

ROOT = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("v2x-harness"))
PYTEST = str(Path(sys.executable).with_name("pytest"))
REPORTS = ("run.json", "report.html", "junit.xml", "device.yaml", "allure-results", "evidence")
PLAIN = """\
device: {vendor: Acme, model: Box, serial: "7"}
roles:
  secc: {transport: direct, host: 127.0.0.1, port: PORT, tls: false}
pics:
  secc: [DC, DC_BPT, DYNAMIC, SCHEDULED, EIM]
pixit:
  secc:
    maximum_voltage: 500 V
    minimum_voltage: 150 V
    maximum_charge_power: 22 kW
    maximum_charge_current: 60 A
    maximum_discharge_power: 22 kW
    maximum_discharge_current: 60 A
    recovery_time: 0 s
bench: {trigger: {kind: none}}
"""
"""A charger that is not there; PORT stands for where it would be."""


@dataclass
class Ran:
    """What a user sees of one command, and what it left behind in the folder `reports`."""

    code: int
    out: str
    err: str
    reports: Path

    @property
    def bundles(self) -> list[Path]:
        return sorted(self.reports.iterdir()) if self.reports.is_dir() else []

    @property
    def folder(self) -> Path:
        """The only bundle, with all its reports."""
        (folder,) = self.bundles
        missing = [name for name in REPORTS if not (folder / name).exists()]
        assert missing == [], self.err
        return folder

    @property
    def record(self) -> RunRecord:
        return read_run(open_bundle(self.folder).run)


class Runs:
    """Starts commands in a directory of their own: in this process, or with `process` as one of their own."""

    def __init__(self, where: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.where, self._capsys = where, capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = main(list(arguments))
        said = self._capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(code, said.out, said.err, self.where / "reports")

    def process(self, *arguments: str, command: str = COMMAND) -> Ran:
        done = subprocess.run(
            [command, *arguments], cwd=self.where, capture_output=True, text=True, timeout=120, env=clean()
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr, self.where / "reports")

    def describe(self, port: int, text: str = PLAIN, name: str = "acme.yaml") -> str:
        (self.where / name).write_text(text.replace("PORT", str(port)), encoding="utf-8")
        return name


def clean() -> dict[str, str]:
    """The environment without what the pytest around us left there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def unused_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def serving(device: Callable[[Transport], Awaitable[None]]) -> Iterator[int]:
    """A device on loopback in a thread of its own; yields its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> tuple[int, Callable[[], Awaitable[None]]]:
        listener = await SocketNetwork(host="127.0.0.1").listen(0, device)
        return listener.address.port, listener.close

    port, close = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=10)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(_closed(close), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


@contextmanager
def serving_once(device: Callable[[Transport], Awaitable[None]]) -> Iterator[int]:
    """A device that takes one connection, and is out of reach from then on."""
    listening = socket.create_server(("127.0.0.1", 0))

    async def converse(connected: socket.socket) -> None:
        await device(SocketTransport(connected))

    def serve() -> None:
        connected, _ = listening.accept()
        listening.close()
        connected.setblocking(False)
        asyncio.run(converse(connected))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    thread.join(timeout=10)


async def _closed(close: Callable[[], Awaitable[None]]) -> None:
    await close()
