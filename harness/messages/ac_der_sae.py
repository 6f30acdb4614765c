"""AC with grid codes of the SAE/IEEE world, ISO 15118-20 Amendment 1 (payload type 0x8011).

The message roots are those of `ac`; this namespace adds members to their substitution groups. Source: field lists of
public code, not confirmed by the schema; streams of other implementations may differ.

Units and signs: see `common_types`.
"""

from enum import Enum
from typing import Annotated

from harness.declare import Namespace, Occurs, message, unsignedInt, unsignedLong, unsignedShort
from harness.messages import ac
from harness.messages.ac import (
    AC_CPDReqEnergyTransferMode,
    AC_CPDResEnergyTransferMode,
    Dynamic_AC_CLReqControlMode,
    Dynamic_AC_CLResControlMode,
    Scheduled_AC_CLReqControlMode,
    Scheduled_AC_CLResControlMode,
)
from harness.messages.common_types import EVSEStatusType, RationalNumberType, processingType

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:AC-DER-SAE",
    "sae",
    imports=(ac.NAMESPACE,),
    simple_types=(
        "derConnectionStatusType",
        "derOperationalStateType",
        "derUnitType",
        "gridConnectionModeType",
        "ieee1547AbnormalCategoryType",
        "ieee1547NormalCategoryType",
        "powerFactorExcitationType",
        "powerReferenceType",
        "requiredDEROperatingModeType",
    ),
)


class powerReferenceType(Enum):
    """What a share of power refers to."""

    MaximumActivePower = "MaximumActivePower"
    MomentaryPower = "MomentaryPower"


class derUnitType(Enum):
    """Unit of a curve axis or setpoint."""

    V = "V"
    Hz = "Hz"
    W = "W"
    s = "s"
    var = "var"
    PercentageEVMaximumConfiguredActivePower = "PercentageEVMaximumConfiguredActivePower"
    PercentageEVMaximumConfiguredReactivePower = "PercentageEVMaximumConfiguredReactivePower"
    PercentageEVMaximumConfiguredApparentPower = "PercentageEVMaximumConfiguredApparentPower"
    PercentageEVMaximumAvailableActivePower = "PercentageEVMaximumAvailableActivePower"
    PercentageEVMaximumAvailableReactivePower = "PercentageEVMaximumAvailableReactivePower"
    PercentageV = "PercentageV"


class powerFactorExcitationType(Enum):
    """Over-excited supplies, under-excited absorbs reactive power."""

    OverExcited = "OverExcited"
    UnderExcited = "UnderExcited"


class ieee1547NormalCategoryType(Enum):
    """Reactive power category of IEEE 1547."""

    CategoryA = "CategoryA"
    CategoryB = "CategoryB"


class ieee1547AbnormalCategoryType(Enum):
    """Ride-through category of IEEE 1547."""

    CategoryI = "CategoryI"
    CategoryII = "CategoryII"
    CategoryIII = "CategoryIII"


class derOperationalStateType(Enum):
    """Whether the resource works."""

    On = "On"
    Off = "Off"


class derConnectionStatusType(Enum):
    """Whether the resource is connected."""

    Disconnected = "Disconnected"
    Connected = "Connected"


class requiredDEROperatingModeType(Enum):
    """Whether the EV shall follow or form the grid."""

    GridFollowing = "GridFollowing"
    GridForming = "GridForming"


class gridConnectionModeType(Enum):
    """Whether the site is connected to the grid."""

    GridConnected = "GridConnected"
    GridIslanded = "GridIslanded"


@message
class DataTupleType:
    """One point of a curve."""

    xValue: RationalNumberType
    yValue: RationalNumberType


@message
class FrequencyDroopSettingsType:
    """Dead band and slope of a frequency droop."""

    db: RationalNumberType
    DroopFactor: RationalNumberType
    DroopFactor_L2: RationalNumberType | None = None
    DroopFactor_L3: RationalNumberType | None = None
    PowerReference: powerReferenceType
    PowerReference_L2: powerReferenceType | None = None
    PowerReference_L3: powerReferenceType | None = None
    OpenLoopResponseTime: RationalNumberType


@message
class CurveDataPointsListType:
    """The points of a curve, in order."""

    CurveDataPoint: Annotated[tuple[DataTupleType, ...], Occurs(2, 10)]


@message
class DERCurveType:
    """A curve with its units."""

    Enable: bool
    Priority: unsignedShort | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None


