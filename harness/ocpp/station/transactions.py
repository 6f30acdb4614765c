"""Transactions: when they begin and end, their events in sequence, their meter values (OCPP 2.1 blocks E and J)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.ocpp.station.evse import Evse
from harness.ocpp.station.metering import meter_value
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, Payload, stamp

LIMITS: Mapping[str, str] = {
    "maxEnergy": "EnergyLimitReached",
    "maxTime": "TimeLimitReached",
    "maxSoC": "SoCLimitReached",
    "maxCost": "CostLimitReached",
}
"""Limits of a transaction and the trigger that reports that one is reached (E16)."""


@dataclass(slots=True)
class Transaction:
    """One transaction. `closed_at` is when its power path closed, `reached` are the start points that have held during it;
    `energised` once energy has flowed."""

    id: str
    started_at: float
    closed_at: float | None = None
    seq: int = 0
    state: str = ""
    mode: str = ""
    remote_start: int | None = None
    reached: set[str] = field(default_factory=set)
    token_told: bool = False
    evse_told: bool = False
    begun_told: bool = False
    energised: bool = False
    priority: bool = False
    renegotiated: bool = False
    start_import: float = 0.0
    cost: float = 0.0
    limits: dict[str, float] = field(default_factory=dict)
    limit_hit: str = ""
    refused_energy_from: float | None = None
    next_sample: float | None = None
    next_kept: float | None = None
    kept: list[dict[str, Any]] = field(default_factory=list)


class Transactions:
    """All transactions of the station. `online` says whether the CSMS is there now: events of another time are `offline`.
    `interrupted` are those that wait for the end of a restart."""

    def __init__(self, variables: DeviceModel, agenda: Agenda, dice: random.Random, online: Callable[[], bool]) -> None:
        self._variables, self._agenda, self._dice, self._online = variables, agenda, dice, online
        self.of_evse: dict[int, Transaction] = {}
        self.interrupted: dict[int, Transaction] = {}
        self.on_started: Callable[[Evse, Transaction, float], None] = lambda _evse, _transaction, _now: None
        self.on_ended: Callable[[Evse, Transaction, float], None] = lambda _evse, _transaction, _now: None

    def find(self, identifier: str) -> tuple[int, Transaction] | None:
        """EVSE number and transaction of an id, None when none runs under it."""
        return next((found for found in self.of_evse.items() if found[1].id == identifier), None)

    # --- life ------------------------------------------------------------------------------------------------------------

    def settle(self, evse: Evse, now: float, trigger: str = "", stopped: str = "") -> None:
        """Begin, go on or end after something changed; `trigger` says what, `stopped` the stoppedReason if this ends it."""
        held = set(_held(evse))
        running = self.of_evse.get(evse.number)
        if evse.number in self.interrupted:
            return
        if running is None:
            if held & set(self._variables.members("TxCtrlr.TxStartPoint")) and evse.usable:
                self._start(evse, held, now, trigger)
            return
        lost = running.reached - held
        running.reached |= held
        running.closed_at = running.closed_at or (now if "PowerPathClosed" in held else None)
        running.energised = running.energised or evse.flowing
        if lost & set(self._variables.members("TxCtrlr.TxStopPoint")):
            self.end(evse, now, trigger or "ChargingStateChanged", stopped or "Local")
        else:
            self.go_on(evse, now, trigger)

    def go_on(self, evse: Evse, now: float, trigger: str = "", **members: Any) -> None:
        """Tell what has changed in a running transaction; nothing when nothing has and no trigger is given."""
        running = self.of_evse[evse.number]
        state, mode = _charging_state(evse, running), evse.control.mode
        changed = state != running.state
        mode_changed = mode != running.mode and evse.authorised
        if not (trigger or changed or mode_changed):
            return
        running.state, running.mode = state, mode if evse.authorised else running.mode
        why = trigger or ("OperationModeChanged" if mode_changed else "ChargingStateChanged")
        self._put(evse, running, "Updated", why, now, members)

    def end(self, evse: Evse, now: float, trigger: str, stopped: str) -> None:
        """End the transaction that runs."""
        running = self.of_evse.pop(evse.number)
        evse.spent, evse.authorised = evse.plugged, False
        running.state = "EVConnected" if evse.plugged else "Idle"
        self._put(evse, running, "Ended", trigger, now, {}, stopped)
        evse.release()
        self.on_ended(evse, running, now)

    def interrupt(self, evse: Evse) -> None:
        """Keep a transaction over a restart; until then nothing begins or ends on the EVSE."""
        self.interrupted[evse.number] = self.of_evse.pop(evse.number)
        evse.blocked = "interrupted"

    def resume(self, evse: Evse, now: float, energy: bool) -> None:
        """Take up an interrupted transaction (E17, B13); without `energy` none flows that flowed before."""
        running = self.interrupted.pop(evse.number)
        self.of_evse[evse.number] = running
        evse.blocked = "" if energy or running.state != "Charging" else "energy does not go on after an interruption"
        running.next_sample = None
        running.state, running.evse_told = _charging_state(evse, running), True
        self._put(evse, running, "Updated", "TxResumed", now, {})

    # --- time ------------------------------------------------------------------------------------------------------------

    def tick(self, evse: Evse, now: float) -> None:
        """Sampled values, values kept for the end, and limits."""
        running = self.of_evse.get(evse.number)
        if running is None:
            return
        self._judge_limits(evse, running, now)
        if evse.number not in self.of_evse:
            return
        interval = self._interval(evse)
        if interval and running.next_sample is not None and now >= running.next_sample:
            self._put(evse, running, "Updated", "MeterValuePeriodic", now, {})
        if running.next_sample is None or now >= running.next_sample:
            running.next_sample = now + interval if interval else None
        self._keep(evse, running, now)

    def next_due(self) -> Iterator[float]:
        """When something of a transaction falls due."""
        for running in self.of_evse.values():
            yield from (at for at in (running.next_sample, running.next_kept) if at is not None)
            if "maxTime" in running.limits and not running.limit_hit:
                yield running.started_at + running.limits["maxTime"]

    def at_the_clock(self, evse: Evse, measurands: tuple[str, ...], now: float) -> None:
        """Clock-aligned values of a running transaction (J01.FR.22)."""
        values = meter_value(evse.reading, evse.control, measurands, "Sample.Clock")
        if values is not None:
            self._put(evse, self.of_evse[evse.number], "Updated", "MeterValueClock", now, {"meterValue": [values]})

    def trigger(self, evse: Evse, now: float) -> None:
        """The event that a TriggerMessage asks for (F06)."""
        values = meter_value(evse.reading, evse.control, self._updated(evse), "Trigger")
        self._put(
            evse, self.of_evse[evse.number], "Updated", "Trigger", now, {"meterValue": [values]} if values else {}
        )

    # --- limits of a transaction -------------------------------------------------------------------------------------------

    def limit(self, evse: Evse, limits: Mapping[str, float], now: float) -> None:
        """Limits that the CSMS sets; those that are supported are confirmed (E16.FR.03, .13)."""
        running = self.of_evse[evse.number]
        supported = self._variables.members("TxCtrlr.SupportedLimits")
        taken = {name: value for name, value in limits.items() if name in supported}
        if not taken or taken == running.limits:
            return
        running.limits |= taken
        running.limit_hit = evse.blocked = ""
        self._put(evse, running, "Updated", "LimitSet", now, {})
        self._judge_limits(evse, running, now)

    def _judge_limits(self, evse: Evse, running: Transaction, now: float) -> None:
        used = {
            "maxEnergy": evse.reading.energy_import - running.start_import,
            "maxTime": now - running.started_at,
            "maxSoC": evse.reading.soc if evse.reading.soc is not None else -1.0,
            "maxCost": running.cost,
        }
        for name, most in running.limits.items():
            if used[name] >= most and not running.limit_hit:
                running.limit_hit = LIMITS[name]
                evse.blocked = f"{name} of the transaction"
                if "EnergyTransfer" in self._variables.members("TxCtrlr.TxStopPoint"):
                    self.end(evse, now, LIMITS[name], LIMITS[name].replace("SoC", "SOC"))
                    return
                running.state = "SuspendedEVSE"
                self._put(evse, running, "Updated", LIMITS[name], now, {})

    # --- events ------------------------------------------------------------------------------------------------------------

    def _start(self, evse: Evse, held: set[str], now: float, trigger: str) -> None:
        identifier = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        running = Transaction(identifier, now, reached=held, start_import=evse.reading.energy_import)
        running.state, running.mode = _charging_state(evse, running), "ChargingOnly"
        running.energised = evse.flowing
        running.closed_at = now if "PowerPathClosed" in held else None
        running.remote_start, evse.remote_start = evse.remote_start, None
        self.of_evse[evse.number] = running
        interval = self._interval(evse)
        running.next_sample = now + interval if interval else None
        self._put(evse, running, "Started", trigger or "ChargingStateChanged", now, {})
        self.on_started(evse, running, now)

    def _put(
        self,
        evse: Evse,
        running: Transaction,
        kind: str,
        trigger: str,
        now: float,
        members: Mapping[str, Any],
        stopped: str = "",
    ) -> None:
        event: dict[str, Any] = {
            "eventType": kind,
            "timestamp": stamp(now),
            "triggerReason": trigger,
            "seqNo": running.seq,
            "transactionInfo": self._info(evse, running, trigger, stopped),
            **members,
        }
        running.seq += 1
        if not self._online():
            event["offline"] = True
        if evse.plugged and not running.evse_told:
            event["evse"] = {"id": evse.number, "connectorId": 1}
            running.evse_told = True
        if evse.token is not None and not running.token_told:
            event["idToken"] = _with_evccid(evse)
            running.token_told = True
        if evse.authorised and evse.reservation is not None:
            event["reservationId"], evse.reservation = evse.reservation, None
        if evse.control.asleep:
            event["evseSleep"] = True
        if kind == "Ended" and trigger == "StopAuthorized" and evse.token is not None:
            event["idToken"] = dict(evse.token)
        self._measure(event, evse, running, kind)
        self._agenda.put("TransactionEvent", event, about=(evse.number, running.id), transaction=running.id)

    def _info(self, evse: Evse, running: Transaction, trigger: str, stopped: str) -> dict[str, Any]:
        info: dict[str, Any] = {"transactionId": running.id, "chargingState": running.state}
        if running.remote_start is not None:
            info["remoteStartId"], running.remote_start = running.remote_start, None
        if stopped:
            info["stoppedReason"] = stopped
        if evse.authorised and evse.ev is not None:
            info["operationMode"] = running.mode
        if trigger == "LimitSet":
            info["transactionLimit"] = dict(running.limits)
        return info

    def _measure(self, event: dict[str, Any], evse: Evse, running: Transaction, kind: str) -> None:
        """The meter values that belong into this event, if it has none yet (J02, Q01.FR.33 to .35)."""
        if "meterValue" in event or not self._variables.flag("SampledDataCtrlr.Enabled"):
            return
        values = []
        if not running.begun_told and evse.plugged and kind != "Ended":
            running.begun_told = True
            values.append(meter_value(evse.reading, evse.control, self._listed("TxStarted", evse), "Transaction.Begin"))
        if kind == "Updated" and event["triggerReason"] in (
            "MeterValuePeriodic",
            "OperationModeChanged",
            "ChargingStateChanged",
        ):
            periodic = event["triggerReason"] == "MeterValuePeriodic"
            values.append(
                meter_value(evse.reading, evse.control, self._updated(evse), "Sample.Periodic" if periodic else "Other")
            )
        if kind == "Ended":
            values += running.kept
            values.append(meter_value(evse.reading, evse.control, self._listed("TxEnded", evse), "Transaction.End"))
        present = [value for value in values if value is not None]
        if present:
            event["meterValue"] = present

    def _updated(self, evse: Evse) -> tuple[str, ...]:
        return self._listed("TxUpdated", evse)

    def _listed(self, moment: str, evse: Evse) -> tuple[str, ...]:
        """Measurands of a moment: the general list, and what the operation mode adds."""
        added = self._variables.members(f"V2XChargingCtrlr.{moment}Measurands[{evse.control.mode}]", evse.number)
        return (*self._variables.members(f"SampledDataCtrlr.{moment}Measurands"), *added)

    def _interval(self, evse: Evse) -> float:
        """Seconds between regular events; 0 for none. The operation mode may have its own."""
        if not self._variables.flag("SampledDataCtrlr.Enabled"):
            return 0.0
        ordinary = self._variables.number("SampledDataCtrlr.TxUpdatedInterval")
        return self._variables.number(f"V2XChargingCtrlr.TxUpdatedInterval[{evse.control.mode}]", evse.number, ordinary)

    def _keep(self, evse: Evse, running: Transaction, now: float) -> None:
        interval = self._variables.number("SampledDataCtrlr.TxEndedInterval")
        if not interval:
            return
        if running.next_kept is not None and now >= running.next_kept:
            value = meter_value(evse.reading, evse.control, self._listed("TxEnded", evse), "Sample.Periodic")
            running.kept += [value] if value is not None else []
        if running.next_kept is None or now >= running.next_kept:
            running.next_kept = now + interval

    # --- requests of the CSMS --------------------------------------------------------------------------------------------------

    def get_status(self, request: Payload, queued: Callable[[str], bool]) -> dict[str, Any]:
        """GetTransactionStatus (E14); `queued` says whether messages of a transaction ("" for any) wait."""
        identifier = request.get("transactionId", "")
        if not identifier:
            return {"messagesInQueue": queued("")}
        return {"ongoingIndicator": self.find(identifier) is not None, "messagesInQueue": queued(identifier)}


def _held(evse: Evse) -> Iterator[str]:
    """The start and stop points that hold now."""
    fresh = evse.plugged and not evse.spent
    if fresh:
        yield from ("ParkingBayOccupancy", "EVConnected")
    if evse.authorised:
        yield "Authorized"
    if fresh and evse.authorised:
        yield "PowerPathClosed"
    if evse.flowing:
        yield "EnergyTransfer"


def _charging_state(evse: Evse, running: Transaction) -> str:
    if not evse.plugged:
        return "Idle"
    if evse.flowing:
        return "Charging"
    if not evse.authorised:
        return "EVConnected"
    offered = evse.control.setpoint if evse.control.setpoint is not None else evse.control.limit
    if not offered or evse.blocked:
        return "SuspendedEVSE" if running.energised or evse.blocked else "EVConnected"
    return "SuspendedEV" if running.energised else "EVConnected"


def _with_evccid(evse: Evse) -> dict[str, Any]:
    """The idToken as the next event carries it: with the EVCCID where the EV has said who it is (Q01.FR.02)."""
    token = dict(evse.token or {})
    if evse.ev is not None:
        token["additionalInfo"] = [
            *token.get("additionalInfo", []),
            {"additionalIdToken": evse.ev.evccid, "type": "EVCCID"},
        ]
    return token
