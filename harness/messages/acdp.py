"""Messages of the automatic connection device, pantograph (V2GTP payload type 0x8005)."""

from enum import Enum

from harness.declare import Namespace, message, short
from harness.messages import common_types
from harness.messages.common_types import (
    RationalNumberType,
    V2GRequestType,
    V2GResponseType,
    percentValueType,
    processingType,
)

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:ACDP",
    "acdp",
    imports=(common_types.NAMESPACE,),
    simple_types=(
        "cpStatusType",
        "electricalChargingDeviceStatusType",
        "errorCodeType",
        "isolationStatusType",
        "mechanicalChargingDeviceStatusType",
    ),
)


class cpStatusType(Enum):
    """Control pilot state."""

    StateA = "StateA"
    StateB = "StateB"
    StateC = "StateC"
    StateD = "StateD"
    StateE = "StateE"


class errorCodeType(Enum):
    """Error of the EV."""

    OK_NoEVError = "OK_NoEVError"
    FAILED = "FAILED"
    FAILED_EmergencyEvent = "FAILED_EmergencyEvent"
    FAILED_Breaker = "FAILED_Breaker"
    FAILED_RESSTemperatureInhibit = "FAILED_RESSTemperatureInhibit"
    FAILED_RESS = "FAILED_RESS"
    FAILED_ChargingCurrentDifferential = "FAILED_ChargingCurrentDifferential"
    FAILED_ChargingVoltageOutOfRange = "FAILED_ChargingVoltageOutOfRange"
    FAILED_Reserved1 = "FAILED_Reserved1"
    FAILED_Reserved2 = "FAILED_Reserved2"


class isolationStatusType(Enum):
    """Result of isolation monitoring."""

    Invalid = "Invalid"
    Safe = "Safe"
    Warning = "Warning"
    Fault = "Fault"


class electricalChargingDeviceStatusType(Enum):
    """Electrical state of the connection."""

    State_A = "State_A"
    State_B = "State_B"
    State_C = "State_C"
    State_D = "State_D"


class mechanicalChargingDeviceStatusType(Enum):
    """Position of the device."""

    Home = "Home"
    Moving = "Moving"
    EndPosition = "EndPosition"


@message
class EVTechnicalStatusType:
    """State of the EV."""

    EVReadyToCharge: bool
    EVImmobilizationRequest: bool
    EVImmobilized: bool | None = None
    EVWLANStrength: RationalNumberType | None = None
    EVCPStatus: cpStatusType | None = None
    EVSOC: percentValueType | None = None
    EVErrorCode: errorCodeType | None = None
    EVTimeout: bool | None = None


@message
class ACDP_VehiclePositioningReq(V2GRequestType):
    """EVCC reports whether the vehicle moves."""

    EVMobilityStatus: bool
    EVPositioningSupport: bool


@message
class ACDP_VehiclePositioningRes(V2GResponseType):
    """SECC reports how far the vehicle is from the contact window."""

    EVSEProcessing: processingType
    EVSEPositioningSupport: bool
    EVRelativeXDeviation: short
    EVRelativeYDeviation: short
    ContactWindowXc: short
    ContactWindowYc: short
    EVInChargePosition: bool


@message
class ACDP_ConnectReq(V2GRequestType):
    """EVCC asks for the connection."""

    EVElectricalChargingDeviceStatus: electricalChargingDeviceStatusType


@message
class ACDP_ConnectRes(V2GResponseType):
    """SECC reports the movement towards the EV."""

    EVSEProcessing: processingType
    EVSEElectricalChargingDeviceStatus: electricalChargingDeviceStatusType
    EVSEMechanicalChargingDeviceStatus: mechanicalChargingDeviceStatusType


@message
class ACDP_DisconnectReq(V2GRequestType):
    """EVCC asks for the disconnection."""

    EVElectricalChargingDeviceStatus: electricalChargingDeviceStatusType


@message
class ACDP_DisconnectRes(V2GResponseType):
    """SECC reports the movement away from the EV."""

    EVSEProcessing: processingType
    EVSEElectricalChargingDeviceStatus: electricalChargingDeviceStatusType
    EVSEMechanicalChargingDeviceStatus: mechanicalChargingDeviceStatusType


@message
class ACDP_SystemStatusReq(V2GRequestType):
    """EVCC reports its state."""

    EVTechnicalStatus: EVTechnicalStatusType


@message
class ACDP_SystemStatusRes(V2GResponseType):
    """SECC reports its state."""

    EVSEMechanicalChargingDeviceStatus: mechanicalChargingDeviceStatusType
    EVSEReadyToCharge: bool
    EVSEIsolationStatus: isolationStatusType
    EVSEDisabled: bool
    EVSEUtilityInterruptEvent: bool
    EVSEEmergencyShutdown: bool
    EVSEMalfunction: bool
    EVInChargePosition: bool
    EVAssociationStatus: bool
