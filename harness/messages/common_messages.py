"""Messages of every ISO 15118-20 session, whatever the energy transfer mode (V2GTP payload type 0x8002).

Units and signs: see `common_types`.
"""

from enum import Enum
from typing import Annotated, TypeAlias

from harness.declare import (
    ID,
    Attribute,
    Choice,
    Length,
    Namespace,
    Occurs,
    Range,
    abstract,
    byte,
    int32,
    message,
    short,
    unsignedByte,
    unsignedInt,
    unsignedLong,
    unsignedShort,
)
from harness.messages import common_types
from harness.messages.common_types import (
    EVSEStatusType,
    ListOfRootCertificateIDsType,
    MeterInfoType,
    RationalNumberType,
    ReceiptType,
    V2GRequestType,
    V2GResponseType,
    descriptionType,
    identifierType,
    nameType,
    numericIDType,
    percentValueType,
    processingType,
    sessionIDType,
)

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:CommonMessages",
    "cm",
    imports=(common_types.NAMESPACE,),
    simple_types=(
        "authorizationType",
        "certificateType",
        "channelSelectionType",
        "chargeProgressType",
        "chargingSessionType",
        "currencyType",
        "dhPublicKeyType",
        "ecdhCurveType",
        "evCheckInStatusType",
        "evCheckOutStatusType",
        "evseCheckOutStatusType",
        "genChallengeType",
        "languageType",
        "maxSupportingPointsScheduleTupleType",
        "parkingMethodType",
        "powerToleranceAcceptanceType",
        "secp521_EncryptedPrivateKeyType",
        "serviceIDType",
        "tpm_EncryptedPrivateKeyType",
        "x448_EncryptedPrivateKeyType",
    ),
)

genChallengeType: TypeAlias = Annotated[bytes, Length(16, 16)]
serviceIDType: TypeAlias = unsignedShort
maxSupportingPointsScheduleTupleType: TypeAlias = Annotated[int, Range(12, 1024)]
dhPublicKeyType: TypeAlias = Annotated[bytes, Length(133, 133)]
secp521_EncryptedPrivateKeyType: TypeAlias = Annotated[bytes, Length(94, 94)]
x448_EncryptedPrivateKeyType: TypeAlias = Annotated[bytes, Length(84, 84)]
tpm_EncryptedPrivateKeyType: TypeAlias = Annotated[bytes, Length(206, 206)]
currencyType: TypeAlias = Annotated[str, Length(3)]
languageType: TypeAlias = Annotated[str, Length(3)]
certificateType: TypeAlias = Annotated[bytes, Length(1600)]


class authorizationType(Enum):
    """How the EV may authorise: external means, or Plug and Charge."""

    EIM = "EIM"
    PnC = "PnC"


class chargeProgressType(Enum):
    """What a PowerDeliveryReq wants."""

    Start = "Start"
    Stop = "Stop"
    Standby = "Standby"
    ScheduleRenegotiation = "ScheduleRenegotiation"


class channelSelectionType(Enum):
    """Which of two separate BPT channels is used."""

    Charge = "Charge"
    Discharge = "Discharge"


class ecdhCurveType(Enum):
    """Curve of the ephemeral key that protects a contract key."""

    SECP521 = "SECP521"
    X448 = "X448"


class chargingSessionType(Enum):
    """How the session ends."""

    Pause = "Pause"
    Terminate = "Terminate"
    ServiceRenegotiation = "ServiceRenegotiation"


class evCheckInStatusType(Enum):
    """Progress of parking in, seen by the EV."""

    CheckIn = "CheckIn"
    Processing = "Processing"
    Completed = "Completed"


class evCheckOutStatusType(Enum):
    """Progress of leaving, seen by the EV."""

    CheckOut = "CheckOut"
    Processing = "Processing"
    Completed = "Completed"


class evseCheckOutStatusType(Enum):
    """Progress of leaving, seen by the EVSE."""

    Scheduled = "Scheduled"
    Completed = "Completed"


class parkingMethodType(Enum):
    """How the vehicle is parked."""

    AutoParking = "AutoParking"
    MVGuideManual = "MVGuideManual"
    Manual = "Manual"


