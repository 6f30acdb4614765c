"""DC and DC_BPT messages of ISO 15118-20 (V2GTP payload type 0x8004).

Units and signs: see `common_types`.
"""

from typing import Annotated, TypeAlias

from harness.declare import Namespace, Substitution, message
from harness.messages import common_types
from harness.messages.common_types import (
    ChargeLoopReqType,
    ChargeLoopResType,
    ChargeParameterDiscoveryReqType,
    ChargeParameterDiscoveryResType,
    CLReqControlMode,
    CLResControlMode,
    Dynamic_CLReqControlModeType,
    Dynamic_CLResControlModeType,
    RationalNumberType,
    Scheduled_CLReqControlModeType,
    Scheduled_CLResControlModeType,
    V2GRequestType,
    V2GResponseType,
    percentValueType,
    processingType,
)

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:DC",
    "dc",
    imports=(common_types.NAMESPACE,),
)


@message
class DC_CPDReqEnergyTransferMode:
    """Charge limits of the EV."""

    EVMaximumChargePower: RationalNumberType
    EVMinimumChargePower: RationalNumberType
    EVMaximumChargeCurrent: RationalNumberType
    EVMinimumChargeCurrent: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType
    TargetSOC: percentValueType | None = None


@message
class DC_CPDResEnergyTransferMode:
    """Charge limits of the EVSE."""

    EVSEMaximumChargePower: RationalNumberType
    EVSEMinimumChargePower: RationalNumberType
    EVSEMaximumChargeCurrent: RationalNumberType
    EVSEMinimumChargeCurrent: RationalNumberType
    EVSEMaximumVoltage: RationalNumberType
    EVSEMinimumVoltage: RationalNumberType
    EVSEPowerRampLimitation: RationalNumberType | None = None


@message
class BPT_DC_CPDReqEnergyTransferMode(DC_CPDReqEnergyTransferMode):
    """Charge and discharge limits of the EV."""

    EVMaximumDischargePower: RationalNumberType
    EVMinimumDischargePower: RationalNumberType
    EVMaximumDischargeCurrent: RationalNumberType
    EVMinimumDischargeCurrent: RationalNumberType


@message
class BPT_DC_CPDResEnergyTransferMode(DC_CPDResEnergyTransferMode):
    """Charge and discharge limits of the EVSE."""

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMaximumDischargeCurrent: RationalNumberType
    EVSEMinimumDischargeCurrent: RationalNumberType


@message
class Scheduled_DC_CLReqControlMode(Scheduled_CLReqControlModeType):
    """EVCC in scheduled control mode: what the EV wants and can take now."""

    EVTargetCurrent: RationalNumberType
    EVTargetVoltage: RationalNumberType
    EVMaximumChargePower: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType | None = None
    EVMaximumChargeCurrent: RationalNumberType | None = None
    EVMaximumVoltage: RationalNumberType | None = None
    EVMinimumVoltage: RationalNumberType | None = None


@message
class Scheduled_DC_CLResControlMode(Scheduled_CLResControlModeType):
    """SECC in scheduled control mode: what the EVSE can give now."""

    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMinimumChargePower: RationalNumberType | None = None
    EVSEMaximumChargeCurrent: RationalNumberType | None = None
    EVSEMaximumVoltage: RationalNumberType | None = None


@message
class BPT_Scheduled_DC_CLReqControlMode(Scheduled_DC_CLReqControlMode):
    """Scheduled control mode with discharge limits of the EV."""

    EVMaximumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMaximumDischargeCurrent: RationalNumberType | None = None


@message
class BPT_Scheduled_DC_CLResControlMode(Scheduled_DC_CLResControlMode):
    """Scheduled control mode of the SECC in bidirectional power transfer."""

    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMinimumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargeCurrent: RationalNumberType | None = None
    EVSEMinimumVoltage: RationalNumberType | None = None


@message
class Dynamic_DC_CLReqControlMode(Dynamic_CLReqControlModeType):
    """EVCC in dynamic control mode: energy wishes and limits; the SECC decides."""

    EVMaximumChargePower: RationalNumberType
    EVMinimumChargePower: RationalNumberType
    EVMaximumChargeCurrent: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType


@message
class Dynamic_DC_CLResControlMode(Dynamic_CLResControlModeType):
    """SECC in dynamic control mode: what the EV shall follow."""

    EVSEMaximumChargePower: RationalNumberType
    EVSEMinimumChargePower: RationalNumberType
    EVSEMaximumChargeCurrent: RationalNumberType
    EVSEMaximumVoltage: RationalNumberType


