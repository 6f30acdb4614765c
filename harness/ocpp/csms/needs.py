"""How a central system meets the needs of an EV: the status it gives, and the profile it owes afterwards (K15-K20, Q01, Q02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.ocpp.csms import v2x
from harness.ocpp.csms.authorisation import allowed_transfer
from harness.ocpp.csms.profiles import objections
from harness.ocpp.csms.records import EvSchedule, Needs, Transaction
from harness.ocpp.csms.visit import Order, Reply, Visit
from harness.ocpp.times import moment

_WITH_PROFILE = frozenset({"Accepted", "Processing"})


def take_needs(visit: Visit, request: Mapping[str, Any]) -> Reply:
    """NotifyEVChargingNeeds: the decision, and the profile if it can follow at once."""
    evse, station = request["evseId"], visit.station
    told = Needs(evse, request["chargingNeeds"], visit.now, request.get("maxScheduleTuples"))
    running = station.transaction_at(evse)
    status = visit.policy.needs_status or _status(visit, told, running)
    owed = status in _WITH_PROFILE
    station.needs[str(evse)] = replace(told, answered=status, pending=owed)
    orders = pay(visit, evse) if owed and running is not None else ()
    return Reply({"status": status}, (*orders, *_better_offer(visit, told, running)))


def _better_offer(visit: Visit, told: Needs, running: Transaction | None) -> tuple[Order, ...]:
    """An EV that asks for charging alone and could do more is told what it may use, where the plan wants it (Q02)."""
    planned = visit.version == "2.1" and visit.policy.plan.mode not in ("ChargingOnly", "Idle")
    if not planned or running is None or running.allowed is not None:
        return ()
    could = v2x.BIDIRECTIONAL & set(told.needs.get("availableEnergyTransfer", ()))
    allowed = _allowed(visit, running) or ()
    if told.needs["requestedEnergyTransfer"] in v2x.BIDIRECTIONAL or not could & set(allowed):
        return ()
    payload = {"transactionId": running.transaction_id, "allowedEnergyTransfer": list(allowed)}
    return (Order("NotifyAllowedEnergyTransfer", payload),)


def _status(visit: Visit, told: Needs, running: Transaction | None) -> str:
    """Rejected if the transfer is not allowed, Accepted if a profile follows at once, Processing if later (Q01.FR.04, .07)."""
    if not v2x.acceptable(told.needs["requestedEnergyTransfer"], _allowed(visit, running)):
        return "Rejected"
    prompt = running is not None and not visit.policy.profile_delay
    return "Accepted" if prompt and visit.policy.profile_delay is not None else "Processing"


def _allowed(visit: Visit, running: Transaction | None) -> tuple[str, ...] | None:
    """What the transaction may use: a list sent later overrules the one of the authorisation (Q02.FR.05)."""
    if running is not None and running.allowed is not None:
        return running.allowed
    return allowed_transfer({"idToken": running.id_token if running is not None else ""}, visit.policy)


def pay(visit: Visit, evse_id: int) -> tuple[Order, ...]:
    """The SetChargingProfile that is owed to an EVSE whose EV told its needs; nothing while it cannot be made."""
    told, running = visit.station.needs.get(str(evse_id)), visit.station.transaction_at(evse_id)
    if told is None or not told.pending or running is None or visit.policy.profile_delay is None:
        return ()
    number = visit.system.profile_id_for(
        visit.station, evse_id, "TxProfile", visit.policy.plan.stack_level, running.transaction_id
    )
    content = v2x.profile_for(visit.station, told, running, visit.policy.plan, number, visit.now)
    visit.station.needs[str(evse_id)] = replace(told, pending=False)
    if any(objections(visit.station, evse_id, content)):
        return ()
    payload = {"evseId": evse_id, "chargingProfile": content}
    return (Order("SetChargingProfile", payload, visit.policy.profile_delay),)


def take_ev_schedule(visit: Visit, request: Mapping[str, Any]) -> Reply:
    """NotifyEVChargingSchedule: Accepted if it keeps within what was offered (K17.FR.11, .12); else the offer goes again."""
    fits = v2x.within_bounds(visit.station, request["evseId"], request["chargingSchedule"])
    status = visit.policy.ev_schedule_status or ("Accepted" if fits else "Rejected")
    made = EvSchedule(request["evseId"], moment(request["timeBase"]), request["chargingSchedule"], status)
    visit.station.ev_schedules[str(request["evseId"])] = made
    return Reply({"status": status}, _offer_again(visit, request["evseId"]) if status == "Rejected" else ())


def _offer_again(visit: Visit, evse_id: int) -> tuple[Order, ...]:
    """The renegotiation that follows a schedule beyond the offer (K15.FR.13, K17.FR.13, K18.FR.13)."""
    told = visit.station.needs.get(str(evse_id))
    if told is None:
        return ()
    visit.station.needs[str(evse_id)] = replace(told, pending=True)
    return pay(visit, evse_id)
