"""Faults of an OCPP party: it says or hears other payloads than were meant, promises and does nothing, keeps things to itself.

They work on OCPP-J frames, which carry an `action`, a `payload` and a `message_id`, and know no more about them. Paths lead
into a payload: ``transactionInfo.operationMode``; ``*`` stands for every element of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harness.fault.fault import Direction, Fault

Kind = Literal["request", "response"]
_NUMBERS = {"request": (2, 6), "response": (3,)}
_HARMLESS = {"vendorId": "none"}


def is_frame(message: Any, kind: Kind, action: str = "") -> bool:
    """Whether a message is a request or a response, of an action if one is named."""
    return getattr(message, "number", None) in _NUMBERS[kind] and action in ("", getattr(message, "action", ""))


@dataclass(frozen=True)
class Edit:
    """What happens at a path: `how` is ``set``, ``drop``, ``scale``, ``add``, or ``prune`` of a list; a path that is not there
    stays so."""

    path: str
    how: Literal["set", "drop", "scale", "add", "prune"]
    value: Any = None

    def apply(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload with the edit."""
        edited: dict[str, Any] = self._at(payload, self.path.split("."))
        return edited

    def _at(self, node: Any, steps: Sequence[str]) -> Any:
        first, *rest = steps
        if isinstance(node, list):
            if first == "*":
                return [self._at(item, rest) for item in node] if rest else []
            return node
        if not isinstance(node, Mapping) or (first not in node and (rest or self.how != "set")):
            return node
        inner = {name: value for name, value in node.items() if name != first}
        if rest:
            return {**node, first: self._at(node[first], rest)}
        return inner if self.how == "drop" else {**node, first: self._changed(node.get(first))}

    def _changed(self, value: Any) -> Any:
        if self.how == "set":
            return self.value
        if self.how == "prune":
            path, unwanted = self.value
            return [each for each in value if _at(each, path) != unwanted]
        return value * self.value if self.how == "scale" else value + self.value


def put(path: str, value: Any) -> Edit:
    """`value` stands at the path."""
    return Edit(path, "set", value)


def drop(path: str) -> Edit:
    """Nothing stands at the path."""
    return Edit(path, "drop")


def scale(path: str, factor: float) -> Edit:
    """The number at the path times a factor; -1 reverses it."""
    return Edit(path, "scale", factor)


def add(path: str, value: float) -> Edit:
    """The number at the path, and something on top."""
    return Edit(path, "add", value)


def prune(path: str, inner: str, value: Any) -> Edit:
    """The list at the path without the members in which `value` stands at the path `inner`."""
    return Edit(path, "prune", (inner, value))


def _at(node: Any, path: str) -> Any:
    for step in path.split("."):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


@dataclass(frozen=True)
class Edits(Fault):
    """Requests or responses of an action ("" for any) travel with edits, in one direction.

    `only` restricts that to payloads in which a path has a value, such as ``("eventType", "Ended")``.
    """

    direction: Direction
    kind: Kind
    action: str
    edits: tuple[Edit, ...]
    only: tuple[str, Any] | None = None

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != self.direction or not is_frame(message, self.kind, self.action):
            return (message,)
        if self.only is not None and message.payload.get(self.only[0]) != self.only[1]:
            return (message,)
        payload = message.payload
        for edit in self.edits:
            payload = edit.apply(payload)
        return (message if payload == message.payload else replace(message, payload=payload),)


def says(action: str, *edits: Edit, only: tuple[str, Any] | None = None) -> Edits:
    """The faulty side's requests of an action, edited."""
    return Edits("out", "request", action, edits, only)


def hears(action: str, *edits: Edit, only: tuple[str, Any] | None = None) -> Edits:
    """Requests to the faulty side, edited before it sees them."""
    return Edits("in", "request", action, edits, only)


def answers(action: str, *edits: Edit) -> Edits:
    """The faulty side's answers, edited."""
    return Edits("out", "response", action, edits)


def learns(action: str, *edits: Edit) -> Edits:
    """Answers to the faulty side, edited before it sees them."""
    return Edits("in", "response", action, edits)


@dataclass(frozen=True)
class Remembering(Fault):
    """Shape of faults that follow single requests."""

    memory: dict[str, Any] = field(default_factory=dict, kw_only=True, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})


@dataclass(frozen=True)
class Pretends(Remembering):
    """Answers requests of these actions (none named: all) with what looks like success, and does nothing.

    The device below gets a harmless request instead, whose answer is replaced. With `status` it says that instead.
    """

    actions: tuple[str, ...] = ()
    status: str = "Accepted"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and is_frame(message, "request") and self._concerns(message.action):
            self.memory[message.message_id] = message
            return (replace(message, action="DataTransfer", payload=_HARMLESS),)
        if direction == "out" and getattr(message, "number", None) in (3, 4):
            asked = self.memory.pop(message.message_id, None)
            if asked is not None and message.number == 3:
                return (
                    replace(message, action=asked.action, payload=success(asked.action, asked.payload, self.status)),
                )
        return (message,)

    def _concerns(self, action: str) -> bool:
        return not self.actions or action in self.actions


