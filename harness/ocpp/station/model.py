"""The device model: components, variables, who may write them, what was set, and how they are reported (OCPP 2.1 block B).

Which variables there are is data (fixtures/ocpp/device-model.yaml); values that the station computes are bound to
functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.errors import DescriptionError
from harness.ocpp.station.wire import Payload, instant
from harness.suggest import did_you_mean

_WORDS = {"RO": "ReadOnly", "RW": "ReadWrite", "WO": "WriteOnly"}
_LISTS = ("OptionList", "MemberList", "SequenceList")
ATTRIBUTES = ("Actual", "Target", "MinSet", "MaxSet")


class Place(NamedTuple):
    """Where a variable sits: component (its instance, EVSE and connector; 0 and "" for none), variable and its instance."""

    component: str
    variable: str
    instance: str = ""
    evse: int = 0
    connector: int = 0
    part: str = ""

    def __str__(self) -> str:
        """As people write it, such as ``EVSE#1.Power`` or ``LocalLoadBalancing`` with its instance in brackets."""
        at = (f"[{self.part}]" if self.part else "") + (f"#{self.evse}" if self.evse else "")
        return f"{self.component}{at}.{self.variable}" + (f"[{self.instance}]" if self.instance else "")


@dataclass(slots=True)
class Variable:
    """One variable with its value as text, as the wire carries it; "" is not set."""

    kind: str
    access: str
    value: str
    unit: str = ""
    within: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    shortest: int = 0
    key16: str = ""
    live: Callable[[], str] | None = None
    default: str = field(default="")

    @property
    def read(self) -> str:
        """The value now."""
        return self.live() if self.live is not None else self.value