class powerToleranceAcceptanceType(Enum):
    """Whether the EV accepts the power tolerance of the schedule."""

    PowerToleranceNotConfirmed = "PowerToleranceNotConfirmed"
    PowerToleranceConfirmed = "PowerToleranceConfirmed"


@message
class SupportedProvidersListType:
    """Mobility operators whose contracts are accepted."""

    ProviderID: Annotated[tuple[nameType, ...], Occurs(1, 128)]


@message
class PnC_ASResAuthorizationModeType:
    """Challenge and providers for Plug and Charge."""

    GenChallenge: genChallengeType
    SupportedProviders: SupportedProvidersListType | None = None


@message
class EIM_ASResAuthorizationModeType:
    """External identification needs nothing."""


@message
class SubCertificatesType:
    """Intermediate certificates, DER."""

    Certificate: Annotated[tuple[certificateType, ...], Occurs(1, 3)]


@message
class ContractCertificateChainType:
    """A contract certificate and its intermediates, DER."""

    Certificate: certificateType
    SubCertificates: SubCertificatesType


@message
class PnC_AReqAuthorizationModeType:
    """The contract certificate chain and the challenge, signed by the EV."""

    Id: Annotated[ID, Attribute]
    GenChallenge: genChallengeType
    ContractCertificateChain: ContractCertificateChainType


@message
class EIM_AReqAuthorizationModeType:
    """External identification says nothing."""


@message
class ServiceIDListType:
    """Services the EV asks about."""

    ServiceID: Annotated[tuple[serviceIDType, ...], Occurs(1, 16)]


@message
class ServiceType:
    """One offered service."""

    ServiceID: serviceIDType
    FreeService: bool


@message
class ServiceListType:
    """Offered services."""

    Service: Annotated[tuple[ServiceType, ...], Occurs(1, 8)]


@message
class SelectedServiceType:
    """A service and the parameter set chosen for it."""

    ServiceID: serviceIDType
    ParameterSetID: serviceIDType


@message
class SelectedServiceListType:
    """Chosen value-added services."""

    SelectedService: Annotated[tuple[SelectedServiceType, ...], Occurs(1, 16)]


@message
class ParameterType:
    """A named value of exactly one of six kinds."""

    Name: Annotated[nameType, Attribute]
    boolValue: Annotated[bool | None, Choice("value")] = None
    byteValue: Annotated[byte | None, Choice("value")] = None
    shortValue: Annotated[short | None, Choice("value")] = None
    intValue: Annotated[int32 | None, Choice("value")] = None
    rationalNumber: Annotated[RationalNumberType | None, Choice("value")] = None
    finiteString: Annotated[nameType | None, Choice("value")] = None


@message
class ParameterSetType:
    """One variant of a service."""

    ParameterSetID: serviceIDType
    Parameter: Annotated[tuple[ParameterType, ...], Occurs(1, 32)]


@message
class ServiceParameterListType:
    """All variants of a service."""

    ParameterSet: Annotated[tuple[ParameterSetType, ...], Occurs(1, 32)]


@message
class PowerScheduleEntryType:
    """A power that holds for Duration seconds."""

    Duration: unsignedInt
    Power: RationalNumberType
    Power_L2: RationalNumberType | None = None
    Power_L3: RationalNumberType | None = None


@message
class PowerScheduleEntryListType:
    """The entries of a power schedule, in order."""

    PowerScheduleEntry: Annotated[tuple[PowerScheduleEntryType, ...], Occurs(1, 1024)]


@message
class PowerScheduleType:
    """Power limits over time, from TimeAnchor on."""

    TimeAnchor: unsignedLong
    AvailableEnergy: RationalNumberType | None = None
    PowerTolerance: RationalNumberType | None = None
    PowerScheduleEntries: PowerScheduleEntryListType


@abstract
class PriceScheduleType:
    """What both kinds of price schedules share."""

    TimeAnchor: unsignedLong
    PriceScheduleID: numericIDType
    PriceScheduleDescription: descriptionType | None = None


