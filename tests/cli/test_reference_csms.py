"""`v2x-harness reference csms`: a process that stations can connect to, with controls, and a memory."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import websockets

from harness.cli import main

BOOT = [2, "1", "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}]
ENTRY = "import sys; from harness.cli import main; sys.exit(main())"


def serving(state: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ENTRY, "reference", "csms", "--port", "0", "--control", "0", "--state", str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    return process.returncode


def controls(line: str) -> str:
    return line.rsplit(" ", 1)[1].strip()


def stations(line: str) -> Any:
    with urllib.request.urlopen(f"{controls(line)}stations", timeout=10) as answer:
        return json.load(answer)


def command(line: str, message: str) -> Any:
    body = json.dumps({"message": message}).encode()
    call = urllib.request.Request(f"{controls(line)}send_request", data=body, method="POST")
    with urllib.request.urlopen(call, timeout=10) as answer:
        return json.load(answer)


async def meet(line: str) -> str:
    """Boot, let the bench send a request, and return its action."""
    url = line.split()[3].rstrip(",")
    async with websockets.connect(f"{url}/CS1", subprotocols=["ocpp2.1"]) as socket, asyncio.timeout(20):
        await socket.send(json.dumps(BOOT))
        assert json.loads(await socket.recv())[2]["status"] == "Accepted"
        inventory = json.loads(await socket.recv())
        assert inventory[2] == "GetBaseReport"
        await socket.send(json.dumps([3, inventory[1], {"status": "NotSupported"}]))
        assert await asyncio.to_thread(command, line, "ClearCache") == {"done": "send_request"}
        action: str = json.loads(await socket.recv())[2]
        return action


def test_a_station_boots_the_bench_sends_a_request_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    first = serving(tmp_path / "state.db")
    line = first.stdout.readline() if first.stdout else ""
    assert asyncio.run(meet(line)) == "ClearCache"
    assert ended(first) == 0
    second = serving(tmp_path / "state.db")
    line = second.stdout.readline() if second.stdout else ""
    (known,) = stations(line)
    assert (known["identity"], known["status"], known["connected"]) == ("CS1", "Accepted", False)
    assert ended(second) == 0


def test_wrong_arguments_are_said(capsys: Any) -> None:
    assert main(["reference", "csms", "--password", "secret"]) == 3
    assert "CS1=secret" in capsys.readouterr().err
    assert main(["reference", "csms", "--mutant", "csms-reversed-setpiont"]) == 3
    assert "csms-reversed-setpoint" in capsys.readouterr().err
    assert main(["reference", "csms", "--profile", "2"]) == 3
    assert "certificate chain" in capsys.readouterr().err