@message
class ConstantPowerFactorType:
    """A fixed power factor."""

    Enable: bool
    Priority: unsignedShort | None = None
    PowerFactorValue: RationalNumberType
    PowerFactorValue_L2: RationalNumberType | None = None
    PowerFactorValue_L3: RationalNumberType | None = None
    PowerFactorExcitation: powerFactorExcitationType
    PowerFactorExcitation_L2: powerFactorExcitationType | None = None
    PowerFactorExcitation_L3: powerFactorExcitationType | None = None


@message
class FrequencyDroopType:
    """Frequency droop above and below nominal frequency."""

    Enable: bool
    Priority: unsignedShort | None = None
    OverFrequencyDroop: FrequencyDroopSettingsType | None = None
    UnderFrequencyDroop: FrequencyDroopSettingsType | None = None


@message
class VoltVarType:
    """Reactive power as a function of voltage."""

    Enable: bool
    Priority: unsignedShort | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType
    TimeConstantPT1: unsignedInt | None = None
    ReferenceVoltage: RationalNumberType
    AutonomousReferenceVoltageAdjustmentEnable: bool
    ReferenceVoltageAdjustmentTimeConstant: unsignedInt


@message
class VoltWattType:
    """Active power as a function of voltage."""

    Enable: bool
    Priority: unsignedShort | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType
    TimeConstantPT1: unsignedInt | None = None


@message
class WattVarType:
    """Reactive power as a function of active power."""

    Enable: bool
    Priority: unsignedShort | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType | None = None
    TimeConstantPT1: unsignedInt | None = None


@message
class ConstantWattType:
    """A fixed active power."""

    Enable: bool
    Priority: unsignedShort | None = None
    WattSetpoint: RationalNumberType
    WattSetpoint_L2: RationalNumberType | None = None
    WattSetpoint_L3: RationalNumberType | None = None
    Unit: derUnitType


@message
class ConstantVarType:
    """A fixed reactive power."""

    Enable: bool
    Priority: unsignedShort | None = None
    VarSetpoint: RationalNumberType
    VarSetpoint_L2: RationalNumberType | None = None
    VarSetpoint_L3: RationalNumberType | None = None
    Unit: derUnitType


@message
class LimitMaxDischargePowerType:
    """A limit of discharge power, percent."""

    Enable: bool
    Priority: unsignedShort | None = None
    PercentageValue: unsignedShort
    PercentageValue_L2: unsignedShort | None = None
    PercentageValue_L3: unsignedShort | None = None
    OpenLoopResponseTime: RationalNumberType | None = None


@message
class VoltageTripType:
    """When to trip or cease on voltage."""

    OverVoltageMustTripCurve: DERCurveType
    UnderVoltageMustTripCurve: DERCurveType
    OverVoltageMomentaryCessationTripCurve: DERCurveType | None = None
    UnderVoltageMomentaryCessationTripCurve: DERCurveType | None = None
    OverVoltageMayTripCurve: DERCurveType | None = None
    UnderVoltageMayTripCurve: DERCurveType | None = None


@message
class FrequencyTripType:
    """When to trip on frequency."""

    OverFrequencyMustTripCurve: DERCurveType
    UnderFrequencyMustTripCurve: DERCurveType
    OverFrequencyMayTripCurve: DERCurveType | None = None
    UnderFrequencyMayTripCurve: DERCurveType | None = None


@message
class EnterServiceCPDResType:
    """Conditions for entering service."""

    PermitService: bool
    EnterServiceVoltageHigh: RationalNumberType
    EnterServiceVoltageLow: RationalNumberType
    EnterServiceFrequencyHigh: RationalNumberType
    EnterServiceFrequencyLow: RationalNumberType
    EnterServiceDelay: RationalNumberType | None = None
    EnterServiceRandomizedDelay: RationalNumberType | None = None
    EnterServiceRampTime: RationalNumberType | None = None


@message
class EnterServiceCLResType:
    """Changed conditions for entering service."""

    PermitService: bool
    EnterServiceVoltageHigh: RationalNumberType | None = None
    EnterServiceVoltageLow: RationalNumberType | None = None
    EnterServiceFrequencyHigh: RationalNumberType | None = None
    EnterServiceFrequencyLow: RationalNumberType | None = None
    EnterServiceDelay: RationalNumberType | None = None
    EnterServiceRandomizedDelay: RationalNumberType | None = None
    EnterServiceRampTime: RationalNumberType | None = None


