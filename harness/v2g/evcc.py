"""What an EVCC wants and how it says it: the policy, and the requests made from it.

Pure and without state of its own: what the SECC said lies in the session, what the car is in the battery. A case
replaces single decisions of the policy or announces single fields; it never builds a message from nothing.

Powers, currents and energies of the policy are magnitudes in W, A, Wh, except `target_current` (+ = charge,
- = discharge).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from harness.messages import dc
from harness.messages.app_protocol import AppProtocolType, supportedAppProtocolReq
from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationSetupReq,
    Dynamic_EVPPTControlModeType,
    Dynamic_SEReqControlModeType,
    EIM_AReqAuthorizationModeType,
    EVPowerProfileEntryListType,
    EVPowerProfileType,
    PowerDeliveryReq,
    PowerScheduleEntryType,
    Scheduled_EVPPTControlModeType,
    Scheduled_SEReqControlModeType,
    ScheduleExchangeReq,
    SelectedServiceType,
    ServiceDetailReq,
    ServiceDiscoveryReq,
    ServiceSelectionReq,
    SessionSetupReq,
    SessionStopReq,
    authorizationType,
    chargeProgressType,
    chargingSessionType,
)
from harness.messages.common_messages import powerToleranceAcceptanceType as Tolerated
from harness.messages.common_types import (
    DisplayParametersType,
    MessageHeaderType,
    RationalNumberType,
    processingType,
)
from harness.quantity import rational
from harness.v2g.services import BIDIRECTIONAL, PROTOCOL_MAJOR, PROTOCOL_MINOR, ControlMode, Mode, Service


@dataclass(frozen=True, slots=True)
class EvLimits:
    """What the car can take and give: magnitudes in W, A, V."""

    maximum_charge_power: float = 30_000.0
    minimum_charge_power: float = 0.0
    maximum_charge_current: float = 75.0
    minimum_charge_current: float = 0.0
    maximum_voltage: float = 450.0
    minimum_voltage: float = 300.0
    maximum_discharge_power: float = 11_000.0
    minimum_discharge_power: float = 0.0
    maximum_discharge_current: float = 30.0
    minimum_discharge_current: float = 0.0


@dataclass(frozen=True, slots=True)
class EvPolicy:
    """Every free choice of an EVCC, with those of an ordinary car as defaults.

    SOC values are percentages. `v2x_window` are (minimum, maximum) SOC between which the car may be cycled, None when
    it announces no window. `announced` replaces single message fields by name, in every message that carries them:
    numbers are SI values, None omits an optional field. `loop_period` is the pace of the charge loop and `poll_period`
    that of requests answered "Ongoing", both in s between requests.
    """

    evccid: str = "WMIV1234567890ABCDEX"
    protocols: tuple[AppProtocolType, ...] = (
        AppProtocolType(
            ProtocolNamespace=Mode.DC.value,
            VersionNumberMajor=PROTOCOL_MAJOR,
            VersionNumberMinor=PROTOCOL_MINOR,
            SchemaID=1,
            Priority=1,
        ),
    )
    service: Service = Service.DC_BPT
    control_mode: ControlMode = ControlMode.DYNAMIC
    limits: EvLimits = EvLimits()
    minimum_soc: float = 30.0
    target_soc: float = 80.0
    maximum_soc: float = 90.0
    v2x_window: tuple[float, float] | None = None
    departure_time: int = 7200
    supporting_points: int = 1024
    target_current: float = 20.0
    meter_info_requested: bool = False
    loop_period: float = 0.2
    poll_period: float = 0.2
    voltage_match: float = 20.0
    announced: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bidirectional(self) -> bool:
        """Whether the wanted service lets power flow back."""
        return self.service in BIDIRECTIONAL

    def replace(self, **decisions: Any) -> EvPolicy:
        """The same policy with some decisions replaced."""
        return dataclasses.replace(self, **decisions)

    def with_limits(self, **limits: float) -> EvPolicy:
        """The same policy of a car with some other limits (names of `EvLimits`)."""
        return dataclasses.replace(self, limits=dataclasses.replace(self.limits, **limits))

    def announce(self, **fields: Any) -> EvPolicy:
        """The same policy that says other values in the named message fields."""
        return dataclasses.replace(self, announced={**self.announced, **fields})


class Car(Protocol):
    """What the requests need to know of the battery behind them: V, Wh, and SOC from 0 to 1."""

    @property
    def voltage(self) -> float: ...
    @property
    def soc(self) -> float: ...
    @property
    def capacity(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a request depends on besides the policy: the header's values and what the SECC answered so far.

    `schedule_tolerates`: the chosen schedule names a PowerTolerance.
    """

    session_id: bytes
    unix_time: int
    car: Car
    service_id: int
    parameter_set: int
    schedule_tuple: int | None = None
    schedule_anchor: int | None = None
    schedule_tolerates: bool = False
    profile_power: float = 0.0


_Request = TypeVar("_Request")


