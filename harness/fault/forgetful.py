"""Faults of an OCPP station's memory: it takes settings and does not use them, forgets at boot, repeats nothing, gives up.

They work on OCPP-J frames, as `harness.fault.ocpp` does, and remember some of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Direction, Fault
from harness.fault.ocpp import Remembering, is_frame, success

_ANSWERED = 3
_REFUSED = 4


@dataclass(frozen=True)
class Decorative(Remembering):
    """Takes a variable, and tells it as it was written, but always works with `value`.

    `variable` is named such as ``TxCtrlr.EVConnectionTimeOut``; `key` is what 1.6 calls it.
    """

    variable: str
    value: str
    key: str = ""

    def on_settings(self, settings: Any) -> Any:
        return replace(settings, variables={**settings.variables, self.variable: self.value})

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and is_frame(message, "request", "SetVariables"):
            items = [self._taken(item) for item in message.payload["setVariableData"]]
            return (replace(message, payload={**message.payload, "setVariableData": items}),)
        changes = direction == "in" and is_frame(message, "request", "ChangeConfiguration")
        if changes and message.payload["key"] == self.key:
            self.memory["written"] = message.payload["value"]
            return (replace(message, payload={**message.payload, "value": self.value}),)
        if direction == "out" and "written" in self.memory:
            return (self._told(message),)
        return (message,)

    def _taken(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._is(item):
            return item
        self.memory["written"] = item["attributeValue"]
        return {**item, "attributeValue": self.value}

    def _told(self, message: Any) -> Any:
        """The answer to GetVariables or GetConfiguration with what was written."""
        if is_frame(message, "response", "GetVariables"):
            results = message.payload["getVariableResult"]
            told = [{**each, "attributeValue": self.memory["written"]} if self._is(each) else each for each in results]
            return replace(message, payload={**message.payload, "getVariableResult": told})
        if is_frame(message, "response", "GetConfiguration"):
            keys = message.payload.get("configurationKey", [])
            told = [{**each, "value": self.memory["written"]} if each["key"] == self.key else each for each in keys]
            return replace(message, payload={**message.payload, "configurationKey": told} if keys else message.payload)
        return message

    def _is(self, item: Mapping[str, Any]) -> bool:
        instance = item["variable"].get("instance", "")
        name = f"{item['component']['name']}.{item['variable']['name']}" + (f"[{instance}]" if instance else "")
        return name == self.variable


@dataclass(frozen=True)
class ForgetsAtBoot(Remembering):
    """Loses something with each boot: the device below is told to undo it, by a request that nobody sent."""

    action: str
    payload: Mapping[str, Any]
    message_id: str = "forgets-at-boot"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out":
            if is_frame(message, "request", "BootNotification"):
                self.memory["boot"] = message
            own = getattr(message, "message_id", "").startswith(self.message_id)
            return () if own else (message,)
        boot = self.memory.get("boot")
        if boot is None or getattr(message, "number", None) != _ANSWERED or message.message_id != boot.message_id:
            return (message,)
        del self.memory["boot"]
        identifier = f"{self.message_id}-{boot.message_id}"[:36]
        return (message, replace(boot, message_id=identifier, action=self.action, payload=self.payload))


@dataclass(frozen=True)
class NeverRepeats(Remembering):
    """Says nothing twice: what it has told once, answered or not, never leaves again. The device below believes it did."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action):
            same = repr({name: value for name, value in message.payload.items() if name != "offline"})
            if same in self.memory.setdefault("told", set()):
                self.memory[message.message_id] = self.action
                return (replace(message, action="Heartbeat", payload={}),)
            self.memory["told"].add(same)
        if direction == "in" and getattr(message, "number", None) == _ANSWERED and message.message_id in self.memory:
            action = self.memory.pop(message.message_id)
            return (replace(message, action=action, payload=success(action, {}, "Accepted")),)
        return (message,)


@dataclass(frozen=True)
class GivesUp(Remembering):
    """Sends an action so many times, and never again."""

    action: str
    times: int

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action):
            self.memory["sent"] = self.memory.get("sent", 0) + 1
            return (message,) if self.memory["sent"] <= self.times else ()
        return (message,)


@dataclass(frozen=True)
class TakesErrorsForAnswers(Remembering):
    """Takes a CALLERROR in answer to an action for a sound answer: what was refused is never tried again."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out":
            if is_frame(message, "request", self.action):
                self.memory[message.message_id] = self.action
            return (message,)
        if getattr(message, "number", None) == _ANSWERED:
            self.memory["sound"] = message
        refused = getattr(message, "number", None) == _REFUSED and message.message_id in self.memory
        if not refused or "sound" not in self.memory:
            return (message,)
        said = success(self.action, {}, "Accepted")
        return (replace(self.memory["sound"], message_id=message.message_id, action=self.action, payload=said),)


@dataclass(frozen=True)
class CountsAnew(Remembering):
    """Sets a register (a signal) back to 0 with each boot."""

    signal: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", "BootNotification"):
            self.memory.pop("from", None)
        return (message,)

    def on_signal(self, signal: str, value: float, now: float) -> float:  # noqa: ARG002
        return value - float(self.memory.setdefault("from", value)) if signal == self.signal else value


@dataclass(frozen=True)
class KeepsFirst(Fault):
    """Answers an action with the first items of a list only."""

    action: str
    member: str
    items: int

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "response", self.action):
            return (
                replace(message, payload={**message.payload, self.member: message.payload[self.member][: self.items]}),
            )
        return (message,)
