"""`v2x-harness reference station` and `reference charger`: processes that find their CSMS and can be acted on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from harness.cli import main

_ENTRY = "import sys; from harness.cli import main; sys.exit(main())"


@contextmanager
def process(*arguments: str) -> Iterator[tuple[str, IO[str]]]:
    """A reference device: the line with which it says that it is there, and its log; it has to end in order."""
    command = [sys.executable, "-c", _ENTRY, "reference", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None and running.stderr is not None
            yield running.stdout.readline(), running.stderr
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == 0
        finally:
            running.kill()


def address(line: str) -> str:
    return line.rsplit(" ", 1)[1].strip()


def ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as answer:
        return json.load(answer)


def test_a_station_finds_its_csms_and_takes_an_ev() -> None:
    with process("csms", "--port", "0") as (csms, log):
        url = csms.split()[3].rstrip(",")
        with process("station", "--url", url, "--identity", "CS7", "--control", "0") as (station, _):
            assert "CS7 connected with OCPP 2.1" in log.readline()
            assert ask(address(station) + "station")[0]["state"] == "Available"
            ask(address(station) + "plug", {})
            assert ask(address(station) + "station")[0]["state"] == "Occupied"
            assert ask(address(station) + "meter")["energy_export"] == 0.0


def test_a_charger_serves_evs_below_and_its_csms_above() -> None:
    with process("csms", "--port", "0") as (csms, _):
        url = csms.split()[3].rstrip(",")
        with process("charger", "--url", url, "--no-tls", "--control", "0") as (charger, _):
            assert "serves EVs on" in charger
            assert ask(address(charger) + "meter")["power"] == 0.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--url", "http://csms"], "needs ws://"),
        (["--url", "ws://csms", "--profile", "1"], "--password"),
        (["--url", "ws://csms", "--set", "TxCtrlr"], "write component"),
        (["--url", "ws://csms", "--set", "TxCtrlr.TxStartPont=Authorized"], "TxStartPoint"),
        (["--url", "ws://csms", "--mutant", "station-rubber-stomp"], "station-rubber-stamp"),
    ],
)
def test_wrong_arguments_are_said_with_exit_code_3(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference", "station", *options]) == 3
    assert said in capsys.readouterr().err