class Requests:
    """Makes each request of the DC main line from a policy and the circumstances."""

    def __init__(self, policy: EvPolicy, now: Circumstances) -> None:
        self.policy, self.now = policy, now

    def make(self, kind: type[_Request], **fields: Any) -> _Request:
        """The request an ordinary EVCC would send, with `announced` and then `fields` replaced in it."""
        request = getattr(self, f"_{kind.__name__}")()
        made: _Request = with_fields(with_fields(request, self.policy.announced, strict=False), fields)
        return made

    def header(self) -> MessageHeaderType:
        return MessageHeaderType(SessionID=self.now.session_id, TimeStamp=self.now.unix_time)

    def _supportedAppProtocolReq(self) -> supportedAppProtocolReq:
        return supportedAppProtocolReq(AppProtocol=self.policy.protocols)

    def _SessionSetupReq(self) -> SessionSetupReq:
        return SessionSetupReq(Header=self.header(), EVCCID=self.policy.evccid)

    def _AuthorizationSetupReq(self) -> AuthorizationSetupReq:
        return AuthorizationSetupReq(Header=self.header())

    def _AuthorizationReq(self) -> AuthorizationReq:
        return AuthorizationReq(
            Header=self.header(),
            SelectedAuthorizationService=authorizationType.EIM,
            EIM_AReqAuthorizationMode=EIM_AReqAuthorizationModeType(),
        )

    def _ServiceDiscoveryReq(self) -> ServiceDiscoveryReq:
        return ServiceDiscoveryReq(Header=self.header())

    def _ServiceDetailReq(self) -> ServiceDetailReq:
        return ServiceDetailReq(Header=self.header(), ServiceID=self.now.service_id)

    def _ServiceSelectionReq(self) -> ServiceSelectionReq:
        selected = SelectedServiceType(ServiceID=self.now.service_id, ParameterSetID=self.now.parameter_set)
        return ServiceSelectionReq(Header=self.header(), SelectedEnergyTransferService=selected)

    def _DC_ChargeParameterDiscoveryReq(self) -> dc.DC_ChargeParameterDiscoveryReq:
        limits = self.policy.limits
        charge: dict[str, Any] = {
            "EVMaximumChargePower": rational(limits.maximum_charge_power),
            "EVMinimumChargePower": rational(limits.minimum_charge_power),
            "EVMaximumChargeCurrent": rational(limits.maximum_charge_current),
            "EVMinimumChargeCurrent": rational(limits.minimum_charge_current),
            "EVMaximumVoltage": rational(limits.maximum_voltage),
            "EVMinimumVoltage": rational(limits.minimum_voltage),
        }
        mode: dc.AnyDC_CPDReqEnergyTransferMode = dc.DC_CPDReqEnergyTransferMode(**charge)
        if self.policy.bidirectional:
            mode = dc.BPT_DC_CPDReqEnergyTransferMode(
                **charge,
                EVMaximumDischargePower=rational(limits.maximum_discharge_power),
                EVMinimumDischargePower=rational(limits.minimum_discharge_power),
                EVMaximumDischargeCurrent=rational(limits.maximum_discharge_current),
                EVMinimumDischargeCurrent=rational(limits.minimum_discharge_current),
            )
        return dc.DC_ChargeParameterDiscoveryReq(Header=self.header(), DC_CPDReqEnergyTransferMode=mode)

    def _ScheduleExchangeReq(self) -> ScheduleExchangeReq:
        if self.policy.control_mode is ControlMode.SCHEDULED:
            scheduled = Scheduled_SEReqControlModeType(DepartureTime=self.policy.departure_time, **self._energies())
            return ScheduleExchangeReq(
                Header=self.header(),
                MaximumSupportingPoints=self.policy.supporting_points,
                Scheduled_SEReqControlMode=scheduled,
            )
        dynamic = Dynamic_SEReqControlModeType(
            DepartureTime=self.policy.departure_time, **self._energies(), **self._v2x_energies()
        )
        return ScheduleExchangeReq(
            Header=self.header(),
            MaximumSupportingPoints=self.policy.supporting_points,
            Dynamic_SEReqControlMode=dynamic,
        )

    def _DC_CableCheckReq(self) -> dc.DC_CableCheckReq:
        return dc.DC_CableCheckReq(Header=self.header())

    def _DC_PreChargeReq(self) -> dc.DC_PreChargeReq:
        return dc.DC_PreChargeReq(
            Header=self.header(),
            EVProcessing=processingType.Ongoing,
            EVPresentVoltage=rational(self.now.car.voltage),
            EVTargetVoltage=rational(self.now.car.voltage),
        )

    def _PowerDeliveryReq(self) -> PowerDeliveryReq:
        return PowerDeliveryReq(
            Header=self.header(),
            EVProcessing=processingType.Finished,
            ChargeProgress=chargeProgressType.Start,
            EVPowerProfile=self.power_profile(),
        )

    def power_profile(self) -> EVPowerProfileType:
        """The profile of a start: in scheduled mode within the chosen schedule tuple, else what the car can take."""
        entries = EVPowerProfileEntryListType(
            EVPowerProfileEntry=(
                PowerScheduleEntryType(Duration=self.policy.departure_time, Power=rational(self.now.profile_power)),
            )
        )
        anchor = self.now.schedule_anchor or self.now.unix_time
        if self.policy.control_mode is ControlMode.SCHEDULED:
            return EVPowerProfileType(
                TimeAnchor=anchor,
                Scheduled_EVPPTControlMode=Scheduled_EVPPTControlModeType(
                    SelectedScheduleTupleID=self.now.schedule_tuple or 1,
                    PowerToleranceAcceptance=Tolerated.PowerToleranceConfirmed if self.now.schedule_tolerates else None,
                ),
                EVPowerProfileEntries=entries,
            )
        return EVPowerProfileType(
            TimeAnchor=anchor, Dynamic_EVPPTControlMode=Dynamic_EVPPTControlModeType(), EVPowerProfileEntries=entries
        )

    def _DC_ChargeLoopReq(self) -> dc.DC_ChargeLoopReq:
        return dc.DC_ChargeLoopReq(
            Header=self.header(),
            DisplayParameters=DisplayParametersType(PresentSOC=round(self.now.car.soc * 100), ChargingComplete=False),
            MeterInfoRequested=self.policy.meter_info_requested,
            EVPresentVoltage=rational(self.now.car.voltage),
            CLReqControlMode=self._control_mode(),
        )

    def _control_mode(self) -> Any:
        bidirectional = self.policy.bidirectional
        if self.policy.control_mode is ControlMode.SCHEDULED:
            scheduled = dc.BPT_Scheduled_DC_CLReqControlMode if bidirectional else dc.Scheduled_DC_CLReqControlMode
            return scheduled(
                EVTargetCurrent=rational(self.policy.target_current),
                EVTargetVoltage=rational(self.policy.limits.maximum_voltage),
            )
        limits = self.policy.limits
        fields = self._energies() | {
            "DepartureTime": self.policy.departure_time,
            "EVMaximumChargePower": rational(limits.maximum_charge_power),
            "EVMinimumChargePower": rational(limits.minimum_charge_power),
            "EVMaximumChargeCurrent": rational(limits.maximum_charge_current),
            "EVMaximumVoltage": rational(limits.maximum_voltage),
            "EVMinimumVoltage": rational(limits.minimum_voltage),
        }
        if not bidirectional:
            return dc.Dynamic_DC_CLReqControlMode(**fields)
        return dc.BPT_Dynamic_DC_CLReqControlMode(
            **fields,
            EVMaximumDischargePower=rational(limits.maximum_discharge_power),
            EVMinimumDischargePower=rational(limits.minimum_discharge_power),
            EVMaximumDischargeCurrent=rational(limits.maximum_discharge_current),
            **self._v2x_energies(),
        )

    def _energies(self) -> dict[str, Any]:
        policy = self.policy
        return {
            "EVTargetEnergyRequest": self._energy_to(policy.target_soc),
            "EVMaximumEnergyRequest": self._energy_to(policy.maximum_soc),
            "EVMinimumEnergyRequest": self._energy_to(policy.minimum_soc),
        }

    def _v2x_energies(self) -> dict[str, Any]:
        if self.policy.v2x_window is None or not self.policy.bidirectional:
            return {}
        low, high = self.policy.v2x_window
        return {
            "EVMaximumV2XEnergyRequest": self._energy_to(high),
            "EVMinimumV2XEnergyRequest": self._energy_to(low),
        }

    def _energy_to(self, soc: float) -> RationalNumberType:
        """Wh from the present state of charge to `soc` percent; negative above it."""
        return rational((soc / 100 - self.now.car.soc) * self.now.car.capacity)

    def _DC_WeldingDetectionReq(self) -> dc.DC_WeldingDetectionReq:
        return dc.DC_WeldingDetectionReq(Header=self.header(), EVProcessing=processingType.Ongoing)

    def _SessionStopReq(self) -> SessionStopReq:
        return SessionStopReq(Header=self.header(), ChargingSession=chargingSessionType.Terminate)


def with_fields(message: Any, fields: Mapping[str, Any], *, strict: bool = True) -> Any:
    """`message` with the named fields replaced, at the top level or in the parts below it.

    Numbers become rational numbers where the field holds one. With `strict` every name must be found.
    """
    used: set[str] = set()
    replaced = _replace(message, fields, used)
    if strict and used != set(fields):
        raise AttributeError(f"{type(message).__name__} has no field {', '.join(sorted(set(fields) - used))}")
    return replaced


def _replace(part: Any, fields: Mapping[str, Any], used: set[str]) -> Any:
    changes: dict[str, Any] = {}
    for name in (each.name for each in dataclasses.fields(part)):
        value = getattr(part, name)
        if name in fields:
            changes[name] = _fitting(type(part), name, fields[name])
            used.add(name)
        elif dataclasses.is_dataclass(value) and not isinstance(value, RationalNumberType):
            below = _replace(value, fields, used)
            if below is not value:
                changes[name] = below
    return dataclasses.replace(part, **changes) if changes else part


def _fitting(owner: type, name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return rational(value) if _holds_rational(get_type_hints(owner)[name]) else value


def _holds_rational(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return any(_holds_rational(each) for each in get_args(hint))
    return hint is RationalNumberType