@message
class ReactivePowerSupportCPDResType:
    """Reactive power functions."""

    ConstantPowerFactor: ConstantPowerFactorType
    VoltVar: VoltVarType
    WattVar: WattVarType
    ConstantVar: ConstantVarType


@message
class ReactivePowerSupportCLResType:
    """Changed reactive power functions."""

    ConstantPowerFactor: ConstantPowerFactorType | None = None
    VoltVar: VoltVarType | None = None
    WattVar: WattVarType | None = None
    ConstantVar: ConstantVarType | None = None


@message
class ActivePowerSupportCPDResType:
    """Active power functions."""

    FrequencyDroop: FrequencyDroopType
    VoltWatt: VoltWattType
    ConstantWatt: ConstantWattType
    LimitMaxDischargePower: LimitMaxDischargePowerType


@message
class ActivePowerSupportCLResType:
    """Changed active power functions."""

    FrequencyDroop: FrequencyDroopType | None = None
    VoltWatt: VoltWattType | None = None
    ConstantWatt: ConstantWattType | None = None
    LimitMaxDischargePower: LimitMaxDischargePowerType | None = None


@message
class DERControlCLResType:
    """Changed grid functions."""

    VoltageTrip: VoltageTripType | None = None
    FrequencyTrip: FrequencyTripType | None = None
    EnterServiceCLRes: EnterServiceCLResType
    ReactivePowerSupportCLRes: ReactivePowerSupportCLResType | None = None
    ActivePowerSupportCLRes: ActivePowerSupportCLResType | None = None


@message
class EVApparentPowerLimitsType:
    """Apparent power limits of the EV, VA."""

    EVMaximumApparentPowerDuringChargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: RationalNumberType | None = None


@message
class DERControlCPDResType:
    """All grid functions of the site."""

    VoltageTrip: VoltageTripType
    FrequencyTrip: FrequencyTripType
    EnterServiceCPDRes: EnterServiceCPDResType
    ReactivePowerSupportCPDRes: ReactivePowerSupportCPDResType
    ActivePowerSupportCPDRes: ActivePowerSupportCPDResType


@message
class EVReactivePowerLimitsType:
    """Reactive power limits of the EV, var."""

    EVMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging: RationalNumberType
    EVMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging: RationalNumberType
    EVMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVReactiveSusceptance: RationalNumberType
    EVReactiveSusceptance_L2: RationalNumberType | None = None
    EVReactiveSusceptance_L3: RationalNumberType | None = None


@message
class EVExcitationLimitsType:
    """Power factor limits of the EV."""

    EVSpecifiedOverExcitedPowerFactor: RationalNumberType
    EVSpecifiedOverExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower: RationalNumberType
    EVSpecifiedOverExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor: RationalNumberType
    EVSpecifiedUnderExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower: RationalNumberType
    EVSpecifiedUnderExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower_L3: RationalNumberType | None = None


@message
class EVInverterDetailsType:
    """Which inverter the EV has."""

    EVInverterSwVersion: str
    EVInverterHwVersion: str | None = None
    EVInverterManufacturer: str
    EVInverterModel: str
    EVInverterSerialNumber: str


@message
class EVSEReactivePowerLimitsType:
    """Reactive power limits of the EVSE, var."""

    EVSEMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVSEMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringCharging: RationalNumberType
    EVSEMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVSEMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringDischarging: RationalNumberType
    EVSEMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None


@message
class GridLimitsType:
    """Nominal values and limits of the grid."""

    GridNominalFrequency: RationalNumberType
    GridNominalVoltage: RationalNumberType
    GridNominalVoltageOffset: RationalNumberType
    GridMinFrequency: RationalNumberType | None = None
    GridMaxFrequency: RationalNumberType | None = None
    GridMaximumVoltage: RationalNumberType
    GridMinimumVoltage: RationalNumberType


@message
class EVApparentPowerType:
    """Apparent power that the EV can give now, VA."""

    EVMaximumApparentPowerDuringChargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: RationalNumberType | None = None


@message
class EVReactivePowerType:
    """Reactive power that the EV can give now, var."""

    EVMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging: RationalNumberType
    EVMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging: RationalNumberType
    EVMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L3: RationalNumberType | None = None


@message
class EVExcitationType:
    """Power factor that the EV can give now."""

    EVSpecifiedOverExcitedPowerFactor: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower: RationalNumberType
    EVSpecifiedOverExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower: RationalNumberType
    EVSpecifiedUnderExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower_L3: RationalNumberType | None = None