@dataclass(frozen=True)
class Withholds(Remembering):
    """Never sends requests of an action; the device below believes that it did. `only` as in `Edits`."""

    action: str
    only: tuple[str, Any] | None = None

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action):
            if self.only is not None and message.payload.get(self.only[0]) != self.only[1]:
                return (message,)
            self.memory[message.message_id] = self.action
            return (replace(message, action="Heartbeat", payload={}),)
        if direction == "in" and getattr(message, "number", None) == 3 and message.message_id in self.memory:
            action = self.memory.pop(message.message_id)
            return (replace(message, action=action, payload=success(action, {}, "Accepted")),)
        return (message,)


@dataclass(frozen=True)
class Repeats(Remembering):
    """Sends the first value of a member again in every later request of an action."""

    action: str
    member: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action) and self.member in message.payload:
            first = self.memory.setdefault(self.member, message.payload[self.member])
            return (replace(message, payload={**message.payload, self.member: first}),)
        return (message,)


@dataclass(frozen=True)
class Twice(Fault):
    """Sends requests of an action two times."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action):
            return (message, replace(message, message_id=f"{message.message_id[:34]}-2"))
        return (message,)


@dataclass(frozen=True)
class Mute(Fault):
    """Never answers requests of an action."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        return () if direction == "out" and is_frame(message, "response", self.action) else (message,)


@dataclass(frozen=True)
class Slow(Fault):
    """Answers requests of an action ("" for any) after some s."""

    action: str
    seconds: float

    def delay(self, message: Any, direction: Direction) -> float:
        return self.seconds if direction == "out" and is_frame(message, "response", self.action) else 0.0


@dataclass(frozen=True)
class RepeatsIds(Remembering):
    """Gives every request the same message id."""

    message_id: str = "1"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request"):
            self.memory["real"] = message.message_id
            return (replace(message, message_id=self.message_id),)
        answered = getattr(message, "number", None) in (3, 4) and message.message_id == self.message_id
        if direction == "in" and answered and "real" in self.memory:
            return (replace(message, message_id=self.memory["real"]),)
        return (message,)


@dataclass(frozen=True)
class AnswersTwice(Fault):
    """Sends every answer to an action ("" for any) two times."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        return (message,) * (2 if direction == "out" and is_frame(message, "response", self.action) else 1)


@dataclass(frozen=True)
class NoFrames(Fault):
    """Sends every answer without the bracket that ends it, so that it is no JSON."""

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:
        return (octets[:-1],) if is_frame(message, "response") else (octets,)


@dataclass(frozen=True)
class OtherErrorCode(Fault):
    """Refuses with an error code of its own."""

    code: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        refused = direction == "out" and getattr(message, "number", None) == 4
        return (replace(message, code=self.code) if refused else message,)


_Made = Callable[[Mapping[str, Any], str], dict[str, Any]]


def _each(request: str, response: str, status: str, *echoed: str) -> _Made:
    """A response with one result for each item of the request."""

    def made(payload: Mapping[str, Any], said: str) -> dict[str, Any]:
        items = payload.get(request, ())
        return {response: [{status: said} | {name: item[name] for name in echoed if name in item} for item in items]}

    return made


def _read(payload: Mapping[str, Any], said: str) -> dict[str, Any]:
    results = _each("getVariableData", "getVariableResult", "attributeStatus", "component", "variable")(payload, said)
    for result in results["getVariableResult"]:
        result["attributeValue"] = "true"
    return results


def _cleared(payload: Mapping[str, Any], said: str) -> dict[str, Any]:
    return {"clearMonitoringResult": [{"id": identifier, "status": said} for identifier in payload.get("id", ())]}


_SUCCESSES: Mapping[str, _Made] = {
    "GetVariables": _read,
    "SetVariables": _each("setVariableData", "setVariableResult", "attributeStatus", "component", "variable"),
    "SetVariableMonitoring": _each(
        "setMonitoringData", "setMonitoringResult", "status", "type", "severity", "component", "variable"
    ),
    "ClearVariableMonitoring": _cleared,
    "GetLocalListVersion": lambda _payload, _said: {"versionNumber": 0},
    "GetTransactionStatus": lambda _payload, _said: {"messagesInQueue": False},
    "CostUpdated": lambda _payload, _said: {},
    "UnlockConnector": lambda _payload, _said: {"status": "Unlocked"},
    "Authorize": lambda _payload, said: {"idTokenInfo": {"status": said}},
}
_EMPTY = frozenset(
    {
        "TransactionEvent",
        "StatusNotification",
        "MeterValues",
        "SecurityEventNotification",
        "NotifyReport",
        "NotifyEvent",
        "NotifyMonitoringReport",
        "ReservationStatusUpdate",
        "ClearedChargingLimit",
        "NotifyChargingLimit",
        "NotifyPriorityCharging",
        "ReportChargingProfiles",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "NotifyDisplayMessages",
        "NotifyDERAlarm",
        "NotifyDERStartStop",
        "ReportDERControl",
        "NotifyCustomerInformation",
    }
)


def success(action: str, request: Mapping[str, Any], status: str) -> dict[str, Any]:
    """What a response looks like that says all is well."""
    if action in _EMPTY:
        return {}
    return _SUCCESSES[action](request, status) if action in _SUCCESSES else {"status": status}
