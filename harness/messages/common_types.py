"""Types that all ISO 15118-20 namespaces share.

Physical values are `RationalNumberType`: powers in W (var, VA), energies in Wh, currents in A, voltages in V, frequencies
in Hz. Durations and delays are seconds, time stamps seconds since 1970-01-01 UTC. Where a value has a direction, + flows
from the grid into the EV and - from the EV into the grid; discharge limits are sent as magnitudes by some devices and as
negative numbers by others.
"""

from enum import Enum
from typing import Annotated, TypeAlias

from harness.declare import (
    Hex,
    Length,
    Namespace,
    Occurs,
    Range,
    Ref,
    abstract,
    byte,
    message,
    short,
    unsignedInt,
    unsignedLong,
    unsignedShort,
)
from harness.messages import xmldsig
from harness.messages.xmldsig import SignatureType, X509IssuerSerialType

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:CommonTypes",
    "ct",
    imports=(xmldsig.NAMESPACE,),
    simple_types=(
        "descriptionType",
        "evseNotificationType",
        "identifierType",
        "meterIDType",
        "meterSignatureType",
        "nameType",
        "numericIDType",
        "percentValueType",
        "processingType",
        "responseCodeType",
        "sessionIDType",
    ),
)

numericIDType: TypeAlias = Annotated[int, Range(1, 4294967295)]
sessionIDType: TypeAlias = Annotated[bytes, Length(8, 8), Hex]
percentValueType: TypeAlias = Annotated[int, Range(0, 100)]
identifierType: TypeAlias = Annotated[str, Length(255)]
nameType: TypeAlias = Annotated[str, Length(80)]
descriptionType: TypeAlias = Annotated[str, Length(160)]
meterIDType: TypeAlias = Annotated[str, Length(32)]
meterSignatureType: TypeAlias = Annotated[bytes, Length(64)]


class evseNotificationType(Enum):
    """What the SECC asks the EVCC to do."""

    Pause = "Pause"
    ExitStandby = "ExitStandby"
    Terminate = "Terminate"
    ScheduleRenegotiation = "ScheduleRenegotiation"
    ServiceRenegotiation = "ServiceRenegotiation"
    MeteringConfirmation = "MeteringConfirmation"


class processingType(Enum):
    """Whether a step is finished."""

    Finished = "Finished"
    Ongoing = "Ongoing"
    Ongoing_WaitingForCustomerInteraction = "Ongoing_WaitingForCustomerInteraction"


class responseCodeType(Enum):
    """Result of a request."""

    OK = "OK"
    OK_CertificateExpiresSoon = "OK_CertificateExpiresSoon"
    OK_NewSessionEstablished = "OK_NewSessionEstablished"
    OK_OldSessionJoined = "OK_OldSessionJoined"
    OK_PowerToleranceConfirmed = "OK_PowerToleranceConfirmed"
    WARNING_AuthorizationSelectionInvalid = "WARNING_AuthorizationSelectionInvalid"
    WARNING_CertificateExpired = "WARNING_CertificateExpired"
    WARNING_CertificateNotYetValid = "WARNING_CertificateNotYetValid"
    WARNING_CertificateRevoked = "WARNING_CertificateRevoked"
    WARNING_CertificateValidationError = "WARNING_CertificateValidationError"
    WARNING_ChallengeInvalid = "WARNING_ChallengeInvalid"
    WARNING_EIMAuthorizationFailure = "WARNING_EIMAuthorizationFailure"
    WARNING_eMSPUnknown = "WARNING_eMSPUnknown"
    WARNING_EVPowerProfileViolation = "WARNING_EVPowerProfileViolation"
    WARNING_GeneralPnCAuthorizationError = "WARNING_GeneralPnCAuthorizationError"
    WARNING_NoCertificateAvailable = "WARNING_NoCertificateAvailable"
    WARNING_NoContractMatchingPCIDFound = "WARNING_NoContractMatchingPCIDFound"
    WARNING_PowerToleranceNotConfirmed = "WARNING_PowerToleranceNotConfirmed"
    WARNING_ScheduleRenegotiationFailed = "WARNING_ScheduleRenegotiationFailed"
    WARNING_StandbyNotAllowed = "WARNING_StandbyNotAllowed"
    WARNING_WPT = "WARNING_WPT"
    FAILED = "FAILED"
    FAILED_AssociationError = "FAILED_AssociationError"
    FAILED_ContactorError = "FAILED_ContactorError"
    FAILED_EVPowerProfileInvalid = "FAILED_EVPowerProfileInvalid"
    FAILED_EVPowerProfileViolation = "FAILED_EVPowerProfileViolation"
    FAILED_MeteringSignatureNotValid = "FAILED_MeteringSignatureNotValid"
    FAILED_NoEnergyTransferServiceSelected = "FAILED_NoEnergyTransferServiceSelected"
    FAILED_NoServiceRenegotiationSupported = "FAILED_NoServiceRenegotiationSupported"
    FAILED_PauseNotAllowed = "FAILED_PauseNotAllowed"
    FAILED_PowerDeliveryNotApplied = "FAILED_PowerDeliveryNotApplied"
    FAILED_PowerToleranceNotConfirmed = "FAILED_PowerToleranceNotConfirmed"
    FAILED_ScheduleRenegotiation = "FAILED_ScheduleRenegotiation"
    FAILED_ScheduleSelectionInvalid = "FAILED_ScheduleSelectionInvalid"
    FAILED_SequenceError = "FAILED_SequenceError"
    FAILED_ServiceIDInvalid = "FAILED_ServiceIDInvalid"
    FAILED_ServiceSelectionInvalid = "FAILED_ServiceSelectionInvalid"
    FAILED_SignatureError = "FAILED_SignatureError"
    FAILED_UnknownSession = "FAILED_UnknownSession"
    FAILED_WrongChargeParameter = "FAILED_WrongChargeParameter"


