"""Bench actions come about as described, or say what is missing; a broken bench is never the SUT's fault."""

from __future__ import annotations

import asyncio
import os
import pty
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.actor.bench import BenchActions, fetch, run_command
from harness.device.bench import Trigger
from harness.errors import BenchError, Inconclusive
from harness.link.clock import Clock
from harness.link.observation import BenchAction, Observation
from harness.link.trace import Timeline

PYTHON = shlex.quote(sys.executable)


def doing(trigger: dict[str, Any], name: str, controls: dict[str, Any] | None = None, **values: Any) -> Observation:
    """What a bench with this trigger observes when it is told to do something."""

    async def do() -> Observation:
        actions = BenchActions(Trigger.model_validate(trigger), Timeline(Clock()), controls)
        return await actions.do(name, **values)

    return asyncio.run(do())


def test_an_action_nobody_can_bring_about_is_inconclusive_and_says_where_to_describe_it() -> None:
    with pytest.raises(Inconclusive, match=r"cannot setpoint; describe it under bench\.trigger\.actions\.setpoint"):
        doing({"kind": "none"}, "setpoint", watts=1000.0)


def test_the_embedded_device_is_told_directly() -> None:
    told: list[float] = []

    async def setpoint(watts: float) -> None:
        told.append(watts)

    seen = doing({"kind": "reference"}, "setpoint", {"setpoint": setpoint}, watts=-3000.0)
    assert told == [-3000.0]
    assert seen.message == BenchAction("setpoint", {"watts": -3000.0})
    assert (seen.link, seen.sender) == ("bench", "bench")


def test_an_embedded_device_that_is_not_there_is_a_broken_bench() -> None:
    with pytest.raises(BenchError, match="no embedded reference device is running"):
        doing({"kind": "reference"}, "setpoint", watts=1.0)


def test_a_command_gets_the_values(tmp_path: Path) -> None:
    note = tmp_path / "note"
    code = f"import sys, pathlib; pathlib.Path({str(note)!r}).write_text(sys.argv[1])"
    doing(
        {"actions": {"setpoint": {"command": f"{PYTHON} -c {shlex.quote(code)} {{watts}}"}}}, "setpoint", watts=-2500.0
    )
    assert note.read_text(encoding="utf-8") == "-2500.0"


@pytest.mark.parametrize(
    ("command", "timeout", "said"),
    [
        (["/nowhere/at-all"], 5.0, "cannot be started"),
        ([sys.executable, "-c", "import sys; sys.exit('no relay')"], 5.0, "ended with 1: no relay"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], 0.2, "did not end within 0.2 s"),
    ],
)
def test_a_command_that_fails_is_a_broken_bench(command: list[str], timeout: float, said: str) -> None:
    with pytest.raises(BenchError, match=said):
        asyncio.run(run_command(command, timeout))


@pytest.fixture
def web() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A web service of the bench, and what it was asked; below /refused it refuses."""
    asked: list[tuple[str, str, bytes]] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self.send_response(403 if self.path == "/refused" else 200)
            self.end_headers()

        do_PUT = do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def test_a_web_service_gets_the_values_in_address_and_body(web: tuple[str, list[Any]]) -> None:
    address, asked = web
    action = {"url": address + "/power/{watts}", "method": "PUT", "body": '{{"watts": {watts}}}'}
    doing({"actions": {"limit": action}}, "limit", watts=500.0)
    assert asked == [("PUT", "/power/500.0", b'{"watts": 500.0}')]


def test_a_web_service_that_refuses_is_a_broken_bench(web: tuple[str, list[Any]]) -> None:
    with pytest.raises(BenchError, match=r"bench call GET .*/refused failed: .*403"):
        asyncio.run(fetch(web[0] + "/refused", 5.0))


def test_without_a_terminal_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as nothing, monkeypatch.context() as patched:
        patched.setattr("sys.stdin", nothing)
        with pytest.raises(BenchError, match="there is no terminal to ask on: Plug "):
            doing({"kind": "operator"}, "plug")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], int]]:
    """A terminal as standard input; writes to it what a person types."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as keyboard:
        monkeypatch.setattr("sys.stdin", keyboard)
        yield lambda typed: os.write(ours, typed)
    os.close(ours)


def test_a_person_is_asked_on_the_terminal(
    terminal: Callable[[bytes], int], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(b"\n")
    seen = doing({"kind": "operator"}, "setpoint", watts=-3000.0)
    assert isinstance(seen.message, BenchAction)
    said = capsys.readouterr().err
    assert "Make the charger aim for a power" in said
    assert "[watts: -3000.0]" in said


@pytest.mark.usefixtures("terminal")
def test_waiting_for_a_person_can_be_interrupted() -> None:
    async def impatient() -> None:
        actions = BenchActions(Trigger.model_validate({"kind": "operator"}), Timeline(Clock()))
        async with asyncio.timeout(0.05):
            await actions.do("plug")

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_what_the_device_does_meanwhile_comes_after_the_action() -> None:
    """An HTTP trigger answers when the plug is in; by then a quick station has told of it."""

    async def do() -> tuple[Observation, Observation]:
        timeline = Timeline(Clock())

        async def unplug() -> None:
            await asyncio.sleep(0.01)
            told.append(timeline.observe("ocpp", "station", BenchAction("reaction")))
            await asyncio.sleep(0.01)

        told: list[Observation] = []
        seen = await BenchActions(Trigger.model_validate({"kind": "reference"}), timeline, {"unplug": unplug}).do(
            "unplug"
        )
        return seen, told[0]

    seen, reaction = asyncio.run(do())
    assert seen.number < reaction.number
    assert seen.at > reaction.at
