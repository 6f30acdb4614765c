"""`v2x-harness doctor` opens the door for a station, and says of each knock why it was not let in."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from harness.cli.doctor_station import station_way
from harness.cli.symptom import State, Symptom
from harness.device.description import load_description

TEXT = """\
device: {vendor: Acme, model: Box}
roles:
  station: {ocpp: 2.1, identity: CS-1, listen: "127.0.0.1:PORT", security_profile: 1, password: a-long-password-1}
pics: {station: [OCPP_21, SECURITY_1]}
pixit: {station: {maximum_charge_power: 22 kW, connect_time: 2 s}}
bench: {trigger: {kind: none}}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Bench:
    """A description on a free port, and a station made of a foreign WebSocket library that connects there."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.path = folder / "station.yaml"
        self.path.write_text(TEXT.replace("PORT", str(self.port)))

    async def examined(self, knock: str = "", **options: object) -> list[Symptom]:
        """What the doctor says while a station knocks at a path with those options."""
        found: list[Symptom] = []
        symptoms: AsyncIterator[Symptom] = station_way(load_description(self.path))
        knocking: asyncio.Task[None] | None = None
        async for symptom in symptoms:
            found.append(symptom)
            if "waiting" in symptom.what and knock:
                knocking = asyncio.create_task(self._knock(knock, **options))
        if knocking is not None:
            await knocking
        return found

    async def _knock(self, path: str, **options: object) -> None:
        try:
            async with connect(f"ws://127.0.0.1:{self.port}{path}", **options) as line:
                await line.wait_closed()
        except (OSError, WebSocketException):
            return


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


GOOD = {"additional_headers": basic("CS-1", "a-long-password-1"), "subprotocols": ["ocpp2.1"]}


def broken(found: list[Symptom]) -> str:
    (only,) = [each for each in found if each.state is State.BROKEN]
    return str(only)


def test_a_station_that_comes_in_is_told_with_its_version(bench: Bench) -> None:
    found = asyncio.run(bench.examined("/ocpp/CS-1", **GOOD))
    assert not [each for each in found if each.state is State.BROKEN]
    assert any("CS-1 is connected with OCPP 2.1, security profile 1" in each.what for each in found)


def test_nobody_at_all_is_told_with_the_address_to_set(bench: Bench) -> None:
    said = broken(asyncio.run(bench.examined()))
    assert "nobody knocked within 2 s" in said
    assert f"ws://127.0.0.1:{bench.port}/ocpp/CS-1" in said


@pytest.mark.parametrize(
    ("path", "options", "reason", "remedy"),
    [
        ("/ocpp/CS-2", GOOD, "CS-2", "roles.station.identity"),
        ("/ocpp/CS-1", {**GOOD, "additional_headers": basic("CS-1", "something-else-22")}, "password", "roles.station.password"),
        ("/ocpp/CS-1", {"subprotocols": ["ocpp2.1"]}, "Basic", "security profile 1 or 2"),
        ("/ocpp/CS-1", {**GOOD, "subprotocols": ["ocpp1.6"]}, "ocpp1.6", "roles.station.ocpp"),
    ],
    ids=["another identity", "another password", "no password", "another version"],
)  # fmt: skip
def test_a_knock_that_is_refused_is_told_with_its_reason_and_remedy(
    bench: Bench, path: str, options: dict[str, object], reason: str, remedy: str
) -> None:
    said = broken(asyncio.run(bench.examined(path, **options)))
    assert reason in said
    assert remedy in said


def test_an_address_that_only_this_machine_reaches_is_noted(bench: Bench) -> None:
    found = asyncio.run(bench.examined())
    assert any(each.state is State.NOTE and "this machine alone" in each.what for each in found)
