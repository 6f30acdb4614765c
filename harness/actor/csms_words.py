"""What a case says to a station in the words of the field: start, dispatch, limit, read; in whatever version it speaks.

Each word sends one request, or an ordinary sequence of them. Words that only prepare the ground (`booted`,
`start_transaction`, `inventory`) are inconclusive where the station does not go along; the others return the outcome for a
check to judge. Powers in W, + = charge, - = discharge; times in s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from harness.actor.ocpp_call import CallOutcome
from harness.errors import Inconclusive, NotTestable
from harness.link.clock import Clock
from harness.link.link import LinkFault
from harness.link.observation import Observation
from harness.ocpp.csms import device_model, periods, requests
from harness.ocpp.csms import profiles as profile_book
from harness.ocpp.csms.authorisation import local_list
from harness.ocpp.csms.central import CentralSystem
from harness.ocpp.csms.configuration import key_16
from harness.ocpp.csms.periods import Period
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.records import Reading, Token, Transaction, Variable
from harness.ocpp.csms.samples import Sample
from harness.ocpp.csms.station import Station
from harness.ocpp.csms.visit import Order
from harness.ocpp.times import stamp
from harness.ocppj.versions import Version

Where = Callable[[Mapping[str, Any]], bool]
TOKEN = Token("TEST-VALID-01")
_OPTIONAL = frozenset({"UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "NotSupported", "Rejected"})
"""How a station says that it has no such variable, or that nobody may write it."""
_REPORT_TIME = 120.0


class CsmsWords:
    """The words, on top of `call` and `expect` of whoever has the connection."""

    system: CentralSystem
    clock: Clock
    policy: CsmsPolicy
    former: dict[tuple[str, str, str, int | None], str]
    """What `prepare` has changed, as it was: component, variable, instance, EVSE."""

    @property
    def record(self) -> Station:
        """What the CSMS knows of the station."""
        raise NotImplementedError

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        within: float | None = None,
        faults: Sequence[LinkFault] = (),
        message_id: str = "",
        at_once: bool = False,
    ) -> CallOutcome:
        """Send any request; see `StationConversation.call`."""
        raise NotImplementedError

    async def expect(
        self, action: str, where: Where | None = None, *, within: float, after: int | None = None, **fields: Any
    ) -> Observation:
        """The station's next request of that action; see `ServedStation.expect`."""
        raise NotImplementedError

    async def connected(self, within: float) -> None:
        """Wait until the station is connected; `Inconclusive` when it does not come."""
        raise NotImplementedError

    async def order(self, order: Order, *, within: float | None = None) -> CallOutcome:
        """Send a request as `harness.ocpp.csms.requests` makes them."""
        return await self.call(order.action, order.payload, within=within)

    async def insist(self, order: Order, *, within: float | None = None) -> CallOutcome:
        """Send a request, and be inconclusive unless it is accepted."""
        outcome = await self.order(order, within=within)
        if not outcome.accepted:
            raise Inconclusive(
                f"the station did not go along with {order.action}: {outcome} (frame {outcome.outcome.number})"
            )
        return outcome

    @property
    def version(self) -> Version:
        """The version that the station speaks."""
        return self.record.version

    # --- provisioning ---

    async def booted(self, within: float) -> Observation:
        """The station's BootNotification; one that does not boot by itself is asked to (TriggerMessage).

        Half the time is waited before asking.
        """
        started = self.clock.now()
        await self.connected(within)
        seen = await self.expect("BootNotification", within=within / 2, after=0)
        if not _came(seen):
            left = max(1.0, within - (self.clock.now() - started))
            await self.insist(requests.trigger(self.version, "BootNotification"), within=left)
            seen = await self.expect("BootNotification", within=left, after=seen.number)
        if not _came(seen):
            raise Inconclusive(f"the station sent no BootNotification within {within:g} s")
        return seen

    async def inventory(self, base: str = "FullInventory", within: float = _REPORT_TIME) -> Mapping[str, Variable]:
        """The device model (2.x) or the configuration (1.6) of the station, by ``component.variable``."""
        if self.version == "1.6":
            await self.insist(Order("GetConfiguration"))
            return dict(self.record.variables)
        number = self.system.new_request_id()
        await self.insist(Order("GetBaseReport", {"requestId": number, "reportBase": base}))
        await self.report("NotifyReport", number, within)
        return dict(self.record.variables)

    async def report(self, kind: str, number: int, within: float = _REPORT_TIME) -> None:
        """Wait for all parts of a report; `Inconclusive` when they do not come."""
        until = self.clock.now() + within
        after: int | None = None
        while not self._complete(kind, number):
            left = until - self.clock.now()
            seen = await self.expect(kind, lambda part: part["requestId"] == number, within=max(left, 0.0), after=after)
            after = seen.number
            if not _came(seen) and not self._complete(kind, number):
                raise Inconclusive(f"{kind} {number} was not complete within {within:g} s")

    def _complete(self, kind: str, number: int) -> bool:
        known = device_model.report(self.record, kind, number)
        return known is not None and known.complete

    async def set_variable(
        self, component: str, variable: str, value: Any, *, instance: str = "", evse: int | None = None
    ) -> CallOutcome:
        """SetVariables of one variable; in 1.6 ChangeConfiguration of the key that stands for it (`key_16`)."""
        if self.version == "1.6":
            return await self.order(requests.configure(key_16(component, variable), _text(value)))
        entry = {
            "component": component,
            "variable": variable,
            "value": _text(value),
            "instance": instance,
            "evse": evse,
        }
        return await self.order(requests.settings(self.version, [entry]))

    async def get_variable(
        self, component: str, variable: str, *, instance: str = "", evse: int | None = None
    ) -> str | None:
        """The value of a variable, asked for now; None when the station does not tell it."""
        if self.version == "1.6":
            key = key_16(component, variable)
            await self.order(Order("GetConfiguration", {"key": [key]}))
            known = self.record.variables.get(device_model.configuration_key(key))
            return None if known is None else known.value
        entry = {"component": component, "variable": variable, "instance": instance, "evse": evse}
        await self.order(requests.readings(self.version, [entry]))
        return device_model.value_of(self.record, component, variable, evse_id=evse, instance=instance)

    async def prepare(
        self, component: str, variable: str, value: Any, *, instance: str = "", evse: int | None = None
    ) -> None:
        """Have a variable as a case needs it, and remember what it was; `NotTestable` where the station has no such variable or
        does not let it be, `Inconclusive` where it gives no proper answer."""
        before = await self.get_variable(component, variable, instance=instance, evse=evse)
        if before is not None and _members(before) == _members(_text(value)):
            return
        outcome = await self.set_variable(component, variable, value, instance=instance, evse=evse)
        if device_model.set_status(outcome.response) != "Accepted":
            said = f"the station did not take {component}.{variable} = {_text(value)}: {outcome}"
            refused = device_model.set_status(outcome.response) in _OPTIONAL
            raise (NotTestable if refused else Inconclusive)(f"{said} (frame {outcome.outcome.number})")
        if before is not None:
            self.former.setdefault((component, variable, instance, evse), before)

    async def put_back(self) -> None:
        """Undo what `prepare` did, as far as the station goes along."""
        for (component, variable, instance, evse), value in self.former.items():
            await self.set_variable(component, variable, value, instance=instance, evse=evse)
        self.former.clear()

    async def set_sampling(self, seconds: float, measurands: Sequence[str]) -> CallOutcome:
        """Have measurands sampled every so many s during transactions; the outcome of the second of two requests."""
        await self.set_variable("SampledDataCtrlr", "TxUpdatedMeasurands", ",".join(measurands))
        return await self.set_variable("SampledDataCtrlr", "TxUpdatedInterval", round(seconds))

    async def trigger(self, message: str, evse_id: int | None = None) -> CallOutcome:
        """TriggerMessage."""
        return await self.order(requests.trigger(self.version, message, evse_id))

    async def reset(self, kind: str = "Immediate", evse_id: int | None = None) -> CallOutcome:
        """Reset: Immediate, OnIdle, ImmediateAndResume."""
        return await self.order(requests.reset(self.version, kind, evse_id))

    async def change_availability(self, operational: bool, evse_id: int | None = None) -> CallOutcome:
        """Put the station or one EVSE into or out of service."""
        return await self.order(requests.availability(self.version, operational, evse_id))

    async def unlock(self, evse_id: int = 1, connector_id: int = 1) -> CallOutcome:
        """UnlockConnector."""
        return await self.order(requests.unlock(self.version, evse_id, connector_id))

    # --- transactions ---

    async def start_transaction(
        self,
        evse_id: int = 1,
        token: Token = TOKEN,
        *,
        profile: dict[str, Any] | None = None,
        within: float = 60.0,
    ) -> Transaction:
        """Start a transaction remotely and wait until the station tells of it; `Inconclusive` when it does not."""
        number = self.system.new_remote_start_id()
        started = await self.insist(requests.start(self.version, token.id_token, token.type, evse_id, number, profile))
        since = started.request.number if started.request else None
        return await self.transaction(evse_id, within=within, after=since)

    async def transaction(self, evse_id: int = 1, *, within: float, after: int | None = None) -> Transaction:
        """The transaction that begins at an EVSE, remotely started or not; `Inconclusive` when none does."""
        action = "StartTransaction" if self.version == "1.6" else "TransactionEvent"

        def begins(request: Mapping[str, Any]) -> bool:
            running = self.record.transaction_at(evse_id)
            if self.version == "1.6":
                return running is not None and request["connectorId"] == evse_id
            named = request["transactionInfo"]["transactionId"]
            return running is not None and running.transaction_id == named

        seen = await self.expect(action, begins, within=within, after=after)
        running = self.record.transaction_at(evse_id)
        if not _came(seen) or running is None:
            raise Inconclusive(f"no transaction began at EVSE {evse_id} within {within:g} s (frame {seen.number})")
        return running

    async def stop_transaction(self, transaction: Transaction, *, within: float = 60.0) -> Observation:
        """Stop a transaction remotely; the message that ends it, or `Silence`."""
        await self.insist(requests.stop(self.version, transaction.transaction_id))
        return await self.ending(transaction, within=within)

    async def ending(self, transaction: Transaction, *, within: float, after: int | None = None) -> Observation:
        """The message that ends a transaction, by whose doing ever, or `Silence`."""
        if self.version == "1.6":
            number = int(transaction.transaction_id)
            return await self.expect("StopTransaction", within=within, after=after, transactionId=number)
        named = transaction.transaction_id
        return await self.expect("TransactionEvent", within=within, after=after, eventType="Ended", transactionId=named)

    async def event(self, kind: Literal["Started", "Ended"], *, within: float, after: int | None = None) -> Observation:
        """The next message that begins, or ends, a transaction, whichever, or `Silence`."""
        if self.version == "1.6":
            action = "StartTransaction" if kind == "Started" else "StopTransaction"
            return await self.expect(action, within=within, after=after)
        return await self.expect("TransactionEvent", within=within, after=after, eventType=kind)

    async def start_remotely(self, token: Token = TOKEN, evse_id: int = 1) -> CallOutcome:
        """RequestStartTransaction, or RemoteStartTransaction of 1.6, and nothing more."""
        number = self.system.new_remote_start_id()
        return await self.order(requests.start(self.version, token.id_token, token.type, evse_id, number))

    async def stop_remotely(self, transaction_id: str) -> CallOutcome:
        """RequestStopTransaction, or RemoteStopTransaction of 1.6, and nothing more; 1.6 has numbers only."""
        return await self.order(requests.stop(self.version, transaction_id))

    def current(self, transaction: Transaction) -> Transaction:
        """The transaction as the CSMS knows it now."""
        return self.record.transactions[transaction.transaction_id]

    def meter_values(
        self, measurand: str, *, since: float = float("-inf"), transaction: Transaction | None = None
    ) -> list[Reading]:
        """The readings of a measurand from an instant (s) on, by the station's own time stamps, in base units."""
        begin = None if since == float("-inf") else self.clock.wall(since)
        return [
            each
            for each in self.record.readings.values()
            if each.measurand == measurand
            and (begin is None or each.at >= begin)
            and (transaction is None or each.transaction_id == transaction.transaction_id)
        ]

    # --- smart charging ---

    async def dispatch(
        self,
        period: Period,
        *,
        transaction: Transaction | None = None,
        lasting: int | None = None,
        dynamic: bool = False,
        stack_level: int = 0,
        **more: Any,
    ) -> CallOutcome:
        """Steer one transaction (default: the only one) by a TxProfile of one period, as `periods` makes them.

        await csms.dispatch(central_setpoint(-3000), lasting=60)
        """
        chosen = transaction or self._only_transaction()
        kind = "Dynamic" if dynamic else "Absolute"
        return await self.set_profile(
            chosen.evse_id or 0,
            "TxProfile",
            [period],
            kind=kind,
            transaction=chosen.transaction_id,
            duration=lasting,
            stack_level=stack_level,
            **more,
        )

    async def limit(
        self,
        watts: float,
        *,
        evse_id: int = 0,
        purpose: str = "TxDefaultProfile",
        unit: Literal["W", "A"] = "W",
        lasting: int | None = None,
    ) -> CallOutcome:
        """Hold charging below a limit (W, or A per phase): a default profile, or another purpose."""
        made = [periods.plain_limit(watts)]
        return await self.set_profile(evse_id, purpose, made, unit=unit, duration=lasting)

    async def set_profile(
        self, evse_id: int, purpose: str, made: Sequence[Period], *, number: int | None = None, **choices: Any
    ) -> CallOutcome:
        """SetChargingProfile with one schedule; choices are those of `requests.profile`.

        Without a `number` the profile takes the place of the one that is there.
        """
        place = (evse_id, purpose, choices.get("stack_level", 0), choices.get("transaction") or "")
        chosen = self.system.profile_id_for(self.record, *place) if number is None else number
        wall = self.clock.wall()
        return await self.order(requests.set_profile(self.version, chosen, evse_id, purpose, made, now=wall, **choices))

    async def install(self, sample: Sample, transaction: Transaction, now: datetime) -> CallOutcome:
        """SetChargingProfile of a sample, whose schedule began so long before `now`."""
        return await self.set_profile(
            sample.evse,
            sample.purpose,
            sample.periods,
            kind=sample.kind,
            transaction=transaction.transaction_id if sample.purpose == "TxProfile" else None,
            duration=sample.duration,
            stack_level=sample.stack_level,
            plan={"startSchedule": stamp(now - timedelta(seconds=sample.began))},
            **sample.choices,
        )

    @property
    def tx_profile_id(self) -> int:
        """The id of the TxProfile that the station took last; `Inconclusive` where it took none."""
        taken = [each.profile_id for each in self.record.profiles.values() if each.purpose == "TxProfile"]
        if not taken:
            raise Inconclusive("the station has taken no TxProfile")
        return taken[-1]

    def profile(self, purpose: str, made: Sequence[Period], *, number: int, **choices: Any) -> dict[str, Any]:
        """A profile of the station's version to be sent along with a request; choices are those of `requests.profile`."""
        return requests.profile(self.version, number, purpose, made, now=self.clock.wall(), **choices)

    async def push(self, profile_id: int, **values: float) -> CallOutcome:
        """UpdateDynamicSchedule with limits and setpoints (setpoint=-3000, dischargeLimit=-5000)."""
        return await self.order(requests.update_dynamic(self.version, profile_id, **values))

    def offer(self, profile_id: int, **values: float) -> None:
        """What the station gets when it pulls the next update of a dynamic profile."""
        profile_book.want(self.record, profile_id, values)

    async def clear_profiles(self, **criteria: Any) -> CallOutcome:
        """ClearChargingProfile by `number`, or by `evse_id`, `purpose`, `stack_level`."""
        return await self.order(requests.clear_profile(self.version, **criteria))

    async def clear_all_profiles(self) -> None:
        """ClearChargingProfile for each purpose that a CSMS sets; in 2.x a criterion has to be named (K10.FR.02)."""
        own = ["TxProfile", "TxDefaultProfile", "ChargingStationMaxProfile"]
        for purpose in (*own, "PriorityCharging") if self.version == "2.1" else own:
            await self.clear_profiles(purpose=purpose)

    async def composite_schedule(self, evse_id: int, duration: int, unit: str | None = None) -> CallOutcome:
        """GetCompositeSchedule."""
        return await self.order(requests.composite_schedule(self.version, evse_id, duration, unit))

    async def reported(self, purpose: str, within: float) -> Observation:
        """GetChargingProfiles of a purpose: the ReportChargingProfiles that comes, else the answer that says why none does."""
        number = self.system.new_request_id()
        asked = await self.order(requests.get_profiles(self.version, number, chargingProfilePurpose=purpose))
        if not asked.accepted:
            return asked.outcome
        after = None if asked.request is None else asked.request.number
        return await self.expect("ReportChargingProfiles", within=within, after=after, requestId=number)

    async def reported_profiles(self, within: float = _REPORT_TIME, **criteria: Any) -> CallOutcome:
        """GetChargingProfiles, with the reports awaited when it is accepted; `record.profiles` then holds them."""
        number = self.system.new_request_id()
        outcome = await self.order(requests.get_profiles(self.version, number, **criteria))
        if outcome.accepted:
            await self.report("ReportChargingProfiles", number, within)
        return outcome

    def _only_transaction(self) -> Transaction:
        running = self.record.running
        if len(running) != 1:
            raise Inconclusive(f"{len(running)} transactions are running; name the one that is meant")
        return running[0]

    # --- V2X and DER ---

    async def allow_transfer(self, transaction: Transaction, *modes: str) -> CallOutcome:
        """NotifyAllowedEnergyTransfer: the services that a running transaction may use from now on (Q02.FR.05)."""
        payload = {"transactionId": transaction.transaction_id, "allowedEnergyTransfer": list(modes)}
        return await self.call("NotifyAllowedEnergyTransfer", payload)

    async def prioritise(self, transaction: Transaction, activate: bool = True) -> CallOutcome:
        """UsePriorityCharging."""
        payload = {"transactionId": transaction.transaction_id, "activate": activate}
        return await self.call("UsePriorityCharging", payload)

    async def afrr(self, signal: int, *, later: float = 0.0) -> CallOutcome:
        """AFRRSignal, active now or so many s later."""
        at = self.clock.wall() + timedelta(seconds=later)
        return await self.order(requests.afrr(self.version, signal, at))

    async def set_der(
        self, control_type: str, content: Mapping[str, Any], *, default: bool = True, number: str = ""
    ) -> CallOutcome:
        """SetDERControl with the object that belongs to the type."""
        chosen = number or self.system.new_control_id()
        return await self.order(requests.set_der(self.version, chosen, control_type, content, default))

    async def der_controls(self, within: float = _REPORT_TIME, **criteria: Any) -> CallOutcome:
        """GetDERControl, with the reports awaited when it is accepted; `record.der_controls` then holds them."""
        number = self.system.new_request_id()
        outcome = await self.call("GetDERControl", {"requestId": number, **criteria})
        if outcome.accepted:
            await self.report("ReportDERControl", number, within)
        return outcome

    async def clear_der(self, default: bool, **criteria: str) -> CallOutcome:
        """ClearDERControl: all of a class, or by controlType or controlId."""
        return await self.call("ClearDERControl", {"isDefault": default, **criteria})

    # --- all others ---

    async def send_local_list(
        self, *tokens: Token, update: str = "Full", number: int | None = None, gone: Sequence[Token] = ()
    ) -> CallOutcome:
        """SendLocalList, by default with the next version number."""
        chosen = self.record.standing.local_list_version + 1 if number is None else number
        return await self.call("SendLocalList", local_list(self.version, tokens, chosen, update, gone))

    async def reserve(
        self,
        token: Token = TOKEN,
        *,
        evse_id: int | None = None,
        lasting: float = 600.0,
        number: int | None = None,
        group: str | None = None,
    ) -> CallOutcome:
        """ReserveNow for `lasting` s."""
        chosen = self.system.new_request_id() if number is None else number
        until = self.clock.wall() + timedelta(seconds=lasting)
        order = requests.reserve(self.version, chosen, token.id_token, token.type, until, evse_id, group)
        return await self.order(order)

    async def cancel_reservation(self, number: int) -> CallOutcome:
        """CancelReservation."""
        return await self.order(requests.cancel_reservation(self.version, number))

    async def update_firmware(
        self, location: str, *, after: float = 0.0, install_after: float | None = None, **firmware: Any
    ) -> CallOutcome:
        """UpdateFirmware, to be fetched `after` s from now, and installed `install_after` s from now at the earliest; `firmware`
        may carry signingCertificate, signature, and retries and retryInterval, which belong to the request."""
        number, now = self.system.new_request_id(), self.clock.wall()
        more: dict[str, Any] = {name: firmware.pop(name) for name in ("retries", "retryInterval") if name in firmware}
        if install_after is not None:
            firmware["installDateTime"] = stamp(now + timedelta(seconds=install_after))
        order = requests.update_firmware(self.version, number, location, now + timedelta(seconds=after), **firmware)
        return await self.order(Order(order.action, {**order.payload, **more}))

    async def get_log(self, location: str, kind: str = "DiagnosticsLog", **more: Any) -> CallOutcome:
        """GetLog; `more` are retries and retryInterval."""
        order = requests.get_log(self.version, self.system.new_request_id(), location, kind)
        return await self.order(Order(order.action, {**order.payload, **more}))

    async def show(self, number: int, text: str, *, lasting: float | None = None, **more: Any) -> CallOutcome:
        """SetDisplayMessage, for `lasting` s if that is given."""
        if lasting is not None:
            more["endDateTime"] = stamp(self.clock.wall() + timedelta(seconds=lasting))
        return await self.order(requests.show(self.version, number, text, **more))

    async def tell_cost(self, transaction: Transaction, total: float) -> CallOutcome:
        """CostUpdated."""
        return await self.call("CostUpdated", {"transactionId": transaction.transaction_id, "totalCost": total})


def _came(seen: Observation) -> bool:
    return hasattr(seen.message, "payload")


def _members(value: str) -> set[str]:
    """What a value is made of, whatever the order of a list and the case of a word."""
    return {each.strip().casefold() for each in value.split(",")}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
