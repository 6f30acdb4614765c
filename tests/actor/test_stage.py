"""A stage stands as the description says, is the same each time, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.actor import tester_pki
from harness.actor.stage import Stage, StageOptions
from harness.device.description import DeviceDescription, load_description
from harness.errors import BenchError, Inconclusive, UsageError
from harness.link.memory import MemoryNetwork
from harness.link.observation import Connected, Sample
from harness.resources import resource
from harness.v2g.services import Service
from tests.actor.ev import in_virtual_time
from tests.hostile import DEVICES
from tests.runs import PLAIN

REFERENCE = resource("fixtures", "devices", "reference-secc-virtual.yaml")
VIRTUAL = StageOptions(virtual_time=True)


def described(tmp_path: Path, text: str) -> DeviceDescription:
    path = tmp_path / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return load_description(path)


def on_stage(
    description: DeviceDescription,
    tell: Callable[[Stage], Awaitable[Any]],
    options: StageOptions = VIRTUAL,
    network: MemoryNetwork | None = None,
) -> Any:
    async def play() -> Any:
        stage = Stage(description, tester_pki.TesterPki(description, datetime.now(UTC)), options, network)
        await stage.set_up()
        try:
            return await tell(stage)
        finally:
            await stage.tear_down()

    return in_virtual_time(play)


def test_the_embedded_charger_is_found_secured_and_measured() -> None:
    async def tell(stage: Stage) -> None:
        assert stage.embeds
        seen = await stage.evcc.connect()
        assert isinstance(seen.message, Connected)
        assert seen.message.security == "TLSv1.3"
        assert stage.meter is not None
        await asyncio.sleep(2.5)
        assert len(stage.meter.trace.of(Sample)) >= 3
        assert await stage.absence() == ""
        assert stage.capture.segments

    on_stage(load_description(REFERENCE), tell)


def test_nothing_of_a_stage_runs_on_after_its_end() -> None:
    async def play() -> int:
        description = load_description(REFERENCE)
        stage = Stage(description, tester_pki.TesterPki(description, datetime.now(UTC)), VIRTUAL)
        await stage.set_up()
        await stage.evcc.connect()
        await stage.tear_down()
        await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    assert in_virtual_time(play) == 1


def test_the_same_seed_draws_the_same() -> None:
    async def tell(stage: Stage) -> float:
        return stage.random.random()

    drawn = [on_stage(load_description(REFERENCE), tell, StageOptions(True, seed=seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_ev_asks_for_the_best_service_that_is_claimed(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> Service:
        return stage.evcc.policy.service

    for claims, service in (("DC, DC_BPT", Service.DC_BPT), ("DC", Service.DC)):
        text = PLAIN.replace("PORT", "50000").replace("DC, DC_BPT", claims)
        assert on_stage(described(tmp_path, text), tell, network=MemoryNetwork()) is service


def test_a_second_ev_counts_its_own_connections() -> None:
    async def tell(stage: Stage) -> list[str]:
        seen = [await ev.connect() for ev in (stage.evcc, stage.another_evcc())]
        assert [each.connection for each in seen] == [1, 101]
        return [each.name for each in seen]

    assert on_stage(load_description(REFERENCE), tell) == ["Connected", "Refused"]  # one outlet serves one EV


def test_what_a_description_does_not_offer_is_inconclusive_or_a_wrong_use(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> None:
        assert stage.meter is None
        with pytest.raises(Inconclusive, match="the description reaches the SECC without TLS"):
            assert stage.tls_kind
        with pytest.raises(Inconclusive, match="this bench cannot notify"):
            await stage.actions.do("notify", notification="Pause", delay=10)
        with pytest.raises(UsageError):
            assert stage.csms

    on_stage(described(tmp_path, PLAIN.replace("PORT", "50000")), tell, network=MemoryNetwork())


def test_a_device_is_sought_once_more_before_it_counts_as_absent(tmp_path: Path) -> None:
    network = MemoryNetwork()
    text = PLAIN.replace("PORT", "50000").replace("recovery_time: 0 s", "recovery_time: 3 s")

    async def tell(stage: Stage) -> None:
        assert "nobody listens" in await stage.absence()
        assert stage.clock.now() == 3.0
        listener = await network.listen(50000, DEVICES["mute"])
        assert await stage.absence() == ""
        await stage.evcc.connect()
        before = stage.clock.now()
        assert await stage.absence() == ""
        assert stage.clock.now() == before  # what has shown itself is left in peace
        await listener.close()

    on_stage(described(tmp_path, text), tell, network=network)


def test_a_real_interface_that_is_missing_is_a_broken_bench(tmp_path: Path) -> None:
    text = PLAIN.replace("transport: direct, host: 127.0.0.1, port: PORT", "interface: nosuch0")

    async def tell(_stage: Stage) -> None:
        raise AssertionError("it cannot stand")

    with pytest.raises(BenchError, match="Interface nosuch0 does not exist"):
        on_stage(described(tmp_path, text), tell, StageOptions())
