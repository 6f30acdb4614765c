"""What people do at the station, and what follows for authorisation (OCPP 2.1 blocks C, E, F)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.authorisation import Decision, Info, Token, group_of, key_of, same, valid
from harness.ocpp.station.evse import EvNeeds, Evse
from harness.ocpp.station.wire import Payload, Request

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_ENDS_ON_REFUSAL = frozenset({"Authorized", "PowerPathClosed", "EnergyTransfer"})


class Driver:
    """Everything that a driver, or somebody in a driver's place, brings about. Times are the station's."""

    def __init__(self, station: Station) -> None:
        self._station = station

    # --- at the plug ---------------------------------------------------------------------------------------------------

    def plug_in(self, number: int, ev: EvNeeds | None, now: float) -> None:
        """A cable is plugged in; `ev` is what the EV says over ISO 15118-20, None for one that says nothing."""
        evse = self._station.evses[number]
        evse.plugged, evse.ev, evse.spent, evse.locked = True, ev, False, True
        evse.waiting_to_plug_until = None
        self._settle(evse, now, "CablePluggedIn")
        self._station.charging.offer_service(evse, now)

    def unplug(self, number: int, now: float) -> None:
        """The cable is pulled out at the EV."""
        evse = self._station.evses[number]
        evse.plugged, evse.locked = False, False
        if self._station.variables.flag("TxCtrlr.StopTxOnEVSideDisconnect"):
            evse.authorised = False
        evse.ev, evse.service = None, ""
        self._settle(evse, now, "EVCommunicationLost", "EVDisconnected")
        evse.spent = False
        if number not in self._station.transactions.of_evse:
            evse.release()

    def fault(self, number: int, faulted: bool, now: float) -> None:
        """The EVSE breaks, or is repaired."""
        evse = self._station.evses[number]
        evse.faulted = faulted
        if faulted and number in self._station.transactions.of_evse:
            self._station.transactions.end(evse, now, "AbnormalCondition", "Other")
        self._station.tell_changes(now)

    # --- at the reader ---------------------------------------------------------------------------------------------------

    def present(self, number: int, token: Token, now: float) -> None:
        """A token is held to the reader of an EVSE: to begin, or to end what it began."""
        evse = self._station.evses[number]
        if self._station.version == "1.6":  # which has no types of tokens
            token = {**token, "type": "Central"}
        if evse.authorised:
            self._present_again(evse, token, now)
            return
        decision = self._station.tokens.decide(token, self._station.online, now)
        evse.refused = decision is Decision.REFUSED
        if decision is Decision.ASK:
            self._ask(token, ("start", number, dict(token)))
        elif decision is Decision.ACCEPTED:
            evse.allowed = self._station.tokens.transfers.get(key_of(token))
            self._authorise(evse, token, self._station.tokens.known(token, now) or {}, now)

    def stop_at_station(self, number: int, now: float) -> None:
        """The emergency button."""
        evse = self._station.evses[number]
        evse.authorised = False
        if number in self._station.transactions.of_evse:
            self._station.transactions.end(evse, now, "AbnormalCondition", "EmergencyStop")

    def _present_again(self, evse: Evse, token: Token, now: float) -> None:
        known = self._station.tokens.known(token, now)
        if same(evse.token, token) or (known is not None and valid(known, now) and self._may_stop(evse, known)):
            self._stop(evse, now)
        elif self._station.online:
            self._ask(token, ("stop", evse.number, dict(token)))

    def _may_stop(self, evse: Evse, info: Info) -> bool:
        """Whether somebody of a group may end what another began (C09, C16)."""
        group = group_of(info)
        return bool(evse.group and group == evse.group) or self._station.tokens.is_master(group)

    def _ask(self, token: Token, about: Any) -> None:
        self._station.agenda.put("Authorize", {"idToken": dict(token)}, about=about)

    def answered(self, request: Request, answer: Payload, now: float) -> None:
        """The CSMS's answer to Authorize."""
        why, number, token = request.about
        evse, info = self._station.evses[number], answer["idTokenInfo"]
        self._station.tokens.learn(token, info, now, answer.get("allowedEnergyTransfer"))
        if not valid(info, now):
            evse.refused = why == "start"
            return
        if why == "stop":
            if evse.authorised and self._may_stop(evse, info):
                self._stop(evse, now)
        elif not evse.authorised:
            if "allowedEnergyTransfer" in answer:
                evse.allowed = tuple(answer["allowedEnergyTransfer"])
            self._authorise(evse, token, info, now)

    def told_by_event(self, request: Request, answer: Payload, now: float) -> None:
        """The answer to a TransactionEvent: what the CSMS thinks of the token, limits, costs."""
        number, identifier = request.about
        evse, running = self._station.evses[number], self._station.transactions.of_evse.get(number)
        if "idTokenInfo" in answer and "idToken" in request.payload:
            self._station.tokens.learn(request.payload["idToken"], answer["idTokenInfo"], now)
        if running is None or running.id != identifier:
            return
        running.cost = answer.get("totalCost", running.cost)
        if "transactionLimit" in answer:
            self._station.transactions.limit(evse, answer["transactionLimit"], now)
        if "idTokenInfo" in answer and not valid(answer["idTokenInfo"], now):
            self._refuse(evse, now)

    def stopped_by_ev(self, number: int, now: float) -> None:
        """The EV ended its session by itself (E15.FR.04, .05)."""
        evse = self._station.evses[number]
        evse.authorised = False
        self._settle(evse, now, "StopAuthorized", "StoppedByEV")

    # --- from afar -------------------------------------------------------------------------------------------------------

    def start_from_afar(self, evse: Evse, token: Token, group: str, remote_start: int, now: float) -> None:
        """RequestStartTransaction was accepted."""
        evse.remote_start = remote_start
        if self._station.variables.flag("AuthCtrlr.AuthorizeRemoteStart") and token["type"] != "NoAuthorization":
            self._ask(token, ("start", evse.number, dict(token)))
            return
        self._authorise(evse, token, {"groupIdToken": {"idToken": group}} if group else {}, now, "RemoteStart")

    def stop_from_afar(self, evse: Evse, now: float) -> None:
        """RequestStopTransaction was accepted."""
        evse.authorised = False
        self._settle(evse, now, "RemoteStop", "Remote")
        self._end_if_running(evse, now, "RemoteStop", "Remote")

    # --- time ------------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Whoever does not plug in in time loses the authorisation (E03.FR.05, .15)."""
        for evse in self._station.evses.values():
            if evse.waiting_to_plug_until is not None and now >= evse.waiting_to_plug_until:
                evse.waiting_to_plug_until, evse.authorised = None, False
                self._settle(evse, now, "EVConnectTimeout", "Timeout")
                if evse.number not in self._station.transactions.of_evse:
                    evse.release()

    def next_due(self) -> Iterator[float]:
        """When somebody should have plugged in."""
        for evse in self._station.evses.values():
            if evse.waiting_to_plug_until is not None:
                yield evse.waiting_to_plug_until

    # --- inside ------------------------------------------------------------------------------------------------------------

    def _authorise(self, evse: Evse, token: Token, info: Info, now: float, trigger: str = "Authorized") -> None:
        group = group_of(info)
        if self._station.tokens.is_master(group):
            evse.remote_start = None
            return
        may = evse.usable and self._may_charge() and self._station.reservations.admits(evse, token, group)
        if not may:
            evse.remote_start = None
            return
        evse.authorised, evse.token, evse.group, evse.refused = True, dict(token), group, False
        evse.spent = False
        if not evse.plugged:
            evse.waiting_to_plug_until = now + self._station.variables.number("TxCtrlr.EVConnectionTimeOut")
        running = self._station.transactions.of_evse.get(evse.number)
        if running is not None:
            running.token_told, running.remote_start = False, evse.remote_start
            evse.remote_start = None
        self._settle(evse, now, "RemoteStart" if trigger == "RemoteStart" else "Authorized")
        self._station.charging.offer_service(evse, now)

    def _may_charge(self) -> bool:
        return self._station.registration.accepted or self._station.variables.flag("TxCtrlr.TxBeforeAcceptedEnabled")

    def _stop(self, evse: Evse, now: float) -> None:
        evse.authorised = False
        self._settle(evse, now, "StopAuthorized", "Local")

    def _refuse(self, evse: Evse, now: float) -> None:
        """The CSMS refuses the token of a transaction that runs (E05)."""
        variables, running = self._station.variables, self._station.transactions.of_evse[evse.number]
        if variables.flag("TxCtrlr.StopTxOnInvalidId"):
            evse.authorised = False
            if _ENDS_ON_REFUSAL & set(variables.members("TxCtrlr.TxStopPoint")):
                self._station.transactions.end(evse, now, "Deauthorized", "DeAuthorized")
            else:
                self._settle(evse, now, "Deauthorized")
            return
        running.refused_energy_from = evse.reading.energy_import
        self._station.charging.follow(evse, now)
        self._station.transactions.settle(evse, now)

    def _end_if_running(self, evse: Evse, now: float, trigger: str, stopped: str) -> None:
        if evse.number in self._station.transactions.of_evse and not evse.plugged:
            self._station.transactions.end(evse, now, trigger, stopped)

    def _settle(self, evse: Evse, now: float, trigger: str, stopped: str = "") -> None:
        self._station.charging.follow(evse, now)
        self._station.transactions.settle(evse, now, trigger, stopped)
        self._station.charging.follow(evse, now)
        self._station.tell_changes(now)