@message
class DER_AC_CPDReqEnergyTransferMode(AC_CPDReqEnergyTransferMode):
    """Limits of an EV that acts as a distributed energy resource."""

    EVProcessing: processingType
    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVApparentPowerLimits: EVApparentPowerLimitsType
    EVReactivePowerLimits: EVReactivePowerLimitsType
    EVExcitationLimits: EVExcitationLimitsType
    EVInverterDetails: EVInverterDetailsType
    IEEE1547NormalCategory: ieee1547NormalCategoryType
    IEEE1547AbnormalCategory: ieee1547AbnormalCategoryType
    EVNominalVoltage: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType
    EVNominalVoltageOffset: RationalNumberType
    J3072Certified: bool
    J3072CertificationDate: unsignedLong
    EVUseableWattHours: unsignedInt
    EVUpdateTime: unsignedLong
    SupportedModes: unsignedInt
    EnabledModes: unsignedInt


@message
class DER_AC_CPDResEnergyTransferMode(AC_CPDResEnergyTransferMode):
    """Limits of the EVSE and the grid functions the EV has to perform."""

    EVSEProcessing: processingType
    EVSEStatus: EVSEStatusType | None = None
    DERControlCPDRes: DERControlCPDResType
    EVSENominalChargePower: RationalNumberType | None = None
    EVSENominalChargePower_L2: RationalNumberType | None = None
    EVSENominalChargePower_L3: RationalNumberType | None = None
    EVSENominalDischargePower: RationalNumberType | None = None
    EVSENominalDischargePower_L2: RationalNumberType | None = None
    EVSENominalDischargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVSEReactivePowerLimits: EVSEReactivePowerLimitsType
    GridLimits: GridLimitsType
    RequiredDEROperatingMode: requiredDEROperatingModeType
    GridConnectionMode: gridConnectionModeType
    EVSEUpdateTime: unsignedLong


@message
class DER_Scheduled_AC_CLReqControlMode(Scheduled_AC_CLReqControlMode):
    """Scheduled control mode of an EV that acts as a distributed energy resource."""

    EVPresentVoltage: RationalNumberType
    EVPresentFrequency: RationalNumberType
    EVMaximumDischargePower: RationalNumberType | None = None
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    DEROperationalState: derOperationalStateType
    DERConnectionStatus: derConnectionStatusType
    EVApparentPower: EVApparentPowerType | None = None
    EVReactivePower: EVReactivePowerType | None = None
    EVExcitation: EVExcitationType | None = None
    EVUpdateTime: unsignedLong
    EVMinimumChargingDuration: unsignedInt | None = None
    EVDurationMaximumChargeRate: unsignedInt | None = None
    EVDurationMaximumDischargeRate: unsignedInt | None = None
    DERAlarmStatus: unsignedInt
    EnabledModes: unsignedInt


@message
class DER_Scheduled_AC_CLResControlMode(Scheduled_AC_CLResControlMode):
    """Scheduled control mode with setpoints and limits of the distribution grid."""

    DERControlCLRes: DERControlCLResType
    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    RequiredDEROperatingMode: requiredDEROperatingModeType | None = None
    GridConnectionMode: gridConnectionModeType | None = None


@message
class DER_Dynamic_AC_CLReqControlMode(Dynamic_AC_CLReqControlMode):
    """Dynamic control mode of an EV that acts as a distributed energy resource."""

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVPresentVoltage: RationalNumberType
    EVPresentFrequency: RationalNumberType
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVApparentPower: EVApparentPowerType | None = None
    EVReactivePower: EVReactivePowerType | None = None
    EVExcitation: EVExcitationType | None = None
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None
    DEROperationalState: derOperationalStateType
    DERConnectionStatus: derConnectionStatusType
    EVUpdateTime: unsignedLong
    EVMinimumChargingDuration: unsignedInt
    EVDurationMaximumChargeRate: unsignedInt
    EVDurationMaximumDischargeRate: unsignedInt
    DERAlarmStatus: unsignedInt
    EnabledModes: unsignedInt


@message
class DER_Dynamic_AC_CLResControlMode(Dynamic_AC_CLResControlMode):
    """Dynamic control mode with setpoints and limits of the distribution grid."""

    DERControlCLRes: DERControlCLResType
    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    RequiredDEROperatingMode: requiredDEROperatingModeType | None = None
    GridConnectionMode: gridConnectionModeType | None = None
