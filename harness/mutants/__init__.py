"""The named faulty reference devices: what every case and rule has to notice."""

from __future__ import annotations

from harness.errors import UsageError
from harness.fault.fault import Mutant
from harness.mutants import (
    charger,
    csms,
    csms_core,
    csms_steering,
    csms_upkeep,
    secc,
    secc_flow,
    station,
    station_der,
    station_diagnostics,
    station_provisioning,
    station_security,
    station_smart_charging,
    station_transactions,
    station_v2x,
)
from harness.suggest import did_you_mean

_PARTS = (
    secc,
    secc_flow,
    station,
    station_der,
    station_diagnostics,
    station_provisioning,
    station_security,
    station_smart_charging,
    station_transactions,
    station_v2x,
    csms,
    csms_core,
    csms_steering,
    csms_upkeep,
    charger,
)

MUTANTS: dict[str, Mutant] = {each.name: each for part in _PARTS for each in part.CATALOGUE}
"""Name to mutant, of all roles."""


def find_mutant(name: str) -> Mutant:
    """The mutant of that name; raises `UsageError` that suggests the nearest one."""
    try:
        return MUTANTS[name]
    except KeyError:
        raise UsageError(f"there is no mutant {name}: {did_you_mean(name, MUTANTS)}") from None
