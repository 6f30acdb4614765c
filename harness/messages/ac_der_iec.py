"""AC with grid codes of the IEC world, ISO 15118-20 Amendment 1 (payload type 0x8010).

The message roots are those of `ac`; this namespace adds members to their substitution groups. Source: field lists of
public code, not confirmed by the schema; streams of other implementations may differ.

Units and signs: see `common_types`.
"""

from enum import Enum
from typing import Annotated

from harness.declare import Namespace, Occurs, message, unsignedByte, unsignedInt, unsignedShort
from harness.messages import ac
from harness.messages.ac import (
    AC_CPDReqEnergyTransferMode,
    AC_CPDResEnergyTransferMode,
    Dynamic_AC_CLReqControlMode,
    Dynamic_AC_CLResControlMode,
    Scheduled_AC_CLReqControlMode,
    Scheduled_AC_CLResControlMode,
)
from harness.messages.common_types import RationalNumberType, processingType

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:AC-DER-IEC",
    "iec",
    imports=(ac.NAMESPACE,),
    simple_types=(
        "curveDataPointsUnitType",
        "evOperatingModeType",
        "gridConnectionModeType",
        "lockValueUnitType",
        "powerFactorExcitationType",
        "powerReferenceType",
    ),
)


class powerFactorExcitationType(Enum):
    """Over-excited supplies, under-excited absorbs reactive power."""

    OverExcited = "OverExcited"
    UnderExcited = "UnderExcited"


class curveDataPointsUnitType(Enum):
    """Unit of a curve axis."""

    V = "V"
    Hz = "Hz"
    W = "W"
    s = "s"
    var = "var"


class lockValueUnitType(Enum):
    """Unit of lock-in and lock-out values."""

    V = "V"
    Hz = "Hz"
    W = "W"
    s = "s"
    var = "var"


class powerReferenceType(Enum):
    """What a share of power refers to."""

    MaximumDischargePower = "MaximumDischargePower"
    MomentaryPower = "MomentaryPower"


class evOperatingModeType(Enum):
    """Whether the EV follows or forms the grid."""

    GridFollowing = "GridFollowing"
    GridForming = "GridForming"


class gridConnectionModeType(Enum):
    """Whether the site is connected to the grid."""

    GridConnected = "GridConnected"
    GridIslanded = "GridIslanded"


@message
class SetpointExcitationType:
    """A setpoint, with the excitation where it is reactive."""

    SetpointValue: RationalNumberType
    Excitation: powerFactorExcitationType | None = None


@message
class DataTupleType:
    """One point of a curve."""

    xValue: RationalNumberType
    yValue: SetpointExcitationType


@message
class CurveDataPointsListType:
    """The points of a curve, in order."""

    CurveDataPoint: Annotated[tuple[DataTupleType, ...], Occurs(2, 10)]


@message
class DERCurveType:
    """A curve with its units."""

    xUnit: curveDataPointsUnitType
    yUnit: curveDataPointsUnitType
    CurveDataPoints: CurveDataPointsListType
    MinCosPhi: RationalNumberType | None = None
    LockValueUnit: lockValueUnitType | None = None
    LockInValue: RationalNumberType | None = None
    LockOutValue: RationalNumberType | None = None
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType
    IntentionalDelay: RationalNumberType | None = None


@message
class FrequencyWattType:
    """Active power as a function of frequency."""

    Fstart: RationalNumberType
    Fstop: RationalNumberType
    IntentionalDelayFstop: unsignedShort | None = None
    Slope: RationalNumberType
    DeactivationTime: unsignedShort | None = None
    IntentionalDelayPowerControl: unsignedShort | None = None
    PowerReference: powerReferenceType
    HysteresisControl: bool
    PowerUpRamp: unsignedShort | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType


@message
class VoltWattType:
    """Active power as a function of voltage."""

    PowerReference: powerReferenceType
    UStart: RationalNumberType
    UStop: RationalNumberType
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    IntentionalDelayPowerControl: unsignedInt | None = None


@message
class FaultRideThroughType:
    """Staying connected through a voltage fault."""

    VoltageLimitStartFRT: RationalNumberType
    VoltageLimitStopFRT: RationalNumberType | None = None
    VoltageRecoveryLimit: RationalNumberType | None = None
    VoltageRideThroughPositiveCurveKFactor: RationalNumberType | None = None
    VoltageRideThroughNegativeCurveKFactor: RationalNumberType | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


@message
class ZeroCurrentType:
    """Staying connected without current."""

    OverVoltageLimit: RationalNumberType | None = None
    UnderVoltageLimit: RationalNumberType | None = None
    OverVoltageRecoveryLimit: RationalNumberType | None = None
    UnderVoltageRecoveryLimit: RationalNumberType | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


