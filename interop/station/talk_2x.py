"""What the station says and answers in OCPP 2.0.1 and 2.1."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp.exceptions import SecurityError
from ocpp.routing import on
from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v201 import ChargePoint as ChargePoint201

from interop.station.body import Body, Session, stamp
from interop.station.schedule import KINDS, STATION_WIDE, aim, changes, moment
from interop.station.variables import Key, Variable, change, find, told

_ITEMS = 20
_MODES = {"ChargingOnly", "CentralSetpoint", "CentralFrequency"}
_EVSE = {"id": 1, "connector_id": 1}
_SENDS = {"BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent"}


class Duties:
    """What a station does by itself in 2.x. `calls` is the library's module of requests."""

    def __init__(self, body: Body, model: dict[Key, Variable], calls: Any, version: str) -> None:
        self.body, self.model, self.calls, self.version = body, model, calls, version
        self.seconds_of_sample = 0.0
        self._sampled_at = datetime.now(UTC)
        self._aligned: int | None = None
        self._waiting_since: datetime | None = None
        self.remote: int | None = None

    def value(self, component: str, name: str) -> str:
        return self.model[component, name, None].value

    @property
    def password(self) -> str:
        """As the CSMS set it last."""
        return self.value("SecurityCtrlr", "BasicAuthPassword")

    @property
    def heartbeat(self) -> int:
        return int(self.value("OCPPCommCtrlr", "HeartbeatInterval"))

    @property
    def attempts(self) -> tuple[int, float]:
        """How often a transaction message is tried, and how long it is waited (s) before the second time."""
        of = "[TransactionEvent]"
        return int(self.value("OCPPCommCtrlr", f"MessageAttempts{of}")), float(
            self.value("OCPPCommCtrlr", f"MessageAttemptInterval{of}")
        )

    @property
    def patience(self) -> float:
        """How long an answer is waited for (s)."""
        return float(self.value("OCPPCommCtrlr", "MessageTimeout"))

    def back(self, away: float) -> None:
        """The connection stands again after `away` s: all states after a long time, those that changed after a short one."""
        if away > int(self.value("OCPPCommCtrlr", "OfflineThreshold")) or self.connector != self.body.outlet_was:
            self.body.outlet_was = self.connector
            self.body.say(self.status())

    # --- what it says ---

    def boot(self, reason: str | None = None) -> Any:
        described = {"model": "ocpp-library", "vendor_name": "PyPI", "serial_number": "1", "firmware_version": "1.0"}
        return self.calls.BootNotification(charging_station=described, reason=reason or self.body.reason or "Triggered")

    def booted(self, answer: Any) -> float:
        """Seconds until the next BootNotification, 0: accepted."""
        if answer.status != "Accepted":
            return float(answer.interval or 5)
        self.model["OCPPCommCtrlr", "HeartbeatInterval", None].value = str(answer.interval)
        return 0.0

    def beat(self) -> Any:
        return self.calls.Heartbeat()

    @property
    def connector(self) -> str:
        if not self.body.operative:
            return "Unavailable"
        return "Occupied" if self.body.outlet.ev else "Available"

    def status(self) -> Any:
        state = self.connector
        for place in ("EVSE", "Connector"):
            self.model[place, "AvailabilityState", 1].value = state
        return self.calls.StatusNotification(timestamp=stamp(), connector_status=state, evse_id=1, connector_id=1)

    def meter_values(self) -> Any:
        return self.calls.MeterValues(evse_id=1, meter_value=[self.measured("Trigger", "Updated")])

    def measured(self, context: str, when: str) -> dict[str, Any]:
        """What the meter shows, for the measurands that are configured for Started, Updated or Ended."""
        outlet, session = self.body.outlet, self.body.session
        shown = {
            "Energy.Active.Import.Register": (outlet.imported, "Wh"),
            "Energy.Active.Export.Register": (outlet.exported, "Wh"),
            "Power.Active.Import": (max(0.0, outlet.power), "W"),
            "Power.Active.Export": (max(0.0, -outlet.power), "W"),
            "SoC": (outlet.soc, "Percent"),
        }
        setpoint = self.body.aim.setpoint if session else None
        if setpoint is not None and self.version == "2.1":
            shown["Power.Active.Setpoint"] = float(setpoint), "W"
        wanted = self.value("SampledDataCtrlr", f"Tx{when}Measurands").split(",")
        values = [
            {"value": round(value, 1), "measurand": name, "context": context, "unit_of_measure": {"unit": unit}}
            for name, (value, unit) in shown.items()
            if name in wanted or name == "Power.Active.Setpoint"
        ]
        return {"timestamp": stamp(), "sampled_value": values}

    def event(self, kind: str, trigger: str, **more: Any) -> None:
        """A TransactionEvent of the transaction that runs."""
        session = self.body.session
        assert session is not None
        info: dict[str, Any] = {"transaction_id": session.id}
        if session.state:
            info["charging_state"] = session.state
        if session.remote is not None and kind == "Started":
            info["remote_start_id"] = session.remote
        if self.version == "2.1" and session.mode:
            info["operation_mode"] = session.mode
        info |= more.pop("info", {})
        self.body.keep(
            self.calls.TransactionEvent(
                event_type=kind,
                timestamp=stamp(),
                trigger_reason=trigger,
                seq_no=session.number(),
                transaction_info=info,
                evse=_EVSE if kind == "Started" else None,
                offline=not self.body.connected,
                **more,
            ),
            lambda answer: self._heed(session, answer),
        )

    def _heed(self, session: Session, answer: Any) -> None:
        """What the CSMS says of the token in its answer ends the transaction, or its energy (StopTxOnInvalidId)."""
        judged = getattr(answer, "id_token_info", None)
        if judged is None or judged["status"] == "Accepted" or self.body.session is not session:
            return
        if self.value("TxCtrlr", "StopTxOnInvalidId") == "true":
            self.end("Deauthorized", "DeAuthorized")
        else:
            session.denied = True

    # --- transactions ---

    def plug(self, ev: str) -> None:
        self.body.outlet.ev = ev
        self._tell_connector()
        self._begin_when_ready("CablePluggedIn")

    def unplug(self) -> None:
        if self.body.session is not None:
            self.end("EVCommunicationLost", "EVDisconnected", state="Idle")
        self.body.outlet.ev = ""
        self.body.token = None
        self._tell_connector()

    def present(self, token: str, kind: str) -> None:
        """A token at the reader: starts, or stops what it started."""
        shown = {"id_token": token, "type": kind}
        session = self.body.session
        if session is not None and session.token == shown:
            self.end("StopAuthorized", "Local", id_token=shown)
            return
        self.body.say(self.calls.Authorize(id_token=shown), lambda answer: self._authorised(shown, answer))

    def _authorised(self, token: dict[str, str], answer: Any) -> None:
        if answer is None or answer.id_token_info["status"] != "Accepted":
            return
        group, session = answer.id_token_info.get("group_id_token"), self.body.session
        if session is None:
            self._wait_for_both(token, None)
            self.body.group = group
            self._begin_when_ready("Authorized")
        elif group is not None and group == session.group:
            self.end("StopAuthorized", "Local", id_token=token)

    def _wait_for_both(self, token: dict[str, str], remote: int | None) -> None:
        self.body.token, self.remote, self._waiting_since = token, remote, datetime.now(UTC)

    def remote_start(self, token: dict[str, str], number: int, profile: dict[str, Any] | None) -> str | None:
        """Start for the CSMS; the id of the transaction if it begins at once."""
        asked = {name: token[name] for name in ("id_token", "type")}
        if profile is not None:
            self.body.install(1, profile)
        if self.value("AuthCtrlr", "AuthorizeRemoteStart") == "true":
            self.body.say(self.calls.Authorize(id_token=asked), lambda answer: self._allowed(asked, number, answer))
            return None
        self._wait_for_both(asked, number)
        return self._begin_when_ready("RemoteStart")

    def _allowed(self, token: dict[str, str], number: int, answer: Any) -> None:
        """What the CSMS says of a token with which it asked to start (AuthorizeRemoteStart)."""
        if answer is not None and answer.id_token_info["status"] == "Accepted":
            self._wait_for_both(token, number)
            self._begin_when_ready("RemoteStart")

    def _begin_when_ready(self, trigger: str) -> str | None:
        body = self.body
        if body.token is None or not body.outlet.ev or body.session is not None or not body.operative:
            return None
        body.session = Session(body.token, remote=self.remote, group=body.group)
        body.session.mode = body.aim.mode if self.version == "2.1" else ""
        body.session.state = "EVConnected"
        for each in body.profiles:
            if each["charging_profile_purpose"] == "TxProfile":
                each.setdefault("transaction_id", body.session.id)
        measured = [self.measured("Transaction.Begin", "Started")]
        self.event("Started", trigger, id_token=body.token, meter_value=measured)
        self._sampled_at = datetime.now(UTC)
        if self.version == "2.1" and body.outlet.range[1] < 0:
            self._tell_needs()
        return str(body.session.id)

    def _tell_needs(self) -> None:
        most, least = self.body.outlet.range
        needs = {
            "requested_energy_transfer": "DC_BPT",
            "available_energy_transfer": ["DC", "DC_BPT"],
            "control_mode": "DynamicControl",
            "v2x_charging_parameters": {
                "max_charge_power": most,
                "min_charge_power": 0,
                "max_discharge_power": -least,
                "min_discharge_power": 0,
            },
        }
        self.body.say(self.calls.NotifyEVChargingNeeds(charging_needs=needs, evse_id=1, timestamp=stamp()))

    def end(self, trigger: str, reason: str, *, state: str = "EVConnected", **more: Any) -> None:
        session = self.body.session
        assert session is not None
        session.state = state
        measured = [*session.kept, self.measured("Transaction.End", "Ended")]
        self.event("Ended", trigger, info={"stopped_reason": reason}, meter_value=measured, **more)
        ended = session.id
        self.body.profiles = [each for each in self.body.profiles if each.get("transaction_id") != ended]
        self.body.end()

    def watch(self) -> None:
        """What shows after a step of time: charging begins and pauses, modes change, samples are due, nobody plugs in."""
        body = self.body
        now = datetime.now(UTC)
        self._sample_by_the_clock(now)
        if body.session is None:
            patience = timedelta(seconds=int(self.value("TxCtrlr", "EVConnectionTimeOut")))
            if body.token is not None and self._waiting_since and now - self._waiting_since > patience:
                body.token = None
            return
        self._keep_for_the_end(body.session, now)
        self._tell_mode(body.session)
        state = "Charging" if abs(body.outlet.power) > 50 else "SuspendedEVSE"
        if state != body.session.state and not (state == "SuspendedEVSE" and body.outlet.wanted != 0):
            body.session.state = state
            self.event("Updated", "ChargingStateChanged")
        interval = int(self.value("SampledDataCtrlr", "TxUpdatedInterval"))
        if interval and (now - self._sampled_at).total_seconds() >= interval:
            self._sampled_at = now
            self.event("Updated", "MeterValuePeriodic", meter_value=[self.measured("Sample.Periodic", "Updated")])

    def _keep_for_the_end(self, session: Session, now: datetime) -> None:
        """Samples that are told with the end of the transaction (TxEndedInterval)."""
        interval = int(self.value("SampledDataCtrlr", "TxEndedInterval"))
        if interval and (now - session.begun).total_seconds() >= interval * len(session.kept):
            context = "Sample.Periodic" if session.kept else "Transaction.Begin"
            session.kept.append(self.measured(context, "Ended"))

    def _sample_by_the_clock(self, now: datetime) -> None:
        """Clock-aligned values: part of the transaction that runs, or by themselves."""
        interval = int(self.value("AlignedDataCtrlr", "Interval"))
        number = int(now.timestamp()) // interval if interval else None
        if number == self._aligned:
            return
        fresh, self._aligned = self._aligned is None, number
        if fresh or number is None:
            return
        sample = self.measured("Sample.Clock", "Updated")
        if self.body.session is not None:
            self.event("Updated", "MeterValueClock", meter_value=[sample])
        else:
            self.body.say(self.calls.MeterValues(evse_id=1, meter_value=[sample]))

    def _tell_mode(self, session: Session) -> None:
        mode = self.body.aim.mode
        if self.version == "2.1" and mode != session.mode:
            session.mode = mode
            self.event("Updated", "OperationModeChanged")

    def _tell_connector(self) -> None:
        if self.connector != self.body.outlet_was:
            self.body.outlet_was = self.connector
            self.body.say(self.status())

    def lose_power(self) -> None:
        """What is left when the supply comes back."""
        if self.body.session is not None:
            self.end("AbnormalCondition", "PowerLoss")
        self.body.accepted, self.body.reason = False, "PowerUp"

    def restart(self, reason: str) -> None:
        """At the wish of the CSMS."""
        if self.body.session is not None:
            self.end("ResetCommand", "ImmediateReset")
        self.body.accepted, self.body.reason = False, reason


