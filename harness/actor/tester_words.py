"""What a case says as a station in the words of the field: a transaction begun by hand, the needs of its EV, reports in parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from harness.actor.certificate_request import CertificateRequest
from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_inbox import Inbox
from harness.errors import Inconclusive
from harness.link.clock import Clock
from harness.link.observation import Observation
from harness.ocpp.readings import payload, request, value_at
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.station import Station
from harness.ocpp.times import moment, stamp
from harness.ocppj.frame import CallResult
from harness.pki.operator import operator_ca

_ACCEPTED = {"status": "Accepted"}
_TAKEN: Mapping[str, Mapping[str, Any]] = {
    "SetChargingProfile": _ACCEPTED,
    "UpdateDynamicSchedule": _ACCEPTED,
    "NotifyAllowedEnergyTransfer": _ACCEPTED,
    "UsePriorityCharging": _ACCEPTED,
    "CostUpdated": {},
}
"""What a station takes for a transaction; the living one knows nothing of those that a case begins by hand."""


class TesterWords:
    """The words, on top of `call` and `event` of the station."""

    clock: Clock
    inbox: Inbox
    settings: StationSettings
    station: Station
    answers: dict[str, Any]

    async def call(self, action: str, payload: Mapping[str, Any] | None = None) -> CallOutcome:
        """Send any request; see `TesterStation.call`."""
        raise NotImplementedError

    def new_transaction(self) -> str:
        """A transactionId that no earlier case or run has used; see `TesterStation.new_transaction`."""
        raise NotImplementedError

    async def event(
        self, kind: str, reason: str, number: int, transaction: str = "T-1", *, evse: int = 0, **more: Any
    ) -> CallOutcome:
        """A TransactionEvent made by hand; see `TesterStation.event`."""
        raise NotImplementedError

    async def begin_transaction(self, token: Mapping[str, str], evse: int = 1) -> str:
        """Begin a transaction with energy flowing; its id. What the CSMS then sends for it is taken, unless `answers` say else.

        `Inconclusive` when the CSMS does not accept the token.
        """
        name = self.new_transaction()
        for action, answer in _TAKEN.items():
            self.answers.setdefault(action, answer)
        told = await self.event(
            "Started", "Authorized", 0, name, evse=evse, idToken=dict(token), info={"chargingState": "Charging"}
        )
        info = (told.response or {}).get("idTokenInfo", {})
        if info.get("status") != "Accepted":
            said = info.get("status") or told
            raise Inconclusive(
                f"the CSMS did not accept the token of a transaction: {said} (frame {told.outcome.number})"
            )
        return name

    async def tell_needs(self, needs: Mapping[str, Any], evse: int = 1, tuples: int = 12) -> CallOutcome:
        """NotifyEVChargingNeeds; `tuples` is maxScheduleTuples of the EV."""
        return await self.call(
            "NotifyEVChargingNeeds", {"evseId": evse, "maxScheduleTuples": tuples, "chargingNeeds": dict(needs)}
        )

    async def tell_parts(self, action: str, parts: Sequence[Mapping[str, Any]]) -> list[CallOutcome]:
        """A report in several messages, the last of which says that nothing is to come."""
        last = len(parts) - 1
        return [
            await self.call(action, {**part, **({} if number == last else {"tbc": True})})
            for number, part in enumerate(parts)
        ]

    def certificate_request(self) -> CertificateRequest:
        """A fresh key pair of this station, with the request for a certificate for it."""
        organisation = self.station.variables.text("SecurityCtrlr.OrganizationName") or self.settings.vendor
        return CertificateRequest(self.settings.serial, organisation)

    def root_certificate(self) -> str:
        """A fresh self-signed root (PEM) that a CSMS can be made to install."""
        return operator_ca(self.clock.wall(), self.settings.vendor).root_pem.decode("ascii")

    async def reported(self, number: int, within: float) -> None:
        """Wait until the CSMS has taken the last part of the station's own report of that requestId; else `Inconclusive`."""

        def complete() -> bool:
            parts = [seen for seen in self.inbox.trace.sent_by("station") if request(seen, "NotifyReport") is not None]
            last = [each for each in parts if each.message.payload.get("requestId") == number]
            ends = {each.message.message_id for each in last if not each.message.payload.get("tbc", False)}
            answers = self.inbox.trace.sent_by("csms").of(CallResult)
            return any(answer.message.message_id in ends for answer in answers)

        if not await self.inbox.until(complete, within):
            raise Inconclusive(f"the CSMS did not take the report {number} of the device model within {within:g} s")

    def error_of(self, path: str) -> Callable[[Observation], float | None]:
        """A reading: seconds by which a time in a request differs from the moment the request came at."""

        def error(seen: Observation) -> float | None:
            told = moment(value_at(payload(seen), path))
            return None if told is None else (told - self.clock.wall(seen.at)).total_seconds()

        error.__name__ = f"error of {path}"
        return error

    def time_stamp(self, in_seconds: float = 0.0) -> str:
        """The time now, or some s from now, as the wire carries it."""
        return stamp(self.clock.wall() + timedelta(seconds=in_seconds))
