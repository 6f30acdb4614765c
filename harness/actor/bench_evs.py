"""The EVs that can be plugged into the embedded reference station, by the names that `harness.device.bench.EVS` documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.grid.battery import Battery
from harness.ocpp.station.evse import EvNeeds

CHARGE_POWER, DISCHARGE_POWER = 11_000.0, 10_000.0
"""W that each of them can take and give."""
_EVCCID = "WMIV1A2B3C4D5"


@dataclass(frozen=True, slots=True)
class BenchEv:
    """What an EV says of itself (None: it speaks no ISO 15118-20), and its state of charge (0 to 1)."""

    needs: EvNeeds | None
    soc: float = 0.5

    def battery(self) -> Battery:
        """A fresh one."""
        return Battery(soc=self.soc)


def _speaking(services: tuple[str, ...] = ("DC", "DC_BPT"), **more: Any) -> EvNeeds:
    discharge = DISCHARGE_POWER if "DC_BPT" in services else 0.0
    return EvNeeds(
        _EVCCID,
        services,
        max_charge_power=CHARGE_POWER,
        max_discharge_power=discharge,
        **more,
    )


_EVS: Mapping[str, Callable[[], BenchEv]] = {
    "any": lambda: BenchEv(_speaking()),
    "charge_only": lambda: BenchEv(_speaking(("DC",))),
    "basic": lambda: BenchEv(None),
    "nearly_full": lambda: BenchEv(_speaking(), soc=0.995),
    "nearly_empty": lambda: BenchEv(_speaking(min_v2x_energy=1000.0), soc=0.02),
    "scheduled": lambda: BenchEv(_speaking(("DC",), control_mode="ScheduledControl", max_schedule_tuples=3)),
}


def bench_ev(name: str) -> BenchEv:
    """The EV of that name; raises `KeyError` for another."""
    return _EVS[name]()
