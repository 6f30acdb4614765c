"""What a driver meets at the station: reservations, display messages, costs (OCPP 2.1 blocks H, O, I)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.ocpp.station.authorisation import Token, same
from harness.ocpp.station.evse import Evse
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, Payload, instant, status


@dataclass(slots=True)
class Reservation:
    """`evse` 0 is any EVSE; `group` the groupIdToken, "" without one."""

    id: int
    evse: int
    until: float
    token: Token
    group: str = ""


@dataclass(slots=True)
class Reservations:
    """All reservations; an EVSE that is reserved carries the id."""

    variables: DeviceModel
    agenda: Agenda
    evses: Mapping[int, Evse]
    held: dict[int, Reservation] = field(default_factory=dict)

    def reserve(self, request: Payload, now: float) -> dict[str, Any]:
        """ReserveNow (H01); the same id again replaces."""
        if not self.variables.flag("ReservationCtrlr.Enabled"):
            return status("Rejected", "NotEnabled")
        number = request.get("evseId", 0)
        if number > len(self.evses) or instant(request["expiryDateTime"]) <= now:
            return status("Rejected", "UnknownEvse" if number > len(self.evses) else "InvalidValue")
        if request.get("connectorType", "cCCS2") != "cCCS2":
            return status("Rejected", "UnsupportedParam")
        self._drop(request["id"])
        answer = self._room(number)
        if answer == "Accepted":
            group = str(request.get("groupIdToken", {}).get("idToken", "")).lower()
            until = instant(request["expiryDateTime"])
            self.held[request["id"]] = Reservation(request["id"], number, until, dict(request["idToken"]), group)
            if number:
                self.evses[number].reservation = request["id"]
        return status(answer)

    def cancel(self, request: Payload, _now: float) -> dict[str, Any]:
        """CancelReservation (H02)."""
        return status("Accepted" if self._drop(request["reservationId"]) else "Rejected")

    def admits(self, evse: Evse, token: Token, group: str) -> bool:
        """Whether somebody may use an EVSE; whoever comes for a reservation takes it up (H03)."""
        mine = next(
            (one for one in self.held.values() if same(one.token, token) or (group and one.group == group)), None
        )
        if mine is not None and mine.evse in (0, evse.number):
            evse.reservation = mine.id
            del self.held[mine.id]
            return True
        if evse.reservation is not None:
            return False
        free = sum(one.reservation is None and not one.plugged and one.usable for one in self.evses.values())
        return free > sum(one.evse == 0 for one in self.held.values()) or evse.plugged

    def tick(self, now: float) -> None:
        """Reservations that nobody came for end (H04)."""
        for one in [one for one in self.held.values() if one.until <= now]:
            self._drop(one.id)
            self._tell(one, "Expired")
        for evse in self.evses.values():
            if evse.reservation is not None and evse.reservation not in self.held and not evse.authorised:
                evse.reservation = None  # it was taken up by somebody who did not plug in

    def evse_lost(self, evse: int) -> None:
        """A reserved EVSE went out of use (H01.FR.17)."""
        for one in [one for one in self.held.values() if one.evse == evse]:
            self._drop(one.id)
            self._tell(one, "Removed")

    def next_due(self) -> Iterator[float]:
        """When reservations end."""
        yield from (one.until for one in self.held.values())

    def _room(self, number: int) -> str:
        wanted = [self.evses[number]] if number else list(self.evses.values())
        states = {evse.availability for evse in wanted}
        if "Available" in states:
            return "Accepted"
        for state, answer in (("Occupied", "Occupied"), ("Reserved", "Occupied"), ("Unavailable", "Unavailable")):
            if state in states:
                return answer
        return "Faulted"

    def _drop(self, identifier: int) -> bool:
        for evse in self.evses.values():
            if evse.reservation == identifier:
                evse.reservation = None
        return self.held.pop(identifier, None) is not None

    def _tell(self, one: Reservation, what: str) -> None:
        self.agenda.put("ReservationStatusUpdate", {"reservationId": one.id, "reservationUpdateStatus": what})


@dataclass(slots=True)
class Display:
    """Messages of the CSMS (block O), and the costs it tells (block I)."""

    variables: DeviceModel
    agenda: Agenda
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)

    def set(self, request: Payload, transactions: frozenset[str], now: float) -> dict[str, Any]:
        """SetDisplayMessage (O01, O02, O06)."""
        message = request["message"]
        texts = [message["message"], *message.get("messageExtra", [])]
        supported = self.variables.members("DisplayMessageCtrlr.SupportedFormats")
        if any(text["format"] not in supported for text in texts):
            return status("NotSupportedMessageFormat")
        if "transactionId" in message and message["transactionId"] not in transactions:
            return status("UnknownTransaction")
        if "endDateTime" in message and instant(message["endDateTime"]) <= now:
            return status("Rejected", "InvalidValue")
        full = len(self.messages) >= self.variables.room("DisplayMessageCtrlr.DisplayMessages")
        if full and message["id"] not in self.messages:
            return status("Rejected", "OutOfStorage")
        self.messages[message["id"]] = dict(message)
        return status("Accepted")

    def get(self, request: Payload, now: float) -> dict[str, Any]:
        """GetDisplayMessages (O03, O04), and the report that follows."""
        self.tick(now)
        found = [
            one
            for one in self.messages.values()
            if one["id"] in request.get("id", [one["id"]])
            and request.get("priority", one["priority"]) == one["priority"]
            and request.get("state", one.get("state")) == one.get("state")
        ]
        if not found:
            return status("Unknown")
        self.agenda.put("NotifyDisplayMessages", {"requestId": request["requestId"], "messageInfo": found})
        return status("Accepted")

    def clear(self, request: Payload, _now: float) -> dict[str, Any]:
        """ClearDisplayMessage (O05)."""
        return status("Unknown" if self.messages.pop(request["id"], None) is None else "Accepted")

    def tick(self, now: float) -> None:
        """Messages end by their own date."""
        over = [
            key for key, one in self.messages.items() if "endDateTime" in one and instant(one["endDateTime"]) <= now
        ]
        for key in over:
            del self.messages[key]

    def transaction_ended(self, identifier: str) -> None:
        """Messages of a transaction end with it (O02.FR.02)."""
        self.messages = {key: one for key, one in self.messages.items() if one.get("transactionId") != identifier}