class DeviceModel:
    """`data` is the parsed data file, `evses` how many EVSEs there are (one connector each), `slots` the network slots.

    `settings` gives other values than the data's, by name as in `number`; those that the version lacks are left out, and a
    name that no version has raises `DescriptionError`.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        version: str,
        evses: int = 1,
        slots: int = 2,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._variables: dict[Place, Variable] = {}
        self._watchers: list[Callable[[Place, str, str], None]] = []
        for component in data["components"]:
            if version in component.get("only", (version,)):
                self._add(component, version, evses, slots)
        for name, value in (settings or {}).items():
            _demand_known(name, data)
            for place in self._named(name):
                self._variables[place].value = value

    # --- for the station itself --------------------------------------------------------------------------------------

    def text(self, name: str, evse: int = 0) -> str:
        """The value of a variable named such as ``TxCtrlr.TxStartPoint`` or with ``[instance]``; "" when not there."""
        found = self._variables.get(_place(name, evse))
        return "" if found is None else found.read

    def flag(self, name: str, evse: int = 0) -> bool:
        """A boolean; False when not there."""
        return self.text(name, evse) == "true"

    def number(self, name: str, evse: int = 0, default: float = 0.0) -> float:
        """A number; `default` when not set."""
        value = self.text(name, evse)
        return float(value) if value else default

    def members(self, name: str, evse: int = 0) -> tuple[str, ...]:
        """A list; empty when not set."""
        return tuple(part.strip() for part in self.text(name, evse).split(",") if part.strip())

    def room(self, name: str) -> float:
        """The maxLimit of a variable; infinite where there is none."""
        highest = self._variables[_place(name, 0)].highest
        return float("inf") if highest is None else highest

    def put(self, name: str, value: str, evse: int = 0) -> None:
        """Write a value from inside, whoever may write it from outside."""
        self._write(_place(name, evse), value)

    def bind(self, name: str, live: Callable[[], str], evse: int = 0, connector: int = 0) -> None:
        """Let the station compute a value; one that this version does not have is left out."""
        found = self._variables.get(_place(name, evse)._replace(connector=connector))
        if found is not None:
            found.live = live

    def watch(self, watcher: Callable[[Place, str, str], None]) -> None:
        """Call `watcher` with place, former and new value after every write."""
        self._watchers.append(watcher)

    def places(self) -> Iterator[tuple[Place, Variable]]:
        """All variables in the order of the data."""
        return iter(self._variables.items())

    def find(self, component: Mapping[str, Any], variable: Mapping[str, Any]) -> Place | None:
        """The place that a request names, None when there is none."""
        place = _place_of(component, variable)
        return place if place in self._variables else None

    def at(self, place: Place) -> Variable:
        """The variable at a place that exists."""
        return self._variables[place]

    def keys16(self) -> dict[str, Place]:
        """Configuration keys of OCPP 1.6 and the variables that carry them."""
        return {found.key16: place for place, found in self._variables.items() if found.key16}

    # --- for the CSMS --------------------------------------------------------------------------------------------------

    def get_variables(self, request: Payload) -> dict[str, Any]:
        """One result for each item asked for, in order (B06)."""
        return {"getVariableResult": [self._get(item) for item in request["getVariableData"]]}

    def set_variables(self, request: Payload, judge: Callable[[Place, str], str]) -> dict[str, Any]:
        """One result for each item, in order (B05). `judge` returns the reason code of a refusal, "" to let it pass."""
        return {"setVariableResult": [self._set(item, judge) for item in request["setVariableData"]]}

    def write(self, place: Place, value: str, judge: Callable[[Place, str], str]) -> tuple[str, str]:
        """Write one value from outside; status and reason code as SetVariables answers."""
        found = self._variables[place]
        if found.access == "RO":
            return "Rejected", "ReadOnly"
        wrong = fault_of(found, value) or judge(place, value)
        if wrong:
            return "Rejected", wrong
        self._write(place, value)
        return "Accepted", ""

    def report(self, wanted: Callable[[Place, Variable], bool]) -> list[dict[str, Any]]:
        """Report entries of the variables that are `wanted`; values of write-only ones stay away (B07.FR.03)."""
        return [_entry(place, found) for place, found in self._variables.items() if wanted(place, found)]

    def knows(self, component: Mapping[str, Any]) -> bool:
        """Whether there is such a component, on the EVSE named."""
        wanted = _place_of(component, {"name": ""})
        return any(place[:1] + place[3:] == wanted[:1] + wanted[3:] for place in self._variables)

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _add(self, component: Mapping[str, Any], version: str, evses: int, slots: int) -> None:
        wheres: Mapping[str, Iterable[tuple[int, int, str]]] = {
            "station": [(0, 0, "")],
            "evse": [(evse, 0, "") for evse in range(1, evses + 1)],
            "connector": [(evse, 1, "") for evse in range(1, evses + 1)],
            "slot": [(0, 0, str(slot)) for slot in range(1, slots + 1)],
        }
        for evse, connector, part in wheres[component["at"]]:
            for said in component["variables"]:
                if version in said.get("only", (version,)):
                    place = Place(component["name"], said["name"], said.get("instance", ""), evse, connector, part)
                    self._variables[place] = _variable(said)

    def _named(self, name: str) -> list[Place]:
        wanted = _place(name, 0)
        return [place for place in self._variables if place[:3] == wanted[:3] and wanted.evse in (0, place.evse)]

    def _write(self, place: Place, value: str) -> None:
        before, self._variables[place].value = self._variables[place].value, value
        for watcher in self._watchers:
            watcher(place, before, value)

    def _get(self, item: Mapping[str, Any]) -> dict[str, Any]:
        result = _echo(item)
        place, trouble = self._reach(item)
        if place is None:
            return {"attributeStatus": trouble, **result}
        found = self._variables[place]
        if found.access == "WO":
            return {"attributeStatus": "Rejected", **result}
        return {"attributeStatus": "Accepted", "attributeValue": found.read[:2500], **result}

    def _set(self, item: Mapping[str, Any], judge: Callable[[Place, str], str]) -> dict[str, Any]:
        result = _echo(item)
        place, trouble = self._reach(item)
        if place is None:
            return {"attributeStatus": trouble, **result}
        said, reason = self.write(place, item["attributeValue"], judge)
        result["attributeStatus"] = said
        return result | ({"attributeStatusInfo": {"reasonCode": reason}} if reason else {})

    def _reach(self, item: Mapping[str, Any]) -> tuple[Place | None, str]:
        place = self.find(item["component"], item["variable"])
        if place is None:
            return None, "UnknownVariable" if self.knows(item["component"]) else "UnknownComponent"
        if item.get("attributeType", "Actual") != "Actual":
            return None, "NotSupportedAttributeType"
        return place, ""


def fault_of(found: Variable, value: str) -> str:
    """The reason code for which a value cannot be written; "" when it can (B05.FR.07, .08)."""
    if found.kind in ("integer", "decimal"):
        return _number_fault(found, value)
    if found.kind == "boolean" and value not in ("true", "false"):
        return "InvalidValue"
    if found.kind == "dateTime" and not _is_instant(value):
        return "InvalidValue"
    if found.kind in _LISTS and found.within:
        parts = [part.strip() for part in value.split(",")] if value else []
        wrong = (
            len(set(parts)) != len(parts)
            or set(parts) - set(found.within)
            or (found.kind == "OptionList" and len(parts) != 1)
        )
        return "InvalidValue" if wrong else ""
    if found.kind == "string":
        return _length_fault(found, value)
    return ""


def _number_fault(found: Variable, value: str) -> str:
    try:
        number = int(value) if found.kind == "integer" else float(value)
    except ValueError:
        return "InvalidValue"
    if number != number or number in (float("inf"), float("-inf")):
        return "InvalidValue"
    if found.lowest is not None and number < found.lowest:
        return "ValueTooLow"
    return "ValueTooHigh" if found.highest is not None and number > found.highest else ""


def _length_fault(found: Variable, value: str) -> str:
    if len(value) < found.shortest:
        return "ValueTooLow"
    return "ValueTooHigh" if found.highest is not None and len(value) > found.highest else ""


def _is_instant(value: str) -> bool:
    try:
        instant(value)
    except ValueError:
        return False
    return True


def _demand_known(name: str, data: Mapping[str, Any]) -> None:
    known = {
        str(Place(component["name"], said["name"], said.get("instance", "")))
        for component in data["components"]
        for said in component["variables"]
    }
    wanted = str(Place(*_place(name, 0)[:3]))
    if wanted not in known:
        raise DescriptionError(f"the device model has no variable {name}", remedy=did_you_mean(wanted, known))


def _variable(said: Mapping[str, Any]) -> Variable:
    value = str(said["value"])
    return Variable(
        said["type"],
        said["access"],
        value,
        said.get("unit", ""),
        tuple(said.get("within", ())),
        said.get("min"),
        said.get("max"),
        said.get("min_length", 0),
        said.get("ocpp16", ""),
        default=value,
    )


def _place(name: str, evse: int) -> Place:
    """The place of a name such as ``A.B``, ``A#1.B`` or ``A[slot].B[instance]``."""
    component, _, variable = name.partition(".")
    component, _, number = component.partition("#")
    component, _, part = component.partition("[")
    variable, _, instance = variable.partition("[")
    return Place(component, variable, instance.rstrip("]"), int(number or evse), 0, part.rstrip("]"))


