"""Resets and reboots: of the station or of one EVSE, now, when idle, or with transactions taken up again (B11 to B13, E17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.evse import Evse
from harness.ocpp.station.wire import Payload, status

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_GRACE = 1.0
"""Seconds between an accepted reset and the reboot: enough for the answer and the last events."""


class Restart:
    """`due` is when the station goes down; whoever carries it then calls `down` and, after the reboot time, `up`."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.due: float | None = None
        self._reason = "RemoteReset"
        self._scheduled: set[int] = set()
        self._went_down = 0.0
        self._returning: dict[int, float] = {}
        self._resume_always = False

    def request(self, request: Payload, now: float) -> dict[str, Any]:
        """Reset."""
        number, kind = request.get("evseId", 0), request["type"]
        if number > len(self._station.evses):
            return status("Rejected", "UnknownEvse")
        if number and not self._station.variables.flag("EVSE.AllowReset", number):
            return status("Rejected", "UnsupportedRequest")
        resuming = kind == "ImmediateAndResume"
        if resuming and not self._station.variables.number("TxCtrlr.ResumptionTimeout"):
            return status("Rejected", "UnsupportedRequest")
        busy = [evse for evse in self._of(number) if evse.number in self._station.transactions.of_evse]
        if busy and kind == "OnIdle":
            self._scheduled.add(number)
            return status("Scheduled")
        for evse in busy:
            self._interrupt(evse, resuming, now)
        self._begin(number, "ScheduledReset" if kind == "OnIdle" else "RemoteReset", now)
        return status("Accepted")

    def transaction_ended(self, now: float) -> None:
        """A reset that waited for idleness may be due."""
        running = self._station.transactions.of_evse
        for number in sorted(self._scheduled):
            if not any(each.number in running for each in self._of(number)):
                self._scheduled.discard(number)
                self._begin(number, "ScheduledReset", now)

    def power_loss(self, now: float) -> None:
        """The supply fails: everything stops at once."""
        for number in list(self._station.transactions.of_evse):
            self._station.transactions.interrupt(self._station.evses[number])
        self._reason, self.due, self._resume_always = "PowerUp", now, False

    def down(self, now: float) -> None:
        """The station is gone; what does not persist is forgotten."""
        station, self.due = self._station, None
        self._went_down = now
        station.registration.restart(self._reason)
        interrupted = station.transactions.interrupted
        station.profiles.reboot(frozenset(running.id for running in interrupted.values()))
        for evse in station.evses.values():
            evse.told = ""
            if evse.number not in interrupted:
                evse.release()

    def up(self, now: float) -> None:
        """The station is back."""
        limit = self._station.variables.number("TxCtrlr.ResumptionTimeout")
        for number in list(self._station.transactions.interrupted):
            evse = self._station.evses[number]
            if self._resume_always or (limit and now - self._went_down <= limit):
                self._resume(evse, now)
            else:
                self._give_up(evse, now)
        self._station.settle_all(now)

    def tick(self, now: float) -> None:
        """An EVSE comes back from its own reset."""
        for number in [number for number, at in self._returning.items() if at <= now]:
            del self._returning[number]
            self._station.evses[number].faulted = False
            if number in self._station.transactions.interrupted:
                self._resume(self._station.evses[number], now)

    def next_due(self) -> Iterator[float]:
        """When the station, or an EVSE, changes."""
        yield from self._returning.values()
        if self.due is not None:
            yield self.due

    # --- inside --------------------------------------------------------------------------------------------------------------

    def _of(self, number: int) -> list[Evse]:
        return [self._station.evses[number]] if number else list(self._station.evses.values())

    def _interrupt(self, evse: Evse, resuming: bool, now: float) -> None:
        transactions = self._station.transactions
        if not resuming:
            transactions.end(evse, now, "ResetCommand", "ImmediateReset")
            return
        transactions.go_on(evse, now, "ResetCommand")
        transactions.interrupt(evse)
        self._resume_always = True

    def _begin(self, number: int, reason: str, now: float) -> None:
        if number:
            self._station.evses[number].faulted = False
            self._returning[number] = now + self._station.settings.reboot_time
            return
        self._reason, self.due = reason, now + _GRACE

    def _resume(self, evse: Evse, now: float) -> None:
        energy = self._station.variables.flag("TxCtrlr.AllowEnergyTransferResumption")
        self._station.transactions.resume(evse, now, energy)

    def _give_up(self, evse: Evse, now: float) -> None:
        transactions = self._station.transactions
        transactions.of_evse[evse.number] = transactions.interrupted.pop(evse.number)
        transactions.end(evse, now, "AbnormalCondition", "PowerLoss" if self._reason == "PowerUp" else "Reboot")
