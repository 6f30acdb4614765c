"""Reports of the device model (OCPP 2.1 B07, B08)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.ocpp.station.model import DeviceModel, Place, Variable
from harness.ocpp.station.wire import Agenda, Payload, stamp, status

_PER_MESSAGE = 40
_SUMMARY = ("AvailabilityState", "Problem", "Available", "Enabled")


@dataclass(slots=True)
class Inventory:
    """Makes the reports; each is one or more NotifyReport."""

    variables: DeviceModel
    agenda: Agenda

    def base(self, request: Payload, now: float) -> dict[str, Any]:
        """GetBaseReport (B07)."""
        claims: Mapping[str, Callable[[Place, Variable], bool]] = {
            "FullInventory": lambda _place, _found: True,
            "ConfigurationInventory": lambda _place, found: found.access != "RO",
            "SummaryInventory": lambda place, _found: place.variable in _SUMMARY,
        }
        self._report(request["requestId"], self.variables.report(claims[request["reportBase"]]), now)
        return status("Accepted")

    def custom(self, request: Payload, now: float) -> dict[str, Any]:
        """GetReport (B08)."""
        asked = request.get("componentVariable", [])
        criteria = request.get("componentCriteria", [])
        entries = self.variables.report(
            lambda place, _found: (
                (not asked or any(_fits(place, item) for item in asked))
                and (not criteria or any(self._meets(place, criterion) for criterion in criteria))
            )
        )
        if not entries:
            return status("EmptyResultSet")
        self._report(request["requestId"], entries, now)
        return status("Accepted")

    def _meets(self, place: Place, criterion: str) -> bool:
        """Components without such a variable meet all criteria but Problem (B08.FR.07 to .10)."""
        same = place._replace(variable=criterion, instance="")
        value = next((found.read for each, found in self.variables.places() if each == same), None)
        return value == "true" if criterion == "Problem" else value in (None, "true")

    def _report(self, request_id: int, entries: list[dict[str, Any]], now: float) -> None:
        pages = [entries[start : start + _PER_MESSAGE] for start in range(0, len(entries), _PER_MESSAGE)]
        for number, page in enumerate(pages):
            report = {"requestId": request_id, "generatedAt": stamp(now), "seqNo": number, "reportData": page}
            self.agenda.put("NotifyReport", report if number == len(pages) - 1 else {**report, "tbc": True})


def _fits(place: Place, item: Mapping[str, Any]) -> bool:
    """Whether a variable is asked for; what is left open matches everything (B08.FR.20 to .25)."""
    component, variable = item["component"], item.get("variable", {})
    evse = component.get("evse", {})
    wanted = (
        (component["name"], place.component),
        (component.get("instance"), place.part),
        (evse.get("id"), place.evse),
        (evse.get("connectorId"), place.connector),
        (variable.get("name"), place.variable),
        (variable.get("instance"), place.instance),
    )
    return all(asked in (None, there) for asked, there in wanted)
