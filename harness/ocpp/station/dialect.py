"""How the station's words, which are those of OCPP 2.1, become those of another version, and back.

2.0.1 is 2.1 without what came later: whatever its schemas do not know is left out. 1.6 has its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Payload, Refused, Request
from harness.ocppj.actions import actions
from harness.ocppj.schemas import Direction, schema
from harness.ocppj.versions import Version

Duty = Callable[[Payload, float], "dict[str, Any] | Refused"]


class Dialect:
    """OCPP 2.1 itself: nothing is changed. `variables` are values of the device model that the version needs."""

    variables: Mapping[str, str] = {}

    def outgoing(self, request: Request) -> list[tuple[str, dict[str, Any]]]:
        """The messages that say what a request says; none where the version has no word for it."""
        return [(request.action, request.payload)]

    def gate(self, allowed: frozenset[str]) -> frozenset[str]:
        """The actions that may leave, in the words of the version."""
        return allowed

    def incoming(self, action: str, payload: Payload) -> tuple[str, Payload]:
        """A request of the CSMS in the words of 2.1."""
        return action, payload

    def duty(self, action: str) -> Duty | None:  # noqa: ARG002 - 2.1 has none of its own
        """What is done for an action that 2.1 does not have."""
        return None

    def response(self, action: str, request: Payload, result: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The answer to a request of the CSMS in the words of the version."""
        return result

    def understood(self, request: Request, action: str, answer: Payload) -> Payload:  # noqa: ARG002
        """The CSMS's answer in the words of 2.1."""
        return answer

    def failed(self, request: Request) -> None:
        """A request got no answer for good."""


class Dialect201(Dialect):
    """OCPP 2.0.1, by its schemas."""

    def outgoing(self, request: Request) -> list[tuple[str, dict[str, Any]]]:
        if request.action not in actions("2.0.1"):
            return []
        payload = dict(request.payload)
        if request.action == "ReportChargingProfiles":
            payload["chargingProfile"] = [_lasting(each) for each in payload["chargingProfile"]]
        return [(request.action, known_part("2.0.1", request.action, "request", payload))]

    def response(self, action: str, request: Payload, result: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        return known_part("2.0.1", action, "response", result)


def _lasting(profile: Mapping[str, Any]) -> dict[str, Any]:
    """2.0.1 has no kind Dynamic: such a profile holds from its last update on, without an end."""
    if profile["chargingProfileKind"] != "Dynamic":
        return dict(profile)
    begun = [{**each, "startSchedule": profile["dynUpdateTime"]} for each in profile["chargingSchedule"]]
    return {**profile, "chargingProfileKind": "Absolute", "chargingSchedule": begun}


def known_part(version: Version, action: str, direction: Direction, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload without the members that a version's schema does not know."""
    root = schema(version, action, direction)
    pruned: dict[str, Any] = _pruned(payload, root, root)
    return pruned


def _pruned(value: Any, node: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        node = root["definitions"][node["$ref"].rpartition("/")[2]]
    if isinstance(value, Mapping):
        known = node.get("properties", {})
        return {name: _pruned(member, known[name], root) for name, member in value.items() if name in known}
    if isinstance(value, list):
        return [_pruned(item, node.get("items", {}), root) for item in value]
    return value


def dialect_of(version: Version, variables: DeviceModel) -> Dialect:
    """The dialect of a version; `variables` is the model it reads and writes."""
    if version == "1.6":
        from harness.ocpp.station.v16 import Dialect16

        return Dialect16(variables)
    return Dialect201() if version == "2.0.1" else Dialect()
