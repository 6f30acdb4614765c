"""What the CSMS assumes that a station does now: the composite of the profiles it should have.

An assumption, nothing more: when exactly an offline station falls back is not for a CSMS to compute (Q11), and limits of
others are only known as far as the station tells them. Powers in W, + = charge, - = discharge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from harness.ocpp import composite
from harness.ocpp.csms.device_model import number_of
from harness.ocpp.csms.profiles import schedules_of
from harness.ocpp.csms.records import Profile
from harness.ocpp.csms.station import Station


def assumed_values(station: Station, evse_id: int, at: datetime) -> composite.Values:
    """Limits and setpoints in W that should hold on an EVSE (0: the station) at an instant."""
    return composite.values_at(tuple(_installed(station)), _circumstances(station, evse_id), evse_id, at, "W")


def _installed(station: Station) -> Iterator[composite.Installed]:
    for known in station.profiles.values():
        yield composite.Installed(_content(known, station), known.evse_id, known.updated_at or known.installed_at)


def _content(known: Profile, station: Station) -> Mapping[str, Any]:
    """In the form of 2.x, with the values of the last dynamic update."""
    content = composite.from_1_6(known.content) if station.version == "1.6" else known.content
    if not known.update:
        return content
    (schedule,) = schedules_of(content)
    (period,) = schedule["chargingSchedulePeriod"]
    return {**content, "chargingSchedule": [{**schedule, "chargingSchedulePeriod": [{**period, **known.update}]}]}


def _circumstances(station: Station, evse_id: int) -> composite.Circumstances:
    running = {
        each.evse_id: composite.Running(each.transaction_id, each.started_at or each.updated_at or datetime.min)
        for each in station.running
        if each.evse_id is not None
    }
    evses = {*running, *(each.evse_id for each in station.connectors.values()), evse_id} - {0}
    return composite.Circumstances(
        supplies={evse: composite.Supply(limit=number_of(station, "EVSE", "Power", evse_id=evse)) for evse in evses},
        running=running,
        priority=frozenset(each.evse_id for each in station.running if each.evse_id and each.priority_charging),
    )