@message
class BPT_Dynamic_DC_CLReqControlMode(Dynamic_DC_CLReqControlMode):
    """Dynamic control mode with discharge limits and the V2X energy window of the EV."""

    EVMaximumDischargePower: RationalNumberType
    EVMinimumDischargePower: RationalNumberType
    EVMaximumDischargeCurrent: RationalNumberType
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


@message
class BPT_Dynamic_DC_CLResControlMode(Dynamic_DC_CLResControlMode):
    """Dynamic control mode of the SECC in bidirectional power transfer."""

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMaximumDischargeCurrent: RationalNumberType
    EVSEMinimumVoltage: RationalNumberType


DC_CPDReqEnergyTransferModeGroup = Substitution(DC_CPDReqEnergyTransferMode)
AnyDC_CPDReqEnergyTransferMode: TypeAlias = BPT_DC_CPDReqEnergyTransferMode | DC_CPDReqEnergyTransferMode


@message
class DC_ChargeParameterDiscoveryReq(ChargeParameterDiscoveryReqType):
    """EVCC announces its limits before the loop."""

    DC_CPDReqEnergyTransferMode: Annotated[AnyDC_CPDReqEnergyTransferMode, DC_CPDReqEnergyTransferModeGroup]


DC_CPDResEnergyTransferModeGroup = Substitution(DC_CPDResEnergyTransferMode)
AnyDC_CPDResEnergyTransferMode: TypeAlias = BPT_DC_CPDResEnergyTransferMode | DC_CPDResEnergyTransferMode


@message
class DC_ChargeParameterDiscoveryRes(ChargeParameterDiscoveryResType):
    """SECC announces the limits of the EVSE before the loop."""

    DC_CPDResEnergyTransferMode: Annotated[AnyDC_CPDResEnergyTransferMode, DC_CPDResEnergyTransferModeGroup]


@message
class DC_CableCheckReq(V2GRequestType):
    """EVCC asks for the isolation test of the cable."""


@message
class DC_CableCheckRes(V2GResponseType):
    """SECC reports whether the isolation test is done."""

    EVSEProcessing: processingType


@message
class DC_PreChargeReq(V2GRequestType):
    """EVCC asks for an output voltage near that of the battery."""

    EVProcessing: processingType
    EVPresentVoltage: RationalNumberType
    EVTargetVoltage: RationalNumberType


@message
class DC_PreChargeRes(V2GResponseType):
    """SECC reports the present output voltage."""

    EVSEPresentVoltage: RationalNumberType


CLReqControlModeGroup = Substitution(CLReqControlMode)
AnyCLReqControlMode: TypeAlias = (
    BPT_Dynamic_DC_CLReqControlMode
    | BPT_Scheduled_DC_CLReqControlMode
    | Dynamic_DC_CLReqControlMode
    | Scheduled_DC_CLReqControlMode
)


@message
class DC_ChargeLoopReq(ChargeLoopReqType):
    """EVCC reports present values and its wishes or limits, cyclically."""

    EVPresentVoltage: RationalNumberType
    CLReqControlMode: Annotated[AnyCLReqControlMode, CLReqControlModeGroup]


CLResControlModeGroup = Substitution(CLResControlMode)
AnyCLResControlMode: TypeAlias = (
    BPT_Dynamic_DC_CLResControlMode
    | BPT_Scheduled_DC_CLResControlMode
    | Dynamic_DC_CLResControlMode
    | Scheduled_DC_CLResControlMode
)


@message
class DC_ChargeLoopRes(ChargeLoopResType):
    """SECC reports present values and its limits or targets, cyclically."""

    EVSEPresentCurrent: RationalNumberType
    EVSEPresentVoltage: RationalNumberType
    EVSEPowerLimitAchieved: bool
    EVSECurrentLimitAchieved: bool
    EVSEVoltageLimitAchieved: bool
    CLResControlMode: Annotated[AnyCLResControlMode, CLResControlModeGroup]


@message
class DC_WeldingDetectionReq(V2GRequestType):
    """EVCC asks for the output voltage while it opens its contactors."""

    EVProcessing: processingType


@message
class DC_WeldingDetectionRes(V2GResponseType):
    """SECC reports the present output voltage."""

    EVSEPresentVoltage: RationalNumberType