@message
class TaxRuleType:
    """One tax and what it applies to."""

    TaxRuleID: numericIDType
    TaxRuleName: nameType | None = None
    TaxRate: RationalNumberType
    TaxIncludedInPrice: bool | None = None
    AppliesToEnergyFee: bool
    AppliesToParkingFee: bool
    AppliesToOverstayFee: bool
    AppliesMinimumMaximumCost: bool


@message
class TaxRuleListType:
    """Taxes."""

    TaxRule: Annotated[tuple[TaxRuleType, ...], Occurs(1, 10)]


@message
class PriceRuleType:
    """Fees from a power on."""

    EnergyFee: RationalNumberType
    ParkingFee: RationalNumberType | None = None
    ParkingFeePeriod: unsignedInt | None = None
    CarbonDioxideEmission: unsignedShort | None = None
    RenewableGenerationPercentage: unsignedByte | None = None
    PowerRangeStart: RationalNumberType


@message
class PriceRuleStackType:
    """Price rules that hold for Duration seconds, one for each power range."""

    Duration: unsignedInt
    PriceRule: Annotated[tuple[PriceRuleType, ...], Occurs(1, 8)]


@message
class PriceRuleStackListType:
    """Price rules over time."""

    PriceRuleStack: Annotated[tuple[PriceRuleStackType, ...], Occurs(1, 1024)]


@message
class OverstayRuleType:
    """Fee from a time after the end of charging on."""

    OverstayRuleDescription: descriptionType | None = None
    StartTime: unsignedInt
    OverstayFee: RationalNumberType
    OverstayFeePeriod: unsignedInt


@message
class OverstayRuleListType:
    """What staying too long costs."""

    OverstayTimeThreshold: unsignedInt | None = None
    OverstayPowerThreshold: RationalNumberType | None = None
    OverstayRule: Annotated[tuple[OverstayRuleType, ...], Occurs(1, 5)]


@message
class AdditionalServiceType:
    """One further service and its fee."""

    ServiceName: nameType
    ServiceFee: RationalNumberType


@message
class AdditionalServiceListType:
    """Further services that cost something."""

    AdditionalService: Annotated[tuple[AdditionalServiceType, ...], Occurs(1, 5)]


@message
class AbsolutePriceScheduleType(PriceScheduleType):
    """Prices as amounts of a currency."""

    Id: Annotated[ID | None, Attribute] = None
    Currency: currencyType
    Language: languageType
    PriceAlgorithm: identifierType
    MinimumCost: RationalNumberType | None = None
    MaximumCost: RationalNumberType | None = None
    TaxRules: TaxRuleListType | None = None
    PriceRuleStacks: PriceRuleStackListType
    OverstayRules: OverstayRuleListType | None = None
    AdditionalSelectedServices: AdditionalServiceListType | None = None


@message
class PriceLevelScheduleEntryType:
    """A price level that holds for Duration seconds."""

    Duration: unsignedInt
    PriceLevel: unsignedByte


@message
class PriceLevelScheduleEntryListType:
    """The entries of a price level schedule, in order."""

    PriceLevelScheduleEntry: Annotated[tuple[PriceLevelScheduleEntryType, ...], Occurs(1, 1024)]


@message
class PriceLevelScheduleType(PriceScheduleType):
    """Prices as relative levels."""

    Id: Annotated[ID | None, Attribute] = None
    NumberOfPriceLevels: unsignedByte
    PriceLevelScheduleEntries: PriceLevelScheduleEntryListType


@message
class ChargingScheduleType:
    """Power over time, with prices as amounts or as levels."""

    PowerSchedule: PowerScheduleType
    AbsolutePriceSchedule: Annotated[AbsolutePriceScheduleType | None, Choice("price", optional=True)] = None
    PriceLevelSchedule: Annotated[PriceLevelScheduleType | None, Choice("price", optional=True)] = None


@message
class ScheduleTupleType:
    """A schedule for charging and, bidirectionally, one for discharging."""

    ScheduleTupleID: numericIDType
    ChargingSchedule: ChargingScheduleType
    DischargingSchedule: ChargingScheduleType | None = None