def _place_of(component: Mapping[str, Any], variable: Mapping[str, Any]) -> Place:
    """Names are compared as the model writes them."""
    evse = component.get("evse", {})
    return Place(
        component["name"],
        variable["name"],
        variable.get("instance", ""),
        evse.get("id", 0),
        evse.get("connectorId", 0),
        component.get("instance", ""),
    )


def component_of(place: Place) -> dict[str, Any]:
    """The component of a place as the wire carries it."""
    said: dict[str, Any] = {"name": place.component}
    if place.part:
        said["instance"] = place.part
    if place.evse:
        said["evse"] = {"id": place.evse} | ({"connectorId": place.connector} if place.connector else {})
    return said


def variable_of(place: Place) -> dict[str, Any]:
    """The variable of a place as the wire carries it."""
    return {"name": place.variable} | ({"instance": place.instance} if place.instance else {})


def _entry(place: Place, found: Variable) -> dict[str, Any]:
    attribute: dict[str, Any] = {"type": "Actual", "mutability": _WORDS[found.access]}
    if found.access != "WO":
        attribute["value"] = found.read[:2500]
    attribute["persistent"] = found.access != "RO"
    attribute["constant"] = found.access == "RO" and found.live is None
    return {
        "component": component_of(place),
        "variable": variable_of(place),
        "variableAttribute": [attribute],
        "variableCharacteristics": _characteristics(found),
    }


def _characteristics(found: Variable) -> dict[str, Any]:
    said: dict[str, Any] = {"dataType": found.kind, "supportsMonitoring": found.access != "WO"}
    for name, value in (("unit", found.unit), ("minLimit", found.lowest), ("maxLimit", found.highest)):
        if value not in ("", None):
            said[name] = value
    if found.within:
        said["valuesList"] = ",".join(found.within)
    return said


def _echo(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attributeType": item.get("attributeType", "Actual"),
        "component": item["component"],
        "variable": item["variable"],
    }