class Handlers:
    """What it answers. `duties` and `drop` are set by whoever made the connection."""

    duties: Duties
    id: str
    _call_result: Any
    _call: Any

    @property
    def body(self) -> Body:
        return self.duties.body

    def drop(self) -> None:
        """End the connection, to boot."""
        raise NotImplementedError

    def answer(self, action: str, **fields: Any) -> Any:
        return getattr(self._call_result, action)(**fields)

    async def _handle_call(self, msg: Any) -> Any:
        """A station that was rejected takes no orders (B03.FR.08)."""
        if self.body.rejected:
            raise SecurityError(details={"cause": "rejected by this CSMS"})
        return await super()._handle_call(msg)  # type: ignore[misc]

    @on("GetVariables")
    def get_variables(self, get_variable_data: list[dict[str, Any]], **_more: Any) -> Any:
        return self.answer("GetVariables", get_variable_result=[self._got(each) for each in get_variable_data])

    def _got(self, asked: dict[str, Any]) -> dict[str, Any]:
        result = {"component": asked["component"], "variable": asked["variable"]}
        found = find(self.duties.model, asked["component"], asked["variable"])
        if isinstance(found, str):
            return result | {"attribute_status": found}
        if asked.get("attribute_type", "Actual") != "Actual":
            return result | {"attribute_status": "NotSupportedAttributeType"}
        if found.mutability == "WriteOnly":
            return result | {"attribute_status": "Rejected"}
        return result | {"attribute_status": "Accepted", "attribute_value": found.value}

    @on("SetVariables")
    def set_variables(self, set_variable_data: list[dict[str, Any]], **_more: Any) -> Any:
        return self.answer("SetVariables", set_variable_result=[self._set(each) for each in set_variable_data])

    def _set(self, asked: dict[str, Any]) -> dict[str, Any]:
        result = {"component": asked["component"], "variable": asked["variable"]}
        found = find(self.duties.model, asked["component"], asked["variable"])
        if isinstance(found, str):
            return result | {"attribute_status": found}
        if asked.get("attribute_type", "Actual") != "Actual":
            return result | {"attribute_status": "NotSupportedAttributeType"}
        return result | {"attribute_status": change(found, asked["attribute_value"])}

    @on("GetBaseReport")
    def get_base_report(self, request_id: int, report_base: str, **_more: Any) -> Any:
        if report_base == "SummaryInventory":
            return self.answer("GetBaseReport", status="NotSupported")
        self._report(request_id, list(told(self.duties.model, report_base)))
        return self.answer("GetBaseReport", status="Accepted")

    @on("GetReport")
    def get_report(
        self, request_id: int, component_variable: Any = None, component_criteria: Any = None, **_more: Any
    ) -> Any:
        if component_criteria and not {"Active", "Available", "Enabled"} & set(component_criteria):
            return self.answer("GetReport", status="EmptyResultSet")  # no component has a problem
        wanted = component_variable or [{"component": {}}]
        found = [entry for entry in told(self.duties.model) if any(_asked(entry, each) for each in wanted)]
        if not found:
            return self.answer("GetReport", status="EmptyResultSet")
        self._report(request_id, found)
        return self.answer("GetReport", status="Accepted")

    def _report(self, number: int, entries: list[dict[str, Any]]) -> None:
        parts = [entries[start : start + _ITEMS] for start in range(0, len(entries), _ITEMS)]
        for count, part in enumerate(parts):
            last = count == len(parts) - 1
            self.body.say(
                self._call.NotifyReport(
                    request_id=number, generated_at=stamp(), seq_no=count, report_data=part, tbc=not last
                )
            )

    @on("TriggerMessage")
    def trigger_message(self, requested_message: str, **_more: Any) -> Any:
        duties, session = self.duties, self.body.session
        if requested_message not in _SENDS:
            return self.answer("TriggerMessage", status="NotImplemented")
        if requested_message == "BootNotification" and self.body.accepted:
            return self.answer("TriggerMessage", status="Rejected")
        if requested_message == "TransactionEvent":
            if session is None:
                return self.answer("TriggerMessage", status="Rejected")
            duties.event("Updated", "Trigger", meter_value=[duties.measured("Trigger", "Updated")])
            return self.answer("TriggerMessage", status="Accepted")
        made = {
            "BootNotification": lambda: duties.boot("Triggered"),
            "Heartbeat": duties.beat,
            "StatusNotification": duties.status,
            "MeterValues": duties.meter_values,
        }
        self.body.say(made[requested_message]())
        return self.answer("TriggerMessage", status="Accepted")

    @on("Reset")
    async def reset(self, type: str, evse_id: int | None = None, **_more: Any) -> Any:
        if evse_id is not None or type not in ("Immediate", "OnIdle"):
            return self.answer("Reset", status="Rejected")
        if type == "OnIdle" and self.body.session is not None:
            asyncio.get_running_loop().create_task(self._reset_when_idle())
            return self.answer("Reset", status="Scheduled")
        asyncio.get_running_loop().call_later(0.5, self._restart, "RemoteReset")
        return self.answer("Reset", status="Accepted")

    async def _reset_when_idle(self) -> None:
        await self.body.idle()
        self._restart("ScheduledReset")

    def _restart(self, reason: str) -> None:
        self.duties.restart(reason)
        asyncio.get_running_loop().call_later(1.0, self.drop)  # the last event still leaves

    @on("ChangeAvailability")
    def change_availability(self, operational_status: str, evse: dict[str, Any] | None = None, **_more: Any) -> Any:
        if evse is not None and (evse["id"] != 1 or evse.get("connector_id", 1) != 1):
            return self.answer("ChangeAvailability", status="Rejected")
        place = "station" if evse is None else "connector" if "connector_id" in evse else "evse"
        change = self._change_when_idle(place, operational_status == "Operative")
        running = self.body.session is not None and operational_status == "Inoperative"
        asyncio.get_running_loop().create_task(change)
        return self.answer("ChangeAvailability", status="Scheduled" if running else "Accepted")

    async def _change_when_idle(self, place: str, operative: bool) -> None:
        if await self.body.set_operative(place, operative):
            self.body.say(self.duties.status())

    @on("UnlockConnector")
    def unlock_connector(self, evse_id: int, connector_id: int, **_more: Any) -> Any:
        if (evse_id, connector_id) != (1, 1):
            return self.answer("UnlockConnector", status="UnknownConnector")
        going_on = self.body.session is not None
        return self.answer("UnlockConnector", status="OngoingAuthorizedTransaction" if going_on else "Unlocked")

    @on("RequestStartTransaction")
    def request_start(
        self, id_token: Any, remote_start_id: int, evse_id: int = 1, charging_profile: Any = None, **_more: Any
    ) -> Any:
        busy = self.body.session is not None or not self.body.operative or not self.body.accepted
        wrong = charging_profile is not None and charging_profile["charging_profile_purpose"] != "TxProfile"
        if busy or wrong or evse_id != 1:
            return self.answer("RequestStartTransaction", status="Rejected")
        begun = self.duties.remote_start(id_token, remote_start_id, charging_profile)
        return self.answer("RequestStartTransaction", status="Accepted", transaction_id=begun)

    @on("RequestStopTransaction")
    def request_stop(self, transaction_id: str, **_more: Any) -> Any:
        session = self.body.session
        if session is None or session.id != transaction_id:
            return self.answer("RequestStopTransaction", status="Rejected")
        self.duties.end("RemoteStop", "Remote")
        return self.answer("RequestStopTransaction", status="Accepted")

    @on("GetTransactionStatus")
    def get_transaction_status(self, transaction_id: str | None = None, **_more: Any) -> Any:
        waiting = any(type(each.payload).__name__ == "TransactionEvent" for each in self.body.queue)
        session = self.body.session
        going_on = None if transaction_id is None else session is not None and session.id == transaction_id
        return self.answer("GetTransactionStatus", messages_in_queue=waiting, ongoing_indicator=going_on)

    @on("SetChargingProfile")
    def set_charging_profile(self, evse_id: int, charging_profile: dict[str, Any], **_more: Any) -> Any:
        wrong = self._wrong(evse_id, charging_profile)
        if wrong:
            return self.answer("SetChargingProfile", status="Rejected", status_info={"reason_code": wrong})
        self.body.install(evse_id, charging_profile)
        return self.answer("SetChargingProfile", status="Accepted")

    def _wrong(self, place: int, profile: dict[str, Any]) -> str:
        """Why a profile is refused: a reason code."""
        session, purpose = self.body.session, profile["charging_profile_purpose"]
        if place not in (0, 1):
            return "UnknownEvse"
        if purpose in STATION_WIDE and place != 0:
            return "InvalidValue"
        if purpose == "TxProfile":
            if profile.get("transaction_id") is None or place == 0:
                return "MissingParam" if place else "InvalidValue"
            if session is None or profile["transaction_id"] != session.id:
                return "TxNotFound"
        kind, schedules = profile["charging_profile_kind"], profile["charging_schedule"]
        if profile["stack_level"] > 10 or len(schedules[0]["charging_schedule_period"]) > 24:
            return "UnsupportedParam" if profile["stack_level"] > 10 else "TooManyElements"
        if kind == "Recurring" and "recurrency_kind" not in profile:
            return "InvalidProfile"
        if "valid_to" in profile and moment(profile["valid_to"]) <= datetime.now(UTC):
            return "InvalidProfile"
        if kind not in KINDS or purpose not in ("TxProfile", "TxDefaultProfile", *STATION_WIDE):
            return "UnsupportedParam"
        if len(schedules) != 1 or schedules[0]["charging_rate_unit"] != "W":
            return "UnsupportedRateUnit"
        periods = schedules[0]["charging_schedule_period"]
        if unfit := _unfit(profile, schedules[0]) or self._beside(place, profile):
            return unfit
        modes = {each.get("operation_mode", "ChargingOnly") for each in periods}
        if not modes <= (_MODES if purpose == "TxProfile" else {"ChargingOnly"}):
            return "InvalidOperationMode"
        starts = [each["start_period"] for each in periods]
        sound = starts[0] == 0 and starts == sorted(set(starts)) and not any(map(_contradicts, periods))
        return "" if sound else "InvalidSchedule"

    def _beside(self, place: int, profile: dict[str, Any]) -> str:
        """A default for the station and one for its EVSE cannot have the same level (K01.FR.52, K01.FR.53)."""
        same = ("charging_profile_purpose", "stack_level")
        clash = profile["charging_profile_purpose"] == "TxDefaultProfile" and any(
            each["place"] != place and each["id"] != profile["id"] and all(each[name] == profile[name] for name in same)
            for each in self.body.profiles
        )
        return "DuplicateProfile" if clash else ""

    @on("ClearChargingProfile")
    def clear_charging_profile(
        self, charging_profile_id: int | None = None, charging_profile_criteria: Any = None, **_more: Any
    ) -> Any:
        criteria = charging_profile_criteria or {}

        def meant(profile: dict[str, Any]) -> bool:
            if charging_profile_id is not None:
                return bool(profile["id"] == charging_profile_id)
            fits = criteria.get("evse_id", profile["place"]) == profile["place"]
            names = ("charging_profile_purpose", "stack_level")
            return fits and all(criteria.get(name, profile[name]) == profile[name] for name in names)

        left = [each for each in self.body.profiles if not meant(each)]
        cleared, self.body.profiles = len(left) < len(self.body.profiles), left
        return self.answer("ClearChargingProfile", status="Accepted" if cleared else "Unknown")

    @on("GetChargingProfiles")
    def get_charging_profiles(
        self, request_id: int, charging_profile: dict[str, Any], evse_id: int | None = None, **_more: Any
    ) -> Any:
        ids = charging_profile.get("charging_profile_id")
        found = [
            each
            for each in self.body.profiles
            if evse_id in (None, each["place"])
            and (ids is None or each["id"] in ids)
            and all(
                charging_profile.get(name, each[name]) == each[name]
                for name in ("charging_profile_purpose", "stack_level")
            )
        ]
        for count, each in enumerate(found):
            told_profile = {name: value for name, value in each.items() if name != "place"}
            self.body.say(
                self._call.ReportChargingProfiles(
                    request_id=request_id,
                    charging_limit_source="CSO",
                    charging_profile=[told_profile],
                    evse_id=each["place"],
                    tbc=count < len(found) - 1,
                )
            )
        return self.answer("GetChargingProfiles", status="Accepted" if found else "NoProfiles")

    @on("GetCompositeSchedule")
    def get_composite_schedule(
        self, duration: int, evse_id: int, charging_rate_unit: str | None = None, **_more: Any
    ) -> Any:
        if evse_id not in (0, 1) or charging_rate_unit == "A":
            code = "UnsupportedRateUnit" if evse_id in (0, 1) else "UnknownEvse"
            return self.answer("GetCompositeSchedule", status="Rejected", status_info={"reason_code": code})
        now, begun, held = datetime.now(UTC), self.body.session and self.body.session.begun, self.body.held()
        most, least = self.body.outlet.range if self.body.outlet.ev else (11_000.0, 0.0)
        periods: list[dict[str, Any]] = []
        for second in changes(held, now, begun, duration):
            found = aim(held, now + timedelta(seconds=second), begun, most, least)
            period: dict[str, Any] = {"start_period": second, "limit": found.charge}
            if found.setpoint is not None:
                limited = max(found.discharge, min(found.charge, found.setpoint))
                period = {"start_period": second, "setpoint": limited, "operation_mode": found.mode}
            if not periods or {**periods[-1], "start_period": 0} != {**period, "start_period": 0}:
                periods.append(period)
        schedule = {
            "evse_id": evse_id,
            "duration": duration,
            "schedule_start": stamp(),
            "charging_rate_unit": "W",
            "charging_schedule_period": periods,
        }
        return self.answer("GetCompositeSchedule", status="Accepted", schedule=schedule)


