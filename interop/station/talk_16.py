"""What the station says and answers in OCPP 1.6."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16

from interop.station.body import Body, Session, stamp
from interop.station.schedule import KINDS, STATION_WIDE, aim, changes

_SENDS = {"BootNotification", "Heartbeat", "StatusNotification", "MeterValues"}
_SAMPLED = "MeterValuesSampledData"
_MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import"
_BOOLEAN = ("true", "false")
_FIXED = {
    "NumberOfConnectors": "1",
    "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
    "ChargeProfileMaxStackLevel": "10",
    "ChargingScheduleAllowedChargingRateUnit": "Power",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
    "GetConfigurationMaxKeys": "50",
    "StopTransactionOnEVSideDisconnect": "true",
    "UnlockConnectorOnEVSideDisconnect": "true",
}


class Duties16:
    """What a station does by itself in 1.6."""

    def __init__(self, body: Body, calls: Any, password: str) -> None:
        self.body, self.calls, self.password = body, calls, password
        self.keys = {
            "HeartbeatInterval": "60",
            "MeterValueSampleInterval": "0",
            "ClockAlignedDataInterval": "0",
            _SAMPLED: _MEASURANDS,
            "MeterValuesAlignedData": _MEASURANDS,
            "StopTxnSampledData": "",
            "StopTxnAlignedData": "",
            "ConnectionTimeOut": "30",
            "ResetRetries": "0",
            "TransactionMessageAttempts": "3",
            "TransactionMessageRetryInterval": "5",
            "AuthorizeRemoteTxRequests": "false",
            "LocalAuthorizeOffline": "false",
            "LocalPreAuthorize": "false",
            "StopTransactionOnInvalidId": "true",
            "ConnectorPhaseRotation": "Unknown",
        }
        self._sampled_at = datetime.now(UTC)
        self._waiting_since: datetime | None = None
        self._told, self._finished = "", False
        self._aligned: int | None = None

    @property
    def heartbeat(self) -> int:
        return int(self.keys["HeartbeatInterval"])

    @property
    def attempts(self) -> tuple[int, float]:
        """How often a transaction message is tried, and how long it is waited (s) before the second time."""
        return int(self.keys["TransactionMessageAttempts"]), float(self.keys["TransactionMessageRetryInterval"])

    patience = 30.0
    """How long an answer is waited for (s)."""

    def back(self, _away: float) -> None:
        """The connection stands again; what changed meanwhile is told."""
        self._tell_connector()

    # --- what it says ---

    def boot(self, _reason: str | None = None) -> Any:
        return self.calls.BootNotification(
            charge_point_model="ocpp-library", charge_point_vendor="PyPI", charge_point_serial_number="1"
        )

    def booted(self, answer: Any) -> float:
        """Seconds until the next BootNotification, 0: accepted."""
        if answer.status != "Accepted":
            return float(answer.interval or 5)
        self.keys["HeartbeatInterval"] = str(answer.interval)
        return 0.0

    def beat(self) -> Any:
        return self.calls.Heartbeat()

    @property
    def connector(self) -> str:
        body = self.body
        if not body.operative:
            return "Unavailable"
        if body.session is not None:
            return body.session.state or "Preparing"
        if not body.outlet.ev:
            return "Available"
        return "Finishing" if self._finished else "Preparing"

    def status(self) -> Any:
        self._told = self.connector
        return self.calls.StatusNotification(connector_id=1, error_code="NoError", status=self._told, timestamp=stamp())

    def meter_values(self, context: str = "Trigger") -> Any:
        session = self.body.session
        return self.calls.MeterValues(
            connector_id=1,
            meter_value=[self.measured(context)],
            transaction_id=session.id if session is not None and isinstance(session.id, int) else None,
        )

    def measured(self, context: str) -> dict[str, Any]:
        outlet = self.body.outlet
        shown = {
            "Energy.Active.Import.Register": (outlet.imported, "Wh"),
            "Energy.Active.Export.Register": (outlet.exported, "Wh"),
            "Power.Active.Import": (max(0.0, outlet.power), "W"),
            "Power.Active.Export": (max(0.0, -outlet.power), "W"),
            "SoC": (outlet.soc, "Percent"),
        }
        values = [
            {"value": f"{value:.1f}", "measurand": name, "context": context, "unit": unit}
            for name, (value, unit) in shown.items()
            if name in self.keys[_SAMPLED].split(",")
        ]
        return {"timestamp": stamp(), "sampled_value": values}

    # --- transactions ---

    def plug(self, ev: str) -> None:
        self.body.outlet.ev, self._finished = ev, False
        self._tell_connector()
        self.begin_when_ready()

    def unplug(self) -> None:
        if self.body.session is not None:
            self.end("EVDisconnected")
        self.body.outlet.ev = ""
        self.body.token = None
        self._tell_connector()

    def present(self, token: str, _kind: str) -> None:
        session = self.body.session
        if session is not None and session.token["id_token"] == token:
            self.end("Local", id_tag=token)
            return
        self.body.say(self.calls.Authorize(id_tag=token), lambda answer: self._authorised(token, answer))

    def _authorised(self, token: str, answer: Any) -> None:
        if answer is None or answer.id_tag_info["status"] != "Accepted":
            return
        group, session = answer.id_tag_info.get("parent_id_tag"), self.body.session
        if session is None:
            self.body.group = group
            self.accept(token)
        elif group is not None and group == session.group:
            self.end("Local", id_tag=token)

    def remote_start(self, token: str, profile: dict[str, Any] | None) -> None:
        """Start for the CSMS, after asking it about the token where that is set."""
        if self.keys["AuthorizeRemoteTxRequests"] != "true":
            self.accept(token, profile)
            return

        def allowed(answer: Any) -> None:
            if answer is not None and answer.id_tag_info["status"] == "Accepted":
                self.accept(token, profile)

        self.body.say(self.calls.Authorize(id_tag=token), allowed)

    def accept(self, token: str, profile: dict[str, Any] | None = None) -> None:
        """Start as soon as an EV is there."""
        self.body.token, self._waiting_since = {"id_token": token}, datetime.now(UTC)
        if profile is not None:
            self.body.install(1, spelt(profile))
        self.begin_when_ready()

    def begin_when_ready(self) -> None:
        body = self.body
        if body.token is None or not body.outlet.ev or body.session is not None or not body.operative:
            return
        session = body.session = Session(body.token, id=None, state="Preparing", group=body.group)
        begun = self.calls.StartTransaction(
            connector_id=1,
            id_tag=body.token["id_token"],
            meter_start=round(body.outlet.imported),
            timestamp=stamp(),
        )
        body.keep(begun, lambda answer: self._begun(session, answer))
        self._sampled_at = datetime.now(UTC)

    def _begun(self, session: Session, answer: Any) -> None:
        if answer is None:
            return
        session.id = answer.transaction_id
        for waiting in self.body.queue:  # what was made before the number was known
            if getattr(waiting.payload, "transaction_id", 0) is None:
                waiting.payload.transaction_id = session.id
        if answer.id_tag_info["status"] == "Accepted" or self.body.session is not session:
            return
        if self.keys["StopTransactionOnInvalidId"] == "true":
            self.end("DeAuthorized")
        else:
            session.denied = True

    def end(self, reason: str, **more: Any) -> None:
        session = self.body.session
        assert session is not None
        ended = self.calls.StopTransaction(
            meter_stop=round(self.body.outlet.imported),
            timestamp=stamp(),
            transaction_id=session.id,
            reason=reason,
            **more,
        )
        self.body.keep(ended)
        self.body.end()
        self._finished = True
        self.body.profiles = [each for each in self.body.profiles if each["charging_profile_purpose"] != "TxProfile"]
        self._tell_connector()

    def watch(self) -> None:
        """What shows after a step of time."""
        body, now = self.body, datetime.now(UTC)
        self._sample_by_the_clock(now)
        session = body.session
        if session is None:
            patience = timedelta(seconds=int(self.keys["ConnectionTimeOut"]))
            if body.token is not None and self._waiting_since and now - self._waiting_since > patience:
                body.token = None
            return
        state = "Charging" if abs(body.outlet.power) > 50 else "SuspendedEVSE"
        if state != session.state and not (state == "SuspendedEVSE" and body.outlet.wanted != 0):
            session.state = state
            self._tell_connector()
        interval = int(self.keys["MeterValueSampleInterval"])
        if interval and (now - self._sampled_at).total_seconds() >= interval:
            self._sampled_at = now
            self.body.keep(self.meter_values("Sample.Periodic"))

    def _sample_by_the_clock(self, now: datetime) -> None:
        interval = int(self.keys["ClockAlignedDataInterval"])
        number = int(now.timestamp()) // interval if interval else None
        if number == self._aligned:
            return
        fresh, self._aligned = self._aligned is None, number
        if not fresh and number is not None:
            self.body.say(self.meter_values("Sample.Clock"))

    def _tell_connector(self) -> None:
        if self.connector != self._told:
            self.body.say(self.status())

    def lose_power(self) -> None:
        if self.body.session is not None:
            self.end("PowerLoss")
        self.body.accepted = False

    def restart(self, reason: str) -> None:
        if self.body.session is not None:
            self.end(reason)
        self.body.accepted = False


class Talk16(ChargePoint16):
    """A connection in 1.6. `duties` and `drop` are set by whoever made it."""

    duties: Duties16

    @property
    def body(self) -> Body:
        return self.duties.body

    def drop(self) -> None:
        """End the connection, to boot."""
        raise NotImplementedError

    def answer(self, action: str, **fields: Any) -> Any:
        return getattr(self._call_result, action)(**fields)

    @on("GetConfiguration")
    def get_configuration(self, key: list[str] | None = None, **_more: Any) -> Any:
        known = self.duties.keys | _FIXED
        wanted = key or list(known)
        found = [{"key": name, "readonly": name in _FIXED, "value": known[name]} for name in wanted if name in known]
        unknown = [name for name in wanted if name not in known]
        return self.answer("GetConfiguration", configuration_key=found, unknown_key=unknown or None)

    @on("ChangeConfiguration")
    def change_configuration(self, key: str, value: str, **_more: Any) -> Any:
        if key == "AuthorizationKey":
            self.duties.password = bytes.fromhex(value).decode("latin-1")
            return self.answer("ChangeConfiguration", status="Accepted")
        if key in _FIXED:
            return self.answer("ChangeConfiguration", status="Rejected")
        if key not in self.duties.keys:
            return self.answer("ChangeConfiguration", status="NotSupported")
        known = self.duties.keys[key]
        if (known.isdecimal() and not value.isdecimal()) or (known in _BOOLEAN and value not in _BOOLEAN):
            return self.answer("ChangeConfiguration", status="Rejected")
        self.duties.keys[key] = value
        return self.answer("ChangeConfiguration", status="Accepted")

    @on("TriggerMessage")
    def trigger_message(self, requested_message: str, connector_id: int | None = None, **_more: Any) -> Any:
        if requested_message not in _SENDS:
            return self.answer("TriggerMessage", status="NotImplemented")
        if connector_id not in (None, 1):
            return self.answer("TriggerMessage", status="Rejected")
        duties = self.duties
        made = {
            "BootNotification": duties.boot,
            "Heartbeat": duties.beat,
            "StatusNotification": duties.status,
            "MeterValues": duties.meter_values,
        }
        self.body.say(made[requested_message]())
        return self.answer("TriggerMessage", status="Accepted")

    @on("Reset")
    def reset(self, type: str, **_more: Any) -> Any:
        asyncio.get_running_loop().call_later(0.5, self._restart, f"{type}Reset")
        return self.answer("Reset", status="Accepted")

    def _restart(self, reason: str) -> None:
        self.duties.restart(reason)
        asyncio.get_running_loop().call_later(1.0, self.drop)  # the last message still leaves

    @on("ChangeAvailability")
    def change_availability(self, connector_id: int, type: str, **_more: Any) -> Any:
        if connector_id not in (0, 1):
            return self.answer("ChangeAvailability", status="Rejected")
        place = "connector" if connector_id else "station"
        running = self.body.session is not None and type == "Inoperative"
        asyncio.get_running_loop().create_task(self._change_when_idle(place, type == "Operative"))
        return self.answer("ChangeAvailability", status="Scheduled" if running else "Accepted")

    async def _change_when_idle(self, place: str, operative: bool) -> None:
        if await self.body.set_operative(place, operative):
            self.body.say(self.duties.status())

    @on("UnlockConnector")
    def unlock_connector(self, connector_id: int, **_more: Any) -> Any:
        if connector_id != 1:
            return self.answer("UnlockConnector", status="NotSupported")
        if self.body.session is not None:
            self.duties.end("UnlockCommand")
        return self.answer("UnlockConnector", status="Unlocked")

    @on("ClearCache")
    def clear_cache(self, **_more: Any) -> Any:
        return self.answer("ClearCache", status="Rejected")

    @on("DataTransfer")
    def data_transfer(self, **_more: Any) -> Any:
        return self.answer("DataTransfer", status="UnknownVendorId")

    @on("RemoteStartTransaction")
    def remote_start(self, id_tag: str, connector_id: int = 1, charging_profile: Any = None, **_more: Any) -> Any:
        busy = self.body.session is not None or not self.body.operative or not self.body.accepted
        wrong = charging_profile is not None and charging_profile["charging_profile_purpose"] != "TxProfile"
        if busy or wrong or connector_id != 1:
            return self.answer("RemoteStartTransaction", status="Rejected")
        asyncio.get_running_loop().call_soon(self.duties.remote_start, id_tag, charging_profile)
        return self.answer("RemoteStartTransaction", status="Accepted")

    @on("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int, **_more: Any) -> Any:
        session = self.body.session
        if session is None or session.id != transaction_id:
            return self.answer("RemoteStopTransaction", status="Rejected")
        asyncio.get_running_loop().call_soon(self.duties.end, "Remote")
        return self.answer("RemoteStopTransaction", status="Accepted")

    @on("SetChargingProfile")
    def set_charging_profile(self, connector_id: int, cs_charging_profiles: dict[str, Any], **_more: Any) -> Any:
        if self._wrong(connector_id, cs_charging_profiles):
            return self.answer("SetChargingProfile", status="Rejected")
        self.body.install(connector_id, spelt(cs_charging_profiles))
        return self.answer("SetChargingProfile", status="Accepted")

    def _wrong(self, place: int, profile: dict[str, Any]) -> bool:
        session, purpose = self.body.session, profile["charging_profile_purpose"]
        periods = profile["charging_schedule"]["charging_schedule_period"]
        if place not in (0, 1) or profile["charging_profile_kind"] not in KINDS:
            return True
        if profile["stack_level"] > 10 or len(periods) > 24 or periods[0]["start_period"] != 0:
            return True
        if purpose == "TxProfile" and (
            session is None or profile.get("transaction_id", session.id) != session.id or place == 0
        ):
            return True
        return (purpose in STATION_WIDE and place != 0) or profile["charging_schedule"]["charging_rate_unit"] != "W"

    @on("ClearChargingProfile")
    def clear_charging_profile(self, id: int | None = None, connector_id: int | None = None, **criteria: Any) -> Any:
        names = ("charging_profile_purpose", "stack_level")

        def meant(profile: dict[str, Any]) -> bool:
            if id is not None:
                return bool(profile["id"] == id)
            return connector_id in (None, profile["place"]) and all(
                criteria.get(name, profile[name]) == profile[name] for name in names
            )

        left = [each for each in self.body.profiles if not meant(each)]
        cleared, self.body.profiles = len(left) < len(self.body.profiles), left
        return self.answer("ClearChargingProfile", status="Accepted" if cleared else "Unknown")

    @on("GetCompositeSchedule")
    def get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str | None = None, **_more: Any
    ) -> Any:
        if connector_id not in (0, 1) or charging_rate_unit == "A":
            return self.answer("GetCompositeSchedule", status="Rejected")
        now, begun, held = datetime.now(UTC), self.body.session and self.body.session.begun, self.body.held()
        periods: list[dict[str, Any]] = []
        for second in changes(held, now, begun, duration):
            limit = aim(held, now + timedelta(seconds=second), begun, 11_000.0, 0.0).charge
            if not periods or periods[-1]["limit"] != limit:
                periods.append({"start_period": second, "limit": limit})
        schedule = {"duration": duration, "charging_rate_unit": "W", "charging_schedule_period": periods}
        return self.answer(
            "GetCompositeSchedule",
            status="Accepted",
            connector_id=connector_id,
            schedule_start=stamp(),
            charging_schedule=schedule,
        )


def spelt(profile: dict[str, Any]) -> dict[str, Any]:
    """A profile with its number where 2.x has it."""
    return {**profile, "id": profile["charging_profile_id"]}