@message
class EVPowerScheduleEntryType:
    """Offered power that holds for Duration seconds."""

    Duration: unsignedInt
    Power: RationalNumberType


@message
class EVPowerScheduleEntryListType:
    """The entries of an offer, in order."""

    EVPowerScheduleEntry: Annotated[tuple[EVPowerScheduleEntryType, ...], Occurs(1, 1024)]


@message
class EVPowerScheduleType:
    """Power that the EV offers over time."""

    TimeAnchor: unsignedLong
    EVPowerScheduleEntries: EVPowerScheduleEntryListType


@message
class EVPriceRuleType:
    """The EV's fee from a power on."""

    EnergyFee: RationalNumberType
    PowerRangeStart: RationalNumberType


@message
class EVPriceRuleStackType:
    """The EV's price rules that hold for Duration seconds."""

    Duration: unsignedInt
    EVPriceRule: Annotated[tuple[EVPriceRuleType, ...], Occurs(1, 8)]


@message
class EVPriceRuleStackListType:
    """The EV's price rules over time."""

    EVPriceRuleStack: Annotated[tuple[EVPriceRuleStackType, ...], Occurs(1, 1024)]


@message
class EVAbsolutePriceScheduleType:
    """What the EV's energy costs."""

    TimeAnchor: unsignedLong
    Currency: currencyType
    PriceAlgorithm: identifierType
    EVPriceRuleStacks: EVPriceRuleStackListType


@message
class EVEnergyOfferType:
    """Energy that the EV offers, and its price."""

    EVPowerSchedule: EVPowerScheduleType
    EVAbsolutePriceSchedule: EVAbsolutePriceScheduleType


@message
class Scheduled_SEReqControlModeType:
    """Energy wishes and an energy offer of the EV in scheduled control mode."""

    DepartureTime: unsignedInt | None = None
    EVTargetEnergyRequest: RationalNumberType | None = None
    EVMaximumEnergyRequest: RationalNumberType | None = None
    EVMinimumEnergyRequest: RationalNumberType | None = None
    EVEnergyOffer: EVEnergyOfferType | None = None


@message
class Scheduled_SEResControlModeType:
    """Schedules to choose from."""

    ScheduleTuple: Annotated[tuple[ScheduleTupleType, ...], Occurs(1, 3)]


@message
class Dynamic_SEReqControlModeType:
    """Departure and energy wishes of the EV in dynamic control mode."""

    DepartureTime: unsignedInt
    MinimumSOC: percentValueType | None = None
    TargetSOC: percentValueType | None = None
    EVTargetEnergyRequest: RationalNumberType
    EVMaximumEnergyRequest: RationalNumberType
    EVMinimumEnergyRequest: RationalNumberType
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


@message
class Dynamic_SEResControlModeType:
    """Mobility needs and prices in dynamic control mode."""

    DepartureTime: unsignedInt | None = None
    MinimumSOC: percentValueType | None = None
    TargetSOC: percentValueType | None = None
    AbsolutePriceSchedule: Annotated[AbsolutePriceScheduleType | None, Choice("price", optional=True)] = None
    PriceLevelSchedule: Annotated[PriceLevelScheduleType | None, Choice("price", optional=True)] = None


@message
class SignedInstallationDataType:
    """A contract certificate chain and its encrypted private key, signed by the provisioning service."""

    Id: Annotated[ID, Attribute]
    ContractCertificateChain: ContractCertificateChainType
    ECDHCurve: ecdhCurveType
    DHPublicKey: dhPublicKeyType
    SECP521_EncryptedPrivateKey: Annotated[secp521_EncryptedPrivateKeyType | None, Choice("key")] = None
    X448_EncryptedPrivateKey: Annotated[x448_EncryptedPrivateKeyType | None, Choice("key")] = None
    TPM_EncryptedPrivateKey: Annotated[tpm_EncryptedPrivateKeyType | None, Choice("key")] = None


@message
class Dynamic_SMDTControlModeType:
    """Readings belong to no schedule."""


@message
class Scheduled_SMDTControlModeType:
    """Readings belong to this schedule."""

    SelectedScheduleTupleID: numericIDType