@message
class ReactivePowerSupportType:
    """Curves of reactive power."""

    VoltVar: DERCurveType | None = None
    WattVar: DERCurveType | None = None
    WattCosPhi: DERCurveType | None = None


@message
class ActivePowerSupportType:
    """Functions of active power."""

    UnderFrequencyWatt: FrequencyWattType | None = None
    OverFrequencyWatt: FrequencyWattType | None = None
    VoltWatt: VoltWattType | None = None


@message
class EVReactivePowerLimitsType:
    """Reactive power limits of the EV, var."""

    EVMaximumChargeReactivePower: RationalNumberType
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMinimumChargeReactivePower: RationalNumberType | None = None
    EVMinimumChargeReactivePower_L2: RationalNumberType | None = None
    EVMinimumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    EVMinimumDischargeReactivePower: RationalNumberType | None = None
    EVMinimumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMinimumDischargeReactivePower_L3: RationalNumberType | None = None


@message
class DSOQSetpointType:
    """Reactive power setpoint of the distribution grid, var."""

    DSOQSetpointValue: RationalNumberType
    DSOQSetpointValue_L2: RationalNumberType | None = None
    DSOQSetpointValue_L3: RationalNumberType | None = None
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


@message
class DERControlType:
    """All grid functions of the site."""

    OvervoltageFaultRideThrough: FaultRideThroughType | None = None
    UndervoltageFaultRideThrough: FaultRideThroughType | None = None
    ZeroCurrent: ZeroCurrentType | None = None
    ReactivePowerSupport: ReactivePowerSupportType | None = None
    ActivePowerSupport: ActivePowerSupportType | None = None
    MaximumLevelDCInjection: RationalNumberType | None = None


@message
class DSOCosPhiSetpointType:
    """Power factor setpoint of the distribution grid."""

    DSOCosPhiSetpointValue: RationalNumberType
    DSOCosPhiSetpointValue_L2: RationalNumberType | None = None
    DSOCosPhiSetpointValue_L3: RationalNumberType | None = None
    Excitation: powerFactorExcitationType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


@message
class DER_AC_CPDReqEnergyTransferMode(AC_CPDReqEnergyTransferMode):
    """Limits of an EV that acts as a distributed energy resource."""

    EVProcessing: processingType
    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVReactivePowerLimits: EVReactivePowerLimitsType | None = None


@message
class DER_AC_CPDResEnergyTransferMode(AC_CPDResEnergyTransferMode):
    """Limits of the EVSE and the grid functions the EV has to perform."""

    EVSENominalChargePower: RationalNumberType
    EVSENominalChargePower_L2: RationalNumberType | None = None
    EVSENominalChargePower_L3: RationalNumberType | None = None
    EVSENominalDischargePower: RationalNumberType
    EVSENominalDischargePower_L2: RationalNumberType | None = None
    EVSENominalDischargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVOperatingMode: evOperatingModeType
    GridConnectionMode: gridConnectionModeType
    DERControl: DERControlType


@message
class DER_Dynamic_AC_CLReqControlMode(Dynamic_AC_CLReqControlMode):
    """Dynamic control mode of an EV that acts as a distributed energy resource."""

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumChargeReactivePower: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    GridEventCondition: unsignedByte
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None


@message
class DER_Dynamic_AC_CLResControlMode(Dynamic_AC_CLResControlMode):
    """Dynamic control mode with setpoints and limits of the distribution grid."""

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    DSOMaximumDischargePower: RationalNumberType | None = None
    DSOMaximumDischargePower_L2: RationalNumberType | None = None
    DSOMaximumDischargePower_L3: RationalNumberType | None = None
    DSOQSetpoint: DSOQSetpointType | None = None
    DSOCosPhiSetpoint: DSOCosPhiSetpointType | None = None


@message
class DER_Scheduled_AC_CLReqControlMode(Scheduled_AC_CLReqControlMode):
    """Scheduled control mode of an EV that acts as a distributed energy resource."""

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumChargeReactivePower: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    GridEventCondition: unsignedByte


@message
class DER_Scheduled_AC_CLResControlMode(Scheduled_AC_CLResControlMode):
    """Scheduled control mode with setpoints and limits of the distribution grid."""

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    DSOMaximumDischargePower: RationalNumberType | None = None
    DSOMaximumDischargePower_L2: RationalNumberType | None = None
    DSOMaximumDischargePower_L3: RationalNumberType | None = None
    DSOQSetpoint: DSOQSetpointType | None = None
    DSOCosPhiSetpoint: DSOCosPhiSetpointType | None = None
