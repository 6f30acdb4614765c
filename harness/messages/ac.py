"""AC and AC_BPT messages of ISO 15118-20 (V2GTP payload type 0x8003).

Units and signs: see `common_types`. Fields without suffix are the only phase, line 1, or all phases together when no
``_L2``/``_L3`` twin is given.
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
)

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:AC",
    "ac",
    imports=(common_types.NAMESPACE,),
)


@message
class AC_CPDReqEnergyTransferMode:
    """Charge limits of the EV."""

    EVMaximumChargePower: RationalNumberType
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None


@message
class AC_CPDResEnergyTransferMode:
    """Charge limits of the EVSE."""

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMinimumChargePower: RationalNumberType
    EVSEMinimumChargePower_L2: RationalNumberType | None = None
    EVSEMinimumChargePower_L3: RationalNumberType | None = None
    EVSENominalFrequency: RationalNumberType
    MaximumPowerAsymmetry: RationalNumberType | None = None
    EVSEPowerRampLimitation: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


@message
class BPT_AC_CPDReqEnergyTransferMode(AC_CPDReqEnergyTransferMode):
    """Charge and discharge limits of the EV."""

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None


@message
class BPT_AC_CPDResEnergyTransferMode(AC_CPDResEnergyTransferMode):
    """Charge and discharge limits of the EVSE."""

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMinimumDischargePower_L2: RationalNumberType | None = None
    EVSEMinimumDischargePower_L3: RationalNumberType | None = None


@message
class Scheduled_AC_CLReqControlMode(Scheduled_CLReqControlModeType):
    """EVCC in scheduled control mode: what the EV wants and can take now."""

    EVMaximumChargePower: RationalNumberType | None = None
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType | None = None
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None
    EVPresentActivePower: RationalNumberType
    EVPresentActivePower_L2: RationalNumberType | None = None
    EVPresentActivePower_L3: RationalNumberType | None = None
    EVPresentReactivePower: RationalNumberType | None = None
    EVPresentReactivePower_L2: RationalNumberType | None = None
    EVPresentReactivePower_L3: RationalNumberType | None = None


@message
class Scheduled_AC_CLResControlMode(Scheduled_CLResControlModeType):
    """SECC in scheduled control mode: what the EVSE can give now."""

    EVSETargetActivePower: RationalNumberType | None = None
    EVSETargetActivePower_L2: RationalNumberType | None = None
    EVSETargetActivePower_L3: RationalNumberType | None = None
    EVSETargetReactivePower: RationalNumberType | None = None
    EVSETargetReactivePower_L2: RationalNumberType | None = None
    EVSETargetReactivePower_L3: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


@message
class BPT_Scheduled_AC_CLReqControlMode(Scheduled_AC_CLReqControlMode):
    """Scheduled control mode with discharge limits of the EV."""

    EVMaximumDischargePower: RationalNumberType | None = None
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None


@message
class BPT_Scheduled_AC_CLResControlMode(Scheduled_AC_CLResControlMode):
    """Scheduled control mode of the SECC in bidirectional power transfer."""


@message
class Dynamic_AC_CLReqControlMode(Dynamic_CLReqControlModeType):
    """EVCC in dynamic control mode: energy wishes and limits; the SECC decides."""

    EVMaximumChargePower: RationalNumberType
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None
    EVPresentActivePower: RationalNumberType
    EVPresentActivePower_L2: RationalNumberType | None = None
    EVPresentActivePower_L3: RationalNumberType | None = None
    EVPresentReactivePower: RationalNumberType
    EVPresentReactivePower_L2: RationalNumberType | None = None
    EVPresentReactivePower_L3: RationalNumberType | None = None


@message
class Dynamic_AC_CLResControlMode(Dynamic_CLResControlModeType):
    """SECC in dynamic control mode: what the EV shall follow."""

    EVSETargetActivePower: RationalNumberType
    EVSETargetActivePower_L2: RationalNumberType | None = None
    EVSETargetActivePower_L3: RationalNumberType | None = None
    EVSETargetReactivePower: RationalNumberType | None = None
    EVSETargetReactivePower_L2: RationalNumberType | None = None
    EVSETargetReactivePower_L3: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


@message
class BPT_Dynamic_AC_CLReqControlMode(Dynamic_AC_CLReqControlMode):
    """Dynamic control mode with discharge limits and the V2X energy window of the EV."""

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


@message
class BPT_Dynamic_AC_CLResControlMode(Dynamic_AC_CLResControlMode):
    """Dynamic control mode of the SECC in bidirectional power transfer."""


AC_CPDReqEnergyTransferModeGroup = Substitution(AC_CPDReqEnergyTransferMode)
AnyAC_CPDReqEnergyTransferMode: TypeAlias = AC_CPDReqEnergyTransferMode | BPT_AC_CPDReqEnergyTransferMode


@message
class AC_ChargeParameterDiscoveryReq(ChargeParameterDiscoveryReqType):
    """EVCC announces its limits before the loop."""

    AC_CPDReqEnergyTransferMode: Annotated[AnyAC_CPDReqEnergyTransferMode, AC_CPDReqEnergyTransferModeGroup]


AC_CPDResEnergyTransferModeGroup = Substitution(AC_CPDResEnergyTransferMode)
AnyAC_CPDResEnergyTransferMode: TypeAlias = AC_CPDResEnergyTransferMode | BPT_AC_CPDResEnergyTransferMode


@message
class AC_ChargeParameterDiscoveryRes(ChargeParameterDiscoveryResType):
    """SECC announces the limits of the EVSE before the loop."""

    AC_CPDResEnergyTransferMode: Annotated[AnyAC_CPDResEnergyTransferMode, AC_CPDResEnergyTransferModeGroup]


CLReqControlModeGroup = Substitution(CLReqControlMode)
AnyCLReqControlMode: TypeAlias = (
    BPT_Dynamic_AC_CLReqControlMode
    | BPT_Scheduled_AC_CLReqControlMode
    | Dynamic_AC_CLReqControlMode
    | Scheduled_AC_CLReqControlMode
)


@message
class AC_ChargeLoopReq(ChargeLoopReqType):
    """EVCC reports present values and its wishes or limits, cyclically."""

    CLReqControlMode: Annotated[AnyCLReqControlMode, CLReqControlModeGroup]


CLResControlModeGroup = Substitution(CLResControlMode)
AnyCLResControlMode: TypeAlias = (
    BPT_Dynamic_AC_CLResControlMode
    | BPT_Scheduled_AC_CLResControlMode
    | Dynamic_AC_CLResControlMode
    | Scheduled_AC_CLResControlMode
)


@message
class AC_ChargeLoopRes(ChargeLoopResType):
    """SECC reports present values and its limits or targets, cyclically."""

    EVSETargetFrequency: RationalNumberType | None = None
    CLResControlMode: Annotated[AnyCLResControlMode, CLResControlModeGroup]