@message
class SignedMeteringDataType:
    """Meter readings that the EV confirms by its signature."""

    Id: Annotated[ID, Attribute]
    SessionID: sessionIDType
    MeterInfo: MeterInfoType
    Receipt: ReceiptType | None = None
    Dynamic_SMDTControlMode: Annotated[Dynamic_SMDTControlModeType | None, Choice("mode")] = None
    Scheduled_SMDTControlMode: Annotated[Scheduled_SMDTControlModeType | None, Choice("mode")] = None


@message
class TargetPositionType:
    """Offset of the parking position."""

    TargetOffsetX: unsignedShort
    TargetOffsetY: unsignedShort


@message
class EVPowerProfileEntryListType:
    """The entries of a power profile, in order."""

    EVPowerProfileEntry: Annotated[tuple[PowerScheduleEntryType, ...], Occurs(1, 2048)]


@message
class Dynamic_EVPPTControlModeType:
    """No schedule was chosen."""


@message
class Scheduled_EVPPTControlModeType:
    """The chosen schedule."""

    SelectedScheduleTupleID: numericIDType
    PowerToleranceAcceptance: powerToleranceAcceptanceType | None = None


@message
class EVPowerProfileType:
    """The power that the EV will take (+) or give (-) over time."""

    TimeAnchor: unsignedLong
    Dynamic_EVPPTControlMode: Annotated[Dynamic_EVPPTControlModeType | None, Choice("mode")] = None
    Scheduled_EVPPTControlMode: Annotated[Scheduled_EVPPTControlModeType | None, Choice("mode")] = None
    EVPowerProfileEntries: EVPowerProfileEntryListType


@message
class EMAIDListType:
    """Contracts, the most wanted first."""

    EMAID: Annotated[tuple[identifierType, ...], Occurs(1, 8)]


@message
class CertificateChainType:
    """A leaf certificate and its intermediates, DER."""

    Certificate: certificateType
    SubCertificates: SubCertificatesType | None = None


@message
class SignedCertificateChainType(CertificateChainType):
    """A certificate chain that can be signed."""

    Id: Annotated[ID, Attribute]


@message
class SessionSetupReq(V2GRequestType):
    """EVCC opens a session (SessionID zero) or rejoins one."""

    EVCCID: identifierType


@message
class SessionSetupRes(V2GResponseType):
    """SECC gives the session id and names the EVSE."""

    EVSEID: identifierType


@message
class AuthorizationSetupReq(V2GRequestType):
    """EVCC asks how it may authorise."""


@message
class AuthorizationSetupRes(V2GResponseType):
    """SECC offers ways of authorisation."""

    AuthorizationServices: Annotated[tuple[authorizationType, ...], Occurs(1, 2)]
    CertificateInstallationService: bool
    EIM_ASResAuthorizationMode: Annotated[EIM_ASResAuthorizationModeType | None, Choice("mode")] = None
    PnC_ASResAuthorizationMode: Annotated[PnC_ASResAuthorizationModeType | None, Choice("mode")] = None


@message
class AuthorizationReq(V2GRequestType):
    """EVCC authorises in the chosen way."""

    SelectedAuthorizationService: authorizationType
    EIM_AReqAuthorizationMode: Annotated[EIM_AReqAuthorizationModeType | None, Choice("mode")] = None
    PnC_AReqAuthorizationMode: Annotated[PnC_AReqAuthorizationModeType | None, Choice("mode")] = None


@message
class AuthorizationRes(V2GResponseType):
    """SECC answers whether the EV may charge."""

    EVSEProcessing: processingType


@message
class ServiceDiscoveryReq(V2GRequestType):
    """EVCC asks which services there are."""

    SupportedServiceIDs: ServiceIDListType | None = None


@message
class ServiceDiscoveryRes(V2GResponseType):
    """SECC lists energy transfer and value-added services."""

    ServiceRenegotiationSupported: bool
    EnergyTransferServiceList: ServiceListType
    VASList: ServiceListType | None = None


@message
class ServiceDetailReq(V2GRequestType):
    """EVCC asks for the variants of a service."""

    ServiceID: serviceIDType


