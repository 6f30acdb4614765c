"""Meter values of all versions as readings in base units, and what registers say about a transaction.

1.6 writes values as text and its units per value; 2.x writes numbers with a unit and a power of ten. Kilo-units become base
units here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any

from harness.ocpp.csms.records import Reading, Transaction
from harness.ocpp.times import moment

IMPORT_REGISTER = "Energy.Active.Import.Register"
EXPORT_REGISTER = "Energy.Active.Export.Register"
_KILO = {"kWh": "Wh", "kW": "W", "kVA": "VA", "kvar": "var", "kvarh": "varh", "kVAh": "VAh"}
_ROUNDING = 1.0
"""Wh that a register may seem to run back, by rounding to kWh with three decimals."""


def readings_of(
    meter_values: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    evse_id: int | None = None,
    transaction_id: str = "",
) -> Iterator[Reading]:
    """All sampled values of a message; what is no number is left out (a rule speaks about that, not the books)."""
    for group in meter_values:
        at = moment(group.get("timestamp")) or now
        for sample in group.get("sampledValue", ()):
            number = _number(sample)
            if number is None:
                continue
            value, unit = number
            yield Reading(
                at=at,
                measurand=sample.get("measurand", IMPORT_REGISTER),
                value=value,
                unit=unit,
                phase=sample.get("phase", ""),
                location=sample.get("location", "Outlet"),
                context=sample.get("context", "Sample.Periodic"),
                evse_id=evse_id,
                transaction_id=transaction_id,
                signed=sample.get("signedMeterValue", {}),
            )


def _number(sample: Mapping[str, Any]) -> tuple[float, str] | None:
    described = sample.get("unitOfMeasure", {})
    unit = described.get("unit", sample.get("unit", _default_unit(sample.get("measurand", IMPORT_REGISTER))))
    try:
        value = float(sample["value"]) * 10.0 ** described.get("multiplier", 0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if not isfinite(value):
        return None
    return (value * 1000.0, _KILO[unit]) if unit in _KILO else (value, unit)


def _default_unit(measurand: str) -> str:
    return "Wh" if measurand.startswith("Energy.Active") else ""


def metered(transaction: Transaction, readings: Iterable[Reading]) -> Transaction:
    """The transaction with its registers moved on; a register that runs back is odd, and not taken."""
    for reading in readings:
        if reading.phase or reading.location != "Outlet":
            continue
        if reading.measurand == IMPORT_REGISTER:
            transaction = _moved(transaction, reading, "import")
        elif reading.measurand == EXPORT_REGISTER:
            transaction = _moved(transaction, reading, "export")
    return transaction


def _moved(transaction: Transaction, reading: Reading, way: str) -> Transaction:
    begin, end = f"{way}_begin", f"{way}_end"
    changes: dict[str, Any]
    known = getattr(transaction, end)
    if getattr(transaction, begin) is None:
        changes = {begin: reading.value, end: reading.value}
        return replace(transaction, **changes)
    if reading.value < known - _ROUNDING:
        said = f"{reading.measurand} fell from {known:g} to {reading.value:g} Wh"
        return replace(transaction, odd=(*transaction.odd, said)) if said not in transaction.odd else transaction
    changes = {end: max(known, reading.value)}
    return replace(transaction, **changes)
