"""The embedded charger: the described one, within reach of the bench, faulty only where a mutant says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from harness.actor import tester_pki
from harness.actor.embedded import EmbeddedSecc, embedded_secc
from harness.device.bench import ACTIONS
from harness.device.description import load_description
from harness.fault.fault import Fault, Mutant
from harness.link.memory import MemoryNetwork
from harness.link.observation import Sample
from harness.resources import resource
from harness.v2g.secc_settings import SeccSettings
from tests.actor.ev import in_virtual_time


@dataclass(frozen=True)
class Undiscoverable(Fault):
    """A charger whose discovery server was forgotten."""

    def on_settings(self, settings: SeccSettings) -> SeccSettings:
        return replace(settings, sdp=False)


def with_charger(tell: Callable[[EmbeddedSecc], Awaitable[Any]], mutant: Mutant | None = None) -> Any:
    async def play() -> Any:
        description = load_description(resource("fixtures", "devices", "reference-secc-virtual.yaml"))
        pki = tester_pki.TesterPki(description, datetime.now(UTC))
        charger = embedded_secc(description, pki, MemoryNetwork(), mutant)
        await charger.start()
        try:
            return await tell(charger)
        finally:
            await charger.stop()

    return in_virtual_time(play)


def test_the_bench_can_do_with_it_what_actions_promise() -> None:
    async def tell(charger: EmbeddedSecc) -> None:
        given = {
            "setpoint": {"watts": -1000.0},
            "limit": {"watts": 500.0},
            "notify": {"notification": "Pause", "delay": 5},
        }
        assert set(charger.controls) <= set(ACTIONS)
        for name, control in charger.controls.items():
            values = given.get(name, {})
            assert set(values) == set(ACTIONS[name].values)
            await control(**values)

    with_charger(tell)


def test_the_meter_reads_an_idle_charger_as_no_power() -> None:
    async def tell(charger: EmbeddedSecc) -> Sample:
        await asyncio.sleep(5)
        return await charger.meter()

    sample = with_charger(tell)
    assert isinstance(sample, Sample)
    assert sample.power == 0.0


def test_a_mutant_makes_it_faulty() -> None:
    async def tell(charger: EmbeddedSecc) -> bool:
        return charger.secc.settings.sdp

    assert with_charger(tell)
    assert not with_charger(tell, Mutant("secc-hides", "secc", "Cannot be discovered.", (Undiscoverable(),)))


def test_it_listens_on_a_port_of_its_own_again_after_a_power_cycle() -> None:
    async def tell(charger: EmbeddedSecc) -> int:
        await charger.controls["power_cycle"]()
        await asyncio.sleep(60)
        return charger.address.port

    assert with_charger(tell) >= 49152