@message
class ServiceDetailRes(V2GResponseType):
    """SECC lists the parameter sets of a service."""

    ServiceID: serviceIDType
    ServiceParameterList: ServiceParameterListType


@message
class ServiceSelectionReq(V2GRequestType):
    """EVCC chooses a service and a parameter set."""

    SelectedEnergyTransferService: SelectedServiceType
    SelectedVASList: SelectedServiceListType | None = None


@message
class ServiceSelectionRes(V2GResponseType):
    """SECC confirms the choice."""


@message
class ScheduleExchangeReq(V2GRequestType):
    """EVCC tells when it leaves and what it needs."""

    MaximumSupportingPoints: maxSupportingPointsScheduleTupleType
    Dynamic_SEReqControlMode: Annotated[Dynamic_SEReqControlModeType | None, Choice("mode")] = None
    Scheduled_SEReqControlMode: Annotated[Scheduled_SEReqControlModeType | None, Choice("mode")] = None


@message
class ScheduleExchangeRes(V2GResponseType):
    """SECC answers with schedules or mobility needs."""

    EVSEProcessing: processingType
    GoToPause: bool | None = None
    Dynamic_SEResControlMode: Annotated[Dynamic_SEResControlModeType | None, Choice("mode")] = None
    Scheduled_SEResControlMode: Annotated[Scheduled_SEResControlModeType | None, Choice("mode")] = None


@message
class PowerDeliveryReq(V2GRequestType):
    """EVCC starts, stops or suspends the power flow."""

    EVProcessing: processingType
    ChargeProgress: chargeProgressType
    EVPowerProfile: EVPowerProfileType | None = None
    BPT_ChannelSelection: channelSelectionType | None = None


@message
class PowerDeliveryRes(V2GResponseType):
    """SECC confirms the change of power flow."""

    EVSEStatus: EVSEStatusType | None = None


@message
class MeteringConfirmationReq(V2GRequestType):
    """EVCC confirms meter readings."""

    SignedMeteringData: SignedMeteringDataType


@message
class MeteringConfirmationRes(V2GResponseType):
    """SECC accepts the confirmation."""


@message
class SessionStopReq(V2GRequestType):
    """EVCC ends, pauses or renegotiates the session."""

    ChargingSession: chargingSessionType
    EVTerminationCode: nameType | None = None
    EVTerminationExplanation: descriptionType | None = None


@message
class SessionStopRes(V2GResponseType):
    """SECC confirms the end of the session."""


@message
class CertificateInstallationReq(V2GRequestType):
    """EVCC asks for contract certificates."""

    OEMProvisioningCertificateChain: SignedCertificateChainType
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    MaximumContractCertificateChains: unsignedByte
    PrioritizedEMAIDs: EMAIDListType | None = None


@message
class CertificateInstallationRes(V2GResponseType):
    """SECC delivers a contract certificate chain."""

    EVSEProcessing: processingType
    CPSCertificateChain: CertificateChainType
    SignedInstallationData: SignedInstallationDataType
    RemainingContractCertificateChains: unsignedByte


@message
class VehicleCheckInReq(V2GRequestType):
    """EVCC reports parking in."""

    EVCheckInStatus: evCheckInStatusType
    ParkingMethod: parkingMethodType
    VehicleFrame: short | None = None
    DeviceOffset: short | None = None
    VehicleTravel: short | None = None


@message
class VehicleCheckInRes(V2GResponseType):
    """SECC answers with positions of the parking space."""

    ParkingSpace: short | None = None
    DeviceLocation: short | None = None
    TargetDistance: short | None = None


@message
class VehicleCheckOutReq(V2GRequestType):
    """EVCC reports leaving."""

    EVCheckOutStatus: evCheckOutStatusType
    CheckOutTime: unsignedLong


@message
class VehicleCheckOutRes(V2GResponseType):
    """SECC confirms leaving."""

    EVSECheckOutStatus: evseCheckOutStatusType


NAMESPACE.element("SignedInstallationData", SignedInstallationDataType)
NAMESPACE.element("SignedMeteringData", SignedMeteringDataType)