@message
class MessageHeaderType:
    """Session id, time of sending, and the signature of a signed message."""

    SessionID: sessionIDType
    TimeStamp: unsignedLong
    Signature: Annotated[SignatureType | None, Ref(xmldsig.NAMESPACE)] = None


@abstract
class V2GMessageType:
    """What every message has."""

    Header: MessageHeaderType


@abstract
class V2GRequestType(V2GMessageType):
    """What every request has."""


@abstract
class V2GResponseType(V2GMessageType):
    """What every response has."""

    ResponseCode: responseCodeType


@abstract
class ChargeParameterDiscoveryReqType(V2GRequestType):
    """What the charge parameter discovery requests share."""


@abstract
class ChargeParameterDiscoveryResType(V2GResponseType):
    """What the charge parameter discovery responses share."""


@message
class RationalNumberType:
    """A physical value, Value times ten to the power of Exponent."""

    Exponent: byte
    Value: short


@message
class DisplayParametersType:
    """State of charge in percent and remaining times, for display only."""

    PresentSOC: percentValueType | None = None
    MinimumSOC: percentValueType | None = None
    TargetSOC: percentValueType | None = None
    MaximumSOC: percentValueType | None = None
    RemainingTimeToMinimumSOC: unsignedInt | None = None
    RemainingTimeToTargetSOC: unsignedInt | None = None
    RemainingTimeToMaximumSOC: unsignedInt | None = None
    ChargingComplete: bool | None = None
    BatteryEnergyCapacity: RationalNumberType | None = None
    InletHot: bool | None = None


@abstract
class ChargeLoopReqType(V2GRequestType):
    """What the charge loop requests share."""

    DisplayParameters: DisplayParametersType | None = None
    MeterInfoRequested: bool


@message
class EVSEStatusType:
    """A notification of the SECC and how many seconds the EVCC may take to follow it."""

    NotificationMaxDelay: unsignedShort
    EVSENotification: evseNotificationType


@message
class MeterInfoType:
    """Counters of the EVSE's meter; charged and discharged energy count separately upwards."""

    MeterID: meterIDType
    ChargedEnergyReadingWh: unsignedLong
    BPT_DischargedEnergyReadingWh: unsignedLong | None = None
    CapacitiveEnergyReadingVARh: unsignedLong | None = None
    BPT_InductiveEnergyReadingVARh: unsignedLong | None = None
    MeterSignature: meterSignatureType | None = None
    MeterStatus: short | None = None
    MeterTimestamp: unsignedLong | None = None


@message
class DetailedCostType:
    """An amount and the price per unit it comes from."""

    Amount: RationalNumberType
    CostPerUnit: RationalNumberType


@message
class DetailedTaxType:
    """The amount of one tax."""

    TaxRuleID: numericIDType
    Amount: RationalNumberType


@message
class ReceiptType:
    """What the session has cost so far."""

    TimeAnchor: unsignedLong
    EnergyCosts: DetailedCostType | None = None
    OccupancyCosts: DetailedCostType | None = None
    AdditionalServicesCosts: DetailedCostType | None = None
    OverstayCosts: DetailedCostType | None = None
    TaxCosts: Annotated[tuple[DetailedTaxType, ...], Occurs(0, 10)] = ()


@abstract
class ChargeLoopResType(V2GResponseType):
    """What the charge loop responses share."""

    EVSEStatus: EVSEStatusType | None = None
    MeterInfo: MeterInfoType | None = None
    Receipt: ReceiptType | None = None


@abstract
class CLReqControlMode:
    """Head of the control modes in charge loop requests."""


@abstract
class CLResControlMode:
    """Head of the control modes in charge loop responses."""


@abstract
class Scheduled_CLReqControlModeType(CLReqControlMode):
    """Energy wishes of the EV in scheduled control mode."""

    EVTargetEnergyRequest: RationalNumberType | None = None
    EVMaximumEnergyRequest: RationalNumberType | None = None
    EVMinimumEnergyRequest: RationalNumberType | None = None


@abstract
class Scheduled_CLResControlModeType(CLResControlMode):
    """What the scheduled control modes of the SECC share."""


@abstract
class Dynamic_CLReqControlModeType(CLReqControlMode):
    """Energy wishes of the EV in dynamic control mode."""

    DepartureTime: unsignedInt | None = None
    EVTargetEnergyRequest: RationalNumberType
    EVMaximumEnergyRequest: RationalNumberType
    EVMinimumEnergyRequest: RationalNumberType


@abstract
class Dynamic_CLResControlModeType(CLResControlMode):
    """Mobility needs as the SECC sees them in dynamic control mode."""

    DepartureTime: unsignedInt | None = None
    MinimumSOC: percentValueType | None = None
    TargetSOC: percentValueType | None = None
    AckMaxDelay: unsignedShort | None = None


@message
class ListOfRootCertificateIDsType:
    """Root certificates that the EV has installed."""

    RootCertificateID: Annotated[tuple[X509IssuerSerialType, ...], Occurs(1, 20)]