_NOT_HERE = ("limit_at_soc", "use_local_time", "randomized_delay")


def _unfit(profile: dict[str, Any], schedule: dict[str, Any]) -> str:
    """Why a schedule is nothing for this station, which has one DC outlet and few functions: a reason code."""
    periods = schedule["charging_schedule_period"]
    if any(name.endswith(("_l2", "_l3")) for period in periods for name in period):
        return "PhaseConflict"
    if any("number_phases" in period or "phase_to_use" in period for period in periods):
        return "PhaseConflict"
    if any(schedule.get(name) for name in _NOT_HERE):
        return "UnsupportedParam"
    relative = profile["charging_profile_kind"] == "Relative"
    return "InvalidSchedule" if relative == ("start_schedule" in schedule) else ""


def _asked(entry: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether an entry of a report is what was asked for; what is left out means all."""
    component, variable = wanted["component"], wanted.get("variable", {})
    return (
        component.get("name", entry["component"]["name"]) == entry["component"]["name"]
        and component.get("evse", {}).get("id") in (None, entry["component"].get("evse", {}).get("id"))
        and variable.get("name", entry["variable"]["name"]) == entry["variable"]["name"]
        and variable.get("instance") in (None, entry["variable"].get("instance"))
    )


def _contradicts(period: dict[str, Any]) -> bool:
    """Whether a setpoint lies outside the limits of its own period."""
    aimed = period.get("setpoint")
    if aimed is None:
        return False
    return bool(aimed > period.get("limit", aimed) or aimed < period.get("discharge_limit", aimed))


class Talk201(Handlers, ChargePoint201):
    """A connection in 2.0.1."""


class Talk21(Handlers, ChargePoint21):
    """A connection in 2.1."""
