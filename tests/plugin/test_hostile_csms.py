"""Whatever a CSMS does, every case ends soon, in bounded size, and says something about the CSMS, not about us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.actor import tester_pki
from harness.actor.stage import Stage
from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.evidence.record import CaseRecord
from harness.link.memory import MemoryNetwork
from harness.link.transport import Chunk, Transport
from harness.link.upgrade import ServerSettings, websocket_accept
from harness.link.virtual import VirtualTimeLoop
from harness.link.websocket import WebSocketTransport
from harness.plugin.run import spoken
from harness.plugin.select import skip_of
from harness.resources import resource
from harness.verdict.verdict import Verdict
from tests.selftest.perform import perform

PORT = 50000
LONGEST = 600.0
"""Seconds, in virtual time, after which no case may still be busy with a CSMS that is of no use."""
MOST_OBSERVATIONS = 5000
SPOKEN = ("ocpp2.1", "ocpp2.0.1", "ocpp1.6")

_PATIENCE = 10

Manner = Callable[[WebSocketTransport], Awaitable[None]]


def answering(*said: bytes) -> Manner:
    """Says these to the first things that it hears, and nothing after: two parties that refuse all would never end."""

    async def answer(socket: WebSocketTransport) -> None:
        for _ in range(_PATIENCE):
            if not await socket.read():
                return
            for each in said:
                await socket.write(each)
        await mute(socket)

    return answer


async def mute(socket: WebSocketTransport) -> None:
    """Takes all, says nothing."""
    while await socket.read():
        pass


async def echo(socket: WebSocketTransport) -> None:
    """Says whatever it hears, for a while."""
    for _ in range(_PATIENCE):
        message = await socket.read()
        if not message:
            return
        await socket.write(message)
    await mute(socket)


async def slams(socket: WebSocketTransport) -> None:
    """Closes at the first word."""
    await socket.read()
    await socket.close()


async def storms(socket: WebSocketTransport) -> None:
    """Asks three hundred things at once under one id, and answers nothing."""
    await socket.read()
    for _ in range(300):
        await socket.write(b'[2,"1","ClearCache",{}]')
    await mute(socket)


MANNERS: Mapping[str, Manner] = {
    "mute": mute,
    "echo": echo,
    "slams": slams,
    "storms": storms,
    "garbage": answering(b"\x00{[hello"),
    "binary": answering(Chunk(bytes(range(256)), binary=True)),
    "arrays": answering(b"[]", b"[3]", b'[3,"1"]', b'[2,"1","Reset"]', b'["3","1",{}]', b"[3,[[[[[]]]]],{}]"),
    "huge": answering(b'[3,"1",{"x":"' + b"x" * 10_000_000 + b'"}]'),
}
MET_BY = {"mute": ("TC_CSMS",), "huge": ("Boot",), "storms": ("Boot",)}
"""Which cases meet a manner, by parts of their ids; the others are met by `USUAL`."""
USUAL = ("Boot", "Conversation", "Events", "Needs")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> DeviceDescription:
    text = resource("fixtures", "devices", "reference-csms-virtual.yaml").read_text(encoding="utf-8")
    text = text.replace("ws://localhost/", f"ws://localhost:{PORT}/").replace("{kind: reference}", "{kind: none}")
    path: Path = tmp_path_factory.mktemp("described") / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return load_description(path)


def against(manner: Manner, case: str, description: DeviceDescription) -> tuple[CaseRecord, Stage]:
    """A case against a CSMS of that manner, in virtual time."""

    async def admit(transport: Transport) -> None:
        with suppress(ConnectionError):
            socket = await websocket_accept(transport, ServerSettings(SPOKEN))
            with suppress(ConnectionError):
                await manner(socket)
            await socket.close()

    async def play() -> tuple[CaseRecord, Stage]:
        network = MemoryNetwork()
        listener = await network.listen(PORT, admit)
        pki = tester_pki.TesterPki(description, datetime.now(UTC))
        versions = spoken(case_functions()[case][1], description)
        stage = Stage(description, pki, network=network, role="csms", versions=versions)
        await stage.set_up()
        try:
            return await perform(case, stage), stage
        finally:
            await stage.tear_down()
            await listener.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(play())


@pytest.mark.parametrize("name", MANNERS)
def test_every_case_ends_with_a_verdict_about_the_csms(name: str, described: DeviceDescription) -> None:
    applying = [
        id
        for id, (_, case) in case_functions().items()
        if case.role == "csms"
        and any(part in id for part in MET_BY.get(name, USUAL))
        and skip_of(case, described, quick=False) is None
    ]
    passed = []
    for id in applying:
        record, stage = against(MANNERS[name], id, described)
        assert not record.error, f"{id}: {record.error}"
        assert record.elapsed < LONGEST, id
        assert len(stage.timeline.observations) < MOST_OBSERVATIONS, id
        passed += [id] if record.verdict is Verdict.PASS and not record.rule_findings else []
    assert passed == []
