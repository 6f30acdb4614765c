"""Runs as a user starts them, against OCPP peers at their worst, over real sockets: they end, and leave whole reports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.link.sockets import SocketNetwork
from harness.link.transport import Address
from harness.verdict.verdict import Verdict
from tests.hostile_ocpp import CSMSS, STATIONS
from tests.plugin.test_hostile_ocpp import CSMS, STATION
from tests.runs import Runs, serving, unused_port


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.chdir(tmp_path)
    return Runs(tmp_path, capsys)


@contextmanager
def living(name: str, port: int) -> Iterator[None]:
    """A hostile station on loopback, in a thread of its own."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(STATIONS[name](SocketNetwork(host="127.0.0.1"), Address("127.0.0.1", port)))  # type: ignore[arg-type]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        asyncio.run_coroutine_threadsafe(_ended(task), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})


@pytest.mark.parametrize("name", ["no frames", "torn storm"])
def test_a_run_against_a_hostile_station_leaves_whole_reports(run: Runs, name: str) -> None:
    port = unused_port()
    run.describe(port, STATION.replace("9000", "PORT"))
    with living(name, port):
        ran = run("run", "acme.yaml", "--select", "TC_STATION_Transport_002")
    assert ran.code in (1, 2), ran.err
    (case,) = ran.record.cases
    assert not case.error
    assert case.verdict in (Verdict.FAIL, Verdict.INCONC)
    assert (ran.folder / "evidence" / case.id / "messages.jsonl").read_text().count("\n") > 1


@pytest.mark.parametrize("name", ["no frames", "tearing"])
def test_a_run_against_a_hostile_csms_leaves_whole_reports(run: Runs, name: str) -> None:
    with serving(CSMSS[name]) as port:
        run.describe(port, CSMS.replace("9000", "PORT"))
        ran = run("run", "acme.yaml", "--select", "TC_CSMS_Boot_002")
    assert ran.code in (1, 2), ran.err
    (case,) = ran.record.cases
    assert not case.error
    assert (ran.folder / "evidence" / case.id / "messages.jsonl").read_text().count("\n") > 1


def test_a_station_that_speaks_another_version_is_told_so_in_words(run: Runs) -> None:
    port = unused_port()
    run.describe(port, STATION.replace("9000", "PORT"))
    with living("another version", port):
        ran = run("run", "acme.yaml", "--select", "TC_STATION_Transport_002")
    (said,) = ran.record.cases[0].findings
    assert "no common sub-protocol: ocpp9.9 offered, ocpp2.1 spoken here" in said.actual
    assert said.actual in ran.err
