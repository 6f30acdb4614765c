"""Transactions that a case has begun by hand as a station, so that none is left open at a CSMS when the case is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.ocpp.readings import value_at
from harness.ocppj.frame import Call


class BegunByHand:
    """Those that run: `follow` every request of the case, `endings` are the requests that end them."""

    def __init__(self) -> None:
        self._events: dict[str, int] = {}
        self._starts: dict[int, int] = {}

    def follow(self, call: Call, response: Mapping[str, Any] | None) -> None:
        """Note what a request begins or ends."""
        if call.action == "TransactionEvent":
            self._follow_event(call.payload)
        elif call.action == "StartTransaction" and isinstance(number := value_at(response, "transactionId"), int):
            self._starts[number] = int(value_at(call.payload, "meterStart") or 0)
        elif call.action == "StopTransaction":
            self._starts.pop(value_at(call.payload, "transactionId") or 0, None)

    def _follow_event(self, event: Mapping[str, Any]) -> None:
        name, number = value_at(event, "transactionInfo.transactionId"), event.get("seqNo")
        if event.get("eventType") == "Ended":
            self._events.pop(str(name), None)
        elif isinstance(name, str) and isinstance(number, int):
            self._events[name] = max(number, self._events.get(name, 0))

    def endings(self, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Action and payload of what ends each of them; `at` is the time that they tell."""
        for name, number in list(self._events.items()):
            event = {"eventType": "Ended", "triggerReason": "EVDeparted", "seqNo": number + 1, "timestamp": at}
            yield "TransactionEvent", {**event, "transactionInfo": {"transactionId": name}}
        for number, meter in list(self._starts.items()):
            yield "StopTransaction", {"transactionId": number, "meterStop": meter, "timestamp": at}
