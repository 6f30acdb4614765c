"""Smart charging and V2X at the station: what the CSMS and the site ask for, and what each EVSE is made to do (K, Q)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.ev_schedules import EvSchedules
from harness.ocpp.station.evse import EvNeeds, Evse, takes_back
from harness.ocpp.station.grid_functions import GridFunctions
from harness.ocpp.station.modes import InForce, Modes
from harness.ocpp.station.schedule import Schedule
from harness.ocpp.station.site import Site
from harness.ocpp.station.wire import Payload, Refused, Request, instant, stamp, status

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

Duty = Callable[[Payload, float], "dict[str, Any] | Refused"]


class Charging:
    """`follow` brings one EVSE to what is in force; it is called whenever something changed that could matter.

    `renegotiate` asks an SECC to agree on a service anew, which ends in `agree`; without one the station agrees by itself.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self.schedule = Schedule(station)
        self.ev_schedules = EvSchedules(station, self.schedule)
        self.site = Site(station)
        self._modes = {number: Modes(evse, station.variables) for number, evse in station.evses.items()}
        self._functions = {
            number: GridFunctions(number, station.der, station.variables, station.agenda, station.dice)
            for number in station.evses
        }
        self._in_force: dict[int, InForce] = {}
        self._now = 0.0
        self.renegotiate: Callable[[], None] | None = None

    # --- what is in force --------------------------------------------------------------------------------------------------

    def follow(self, evse: Evse, now: float) -> None:
        """Decide anew what the EVSE does."""
        self._now = now
        self._judge_refused_token(evse)
        if evse.number not in self._station.transactions.of_evse:
            self._modes[evse.number].forget()
        in_force = self.schedule.in_force(evse, now) if self._enabled() else InForce()
        self._in_force[evse.number] = in_force
        wanted = self._modes[evse.number].control(in_force, now)
        evse.control = self._functions[evse.number].apply(wanted, evse.reading, now)

    def tick(self, now: float) -> None:
        """Ask for values that are due, and follow time."""
        self._station.profiles.pull(now)
        for evse in self._station.evses.values():
            self.follow(evse, now)

    def next_due(self) -> Iterator[float]:
        """When a schedule changes, a signal begins, or a grid function acts."""
        for number, in_force in self._in_force.items():
            if in_force.until > self._now:
                yield in_force.until
            yield from (signal.at for signal in self._modes[number].signals if signal.at > self._now)
            yield from self._functions[number].next_due(self._now)

    def draw_delays(self, evse: Evse) -> None:
        """Random delays of schedules are drawn once for a transaction (K01.FR.93)."""
        self.schedule.draw(evse.number)

    def _judge_refused_token(self, evse: Evse) -> None:
        """A token that the CSMS refused may still take a little energy (E05.FR.02, .03)."""
        running = self._station.transactions.of_evse.get(evse.number)
        if running is None or running.refused_energy_from is None:
            return
        most = self._station.variables.number("TxCtrlr.MaxEnergyOnInvalidId")
        if evse.reading.energy_import - running.refused_energy_from >= most:
            evse.blocked = "the token was refused"

    def _enabled(self) -> bool:
        return self._station.variables.flag("SmartChargingCtrlr.Enabled")

    # --- services of the EV (Q01, Q02) -------------------------------------------------------------------------------------

    def offer_service(self, evse: Evse, now: float) -> None:
        """Once an EV is plugged in and its driver authorised: agree on a service and tell the CSMS its needs."""
        ready = (
            evse.plugged and evse.authorised and evse.ev is not None and not evse.service and self.renegotiate is None
        )
        if ready and self._station.variables.flag("ISO15118Ctrlr.Enabled"):
            self._agree(evse, self._best_service(evse), now)

    def agree(self, number: int, ev: EvNeeds, service: str, now: float) -> None:
        """An SECC agreed with the EV on `service`; its needs are told, and it is discharged only where the CSMS allows that."""
        evse = self._station.evses[number]
        evse.ev = ev
        self._agree(evse, service, now)

    def _best_service(self, evse: Evse, bidirectional: bool = True) -> str:
        """The EV's first service that EVSE and CSMS allow, a bidirectional one before all others."""
        assert evse.ev is not None
        common = [name for name in evse.ev.services if name in self.permitted(evse)]
        both_ways = [name for name in common if takes_back(name) and bidirectional]
        one_way = [name for name in common if not takes_back(name)]
        return (both_ways or one_way or [""])[0]

    def permitted(self, evse: Evse) -> tuple[str, ...]:
        """The services that EVSE and CSMS allow; without a list of the CSMS only charging (Q01.FR.09)."""
        variables = self._station.variables
        own = variables.members("V2XChargingCtrlr.SupportedEnergyTransferModes", evse.number) or ("DC",)
        may = variables.flag("V2XChargingCtrlr.Enabled", evse.number)
        return tuple(name for name in own if not takes_back(name) or (may and name in (evse.allowed or ())))

    def _agree(self, evse: Evse, service: str, now: float) -> None:
        evse.service = service
        if not service or evse.ev is None:
            return
        needs: dict[str, Any] = {
            "evseId": evse.number,
            "maxScheduleTuples": evse.ev.max_schedule_tuples,
            "chargingNeeds": evse.ev.as_wire(service),
        }
        if not self._station.online:
            needs["timestamp"] = stamp(now)
        if "-20" in self._station.variables.text("ISO15118Ctrlr.ProtocolSupported[1]"):
            self._station.agenda.put("NotifyEVChargingNeeds", needs, about=evse.number, lasting=True)
        self.follow(evse, now)

    def needs_answered(self, request: Request, answer: Payload, now: float) -> None:
        """A service that the CSMS refuses is renegotiated, or ends the transaction (Q01.FR.05, .06)."""
        evse = self._station.evses[request.about]
        if answer["status"] != "Rejected" or evse.ev is None or evse.number not in self._station.transactions.of_evse:
            return
        refused = request.payload["chargingNeeds"]["requestedEnergyTransfer"]
        running = self._station.transactions.of_evse[evse.number]
        other = self._best_service(evse, bidirectional=False)
        supported = self._station.variables.flag("ISO15118Ctrlr.ServiceRenegotiationSupport")
        if other and other != refused and supported and not running.renegotiated:
            running.renegotiated = True
            self._choose_anew(evse, other, now)
            return
        self._station.transactions.end(evse, now, "AbnormalCondition", "ReqEnergyTransferRejected")
        self.follow(evse, now)

    def _allow(self, request: Payload, now: float) -> dict[str, Any]:
        """NotifyAllowedEnergyTransfer (Q02)."""
        found = self._station.transactions.find(request["transactionId"])
        if found is None:
            return status("Rejected", "TxNotFound")
        evse = self._station.evses[found[0]]
        renegotiates = self._station.variables.flag("ISO15118Ctrlr.ServiceRenegotiationSupport")
        if evse.ev is None or not renegotiates:
            return status("Rejected", "UnsupportedRequest")
        evse.allowed = tuple(request["allowedEnergyTransfer"])
        service = self._best_service(evse)
        if service != evse.service:
            self._choose_anew(evse, service, now)
        return status("Accepted")

    def _choose_anew(self, evse: Evse, service: str, now: float) -> None:
        if self.renegotiate is None:
            self._agree(evse, service, now)
            return
        evse.service = ""  # until the EV has chosen; meanwhile it only charges
        self.renegotiate()
        self.follow(evse, now)

    # --- requests of the CSMS ----------------------------------------------------------------------------------------------

    def duties(self) -> dict[str, Duty]:
        """What is done for each action of smart charging."""
        plain: dict[str, Duty] = {
            "SetChargingProfile": self._set,
            "ClearChargingProfile": self._clear,
            "GetChargingProfiles": lambda request, _now: self._station.profiles.report(request),
            "GetCompositeSchedule": self._composite,
            "UpdateDynamicSchedule": self._update,
            "UsePriorityCharging": self._use_priority,
        }
        guarded = {action: self._guarded(duty) for action, duty in plain.items()}
        return {**guarded, "NotifyAllowedEnergyTransfer": self._allow, "AFRRSignal": self._afrr}

    def _guarded(self, duty: Duty) -> Duty:
        """Without smart charging its messages are not supported (K01.FR.29)."""

        def guarded(request: Payload, now: float) -> dict[str, Any] | Refused:
            return duty(request, now) if self._enabled() else Refused("NotSupported", "smart charging is switched off")

        return guarded

    def _set(self, request: Payload, now: float) -> dict[str, Any]:
        running = self._station.transactions.of_evse.get(request["evseId"])
        identifier = "" if running is None else running.id
        answer = self._station.profiles.set(request["evseId"], request["chargingProfile"], identifier, now)
        if answer["status"] == "Accepted":
            self.schedule.draw()
            self._station.settle_all(now)
            self.ev_schedules.renew(now)
        return answer

    def _clear(self, request: Payload, now: float) -> dict[str, Any]:
        answer = self._station.profiles.clear(request)
        self._station.settle_all(now)
        self.ev_schedules.renew(now)
        return answer

    def _update(self, request: Payload, now: float) -> dict[str, Any]:
        answer = self._station.profiles.update(request, now)
        self._station.settle_all(now)
        self.ev_schedules.renew(now)
        return answer

    def pulled(self, request: Request, answer: Payload, now: float) -> None:
        """The CSMS's answer to PullDynamicScheduleUpdate."""
        self._station.profiles.pulled(request.about, answer, now)
        self._station.settle_all(now)
        self.ev_schedules.renew(now)

    def _composite(self, request: Payload, now: float) -> dict[str, Any]:
        """GetCompositeSchedule (K08)."""
        if request["evseId"] > len(self._station.evses):
            return status("Rejected", "UnknownEvse")
        unit = request.get("chargingRateUnit", "W")
        if unit not in self._station.variables.members("SmartChargingCtrlr.RateUnit"):
            return status("Rejected", "UnsupportedRateUnit")
        return status("Accepted") | {
            "schedule": self.schedule.report(request["evseId"], request["duration"], unit, now)
        }

    def _afrr(self, request: Payload, now: float) -> dict[str, Any]:
        """AFRRSignal: for every EVSE whose period has a curve for it (Q08.FR.10, .11)."""
        having = [number for number, in_force in self._in_force.items() if "v2xSignalWattCurve" in in_force.period]
        if not having:
            return status("Rejected", "NoSignalWattCurve")
        for number in having:
            self._modes[number].take_signal(instant(request["timestamp"]), request["signal"])
        self._station.settle_all(now)
        return status("Accepted")

    # --- priority charging (K21, K22) --------------------------------------------------------------------------------------

    def _use_priority(self, request: Payload, now: float) -> dict[str, Any]:
        found = self._station.transactions.find(request["transactionId"])
        if found is None:
            return status("Rejected", "TxNotFound")
        if request["activate"] and not self._has_priority_profile(found[0]):
            return status("NoProfile", "NotFound")
        self.set_priority(found[0], request["activate"], now)
        return status("Accepted")

    def set_priority(self, number: int, active: bool, now: float) -> None:
        """Priority charging of the transaction on an EVSE, by the CSMS or by the driver; a change is told."""
        running = self._station.transactions.of_evse.get(number)
        if running is None or running.priority == active or (active and not self._has_priority_profile(number)):
            return
        running.priority = active
        notice = {"transactionId": running.id, "activated": active}
        self._station.agenda.put("NotifyPriorityCharging", notice, transaction=running.id)
        self._station.settle_all(now)

    def _has_priority_profile(self, number: int) -> bool:
        held = self._station.profiles.held.values()
        return any(one.purpose == "PriorityCharging" and one.evse in (0, number) for one in held)
