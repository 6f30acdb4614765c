"""Wireless power transfer messages of ISO 15118-20 (V2GTP payload type 0x8006).

Units and signs: see `common_types`.
"""

from enum import Enum
from typing import Annotated, TypeAlias

from harness.declare import Choice, Length, Namespace, Occurs, message, short, unsignedByte, unsignedShort
from harness.messages import common_types
from harness.messages.common_types import (
    ChargeLoopReqType,
    ChargeLoopResType,
    ChargeParameterDiscoveryReqType,
    ChargeParameterDiscoveryResType,
    RationalNumberType,
    V2GRequestType,
    V2GResponseType,
    identifierType,
    numericIDType,
    processingType,
)

NAMESPACE = Namespace(
    "urn:iso:std:iso:15118:-20:WPT",
    "wpt",
    imports=(common_types.NAMESPACE,),
    simple_types=(
        "WPT_AlignmentCheckMethodType",
        "WPT_DataContainerType",
        "WPT_EVPCChargeDiagnosticsType",
        "WPT_EVResultType",
        "WPT_FinePositioningMethodType",
        "WPT_PairingMethodType",
        "WPT_PowerClassType",
        "WPT_SPCChargeDiagnosticsType",
        "bssidType",
        "ipaddressType",
    ),
)

bssidType: TypeAlias = Annotated[str, Length(12)]
ipaddressType: TypeAlias = Annotated[str, Length(39)]
WPT_DataContainerType: TypeAlias = Annotated[bytes, Length(256)]


class WPT_FinePositioningMethodType(Enum):
    """How the vehicle finds the coil."""

    Manual = "Manual"
    LF_TxEV = "LF_TxEV"
    LF_TxPrimaryDevice = "LF_TxPrimaryDevice"
    LPE = "LPE"
    Proprietary = "Proprietary"


class WPT_PairingMethodType(Enum):
    """How EV and EVSE make sure that they face each other."""

    External_confirmation = "External confirmation"
    LPE = "LPE"
    LF_TxEV = "LF_TxEV"
    LF_TxPrimaryDevice = "LF_TxPrimaryDevice"
    Optical = "Optical"
    Proprietary = "Proprietary"


class WPT_AlignmentCheckMethodType(Enum):
    """How the alignment is checked."""

    PowerCheck = "PowerCheck"
    LPE = "LPE"
    Proprietary = "Proprietary"


class WPT_EVPCChargeDiagnosticsType(Enum):
    """Diagnosis of the secondary side."""

    EVPCNoIssue = "EVPCNoIssue"
    EVPCTempOverheatDetected = "EVPCTempOverheatDetected"
    EVPCPowerTransferAnomalyDetected = "EVPCPowerTransferAnomalyDetected"
    EVPCAnomalyDetected = "EVPCAnomalyDetected"


class WPT_SPCChargeDiagnosticsType(Enum):
    """Diagnosis of the primary side."""

    SPCNoIssue = "SPCNoIssue"
    SPCFODDetected = "SPCFODDetected"
    SPCLOPDetected = "SPCLOPDetected"
    SPCTempOverheatDetected = "SPCTempOverheatDetected"
    SPCPowerTransferAnomalyDetected = "SPCPowerTransferAnomalyDetected"
    SPCAnomalyDetected = "SPCAnomalyDetected"


class WPT_PowerClassType(Enum):
    """Input power class of the primary device."""

    MF_WPT1 = "MF-WPT1"
    MF_WPT2 = "MF-WPT2"
    MF_WPT3 = "MF-WPT3"
    MF_WPT4 = "MF-WPT4"


class WPT_EVResultType(Enum):
    """Result of a positioning, pairing or alignment step."""

    EVResultUnknown = "EVResultUnknown"
    EVResultSuccess = "EVResultSuccess"
    EVResultFailed = "EVResultFailed"


@message
class WPT_FinePositioningMethodListType:
    """Fine positioning methods, the most wanted first."""

    WPT_FinePositioningMethod: Annotated[tuple[WPT_FinePositioningMethodType, ...], Occurs(1, 8)]


@message
class WPT_PairingMethodListType:
    """Pairing methods, the most wanted first."""

    WPT_PairingMethod: Annotated[tuple[WPT_PairingMethodType, ...], Occurs(1, 8)]


@message
class WPT_AlignmentCheckMethodListType:
    """Alignment check methods, the most wanted first."""

    WPT_AlignmentCheckMethod: Annotated[tuple[WPT_AlignmentCheckMethodType, ...], Occurs(1, 8)]


@message
class WPT_EVPCPowerControlParameterType:
    """Control values of the secondary side."""

    EVPCCoilCurrentRequest: RationalNumberType
    EVPCCoilCurrentInformation: RationalNumberType
    EVPCCurrentOutputInformation: RationalNumberType
    EVPCVoltageOutputInformation: RationalNumberType


@message
class WPT_SPCPowerControlParameterType:
    """Control values of the primary side."""

    SPCPrimaryDeviceCoilCurrentInformation: RationalNumberType


@message
class WPT_CoordinateXYZType:
    """A place or a direction in space."""

    Coord_X: short
    Coord_Y: short
    Coord_Z: short


@message
class WPT_TxRxSpecDataType:
    """Place and direction of one antenna."""

    TxRxIdentifier: numericIDType
    TxRxPosition: WPT_CoordinateXYZType
    TxRxOrientation: WPT_CoordinateXYZType


@message
class WPT_TxRxPulseOrderType:
    """The turn of one transmitter."""

    IndexNumber: unsignedShort
    TxRxIdentifier: numericIDType


@message
class WPT_TxRxPackageSpecDataType:
    """How transmitters take turns."""

    PulseSequenceOrder: Annotated[tuple[WPT_TxRxPulseOrderType, ...], Occurs(2, 255)]
    PulseSeparationTime: unsignedShort
    PulseDuration: unsignedShort
    PackageSeparationTime: unsignedShort


@message
class WPT_LF_TransmitterDataType:
    """Low-frequency transmitters and their signals."""

    NumberOfTransmitters: unsignedByte
    SignalFrequency: RationalNumberType
    TxSpecData: Annotated[tuple[WPT_TxRxSpecDataType, ...], Occurs(2, 255)]
    TxPackageSpecData: WPT_TxRxPackageSpecDataType | None = None


@message
class WPT_LF_ReceiverDataType:
    """Low-frequency receivers."""

    NumberOfReceivers: unsignedByte
    RxSpecData: Annotated[tuple[WPT_TxRxSpecDataType, ...], Occurs(2, 255)]


@message
class WPT_LF_SystemSetupDataType:
    """Set-up of low-frequency positioning, as transmitter or receiver."""

    LF_TransmitterSetupData: Annotated[WPT_LF_TransmitterDataType | None, Choice("side")] = None
    LF_ReceiverSetupData: Annotated[WPT_LF_ReceiverDataType | None, Choice("side")] = None


@message
class WPT_LF_TxDataType:
    """Radiated power of a transmitter."""

    TxIdentifier: numericIDType
    EIRP: RationalNumberType


@message
class WPT_LF_TxDataListType:
    """Data of transmitters."""

    WPT_LF_TxDataList: WPT_LF_TxDataType


@message
class WPT_LF_RxRSSIType:
    """Strength of one transmitter at a receiver."""

    TxIdentifier: numericIDType
    RSSI: RationalNumberType


@message
class WPT_LF_RxRSSIListType:
    """Signal strengths at a receiver."""

    RSSIDataList: WPT_LF_RxRSSIType


@message
class WPT_LF_RxDataType:
    """What a receiver hears."""

    RxIdentifier: numericIDType
    RSSIData: WPT_LF_RxRSSIListType


@message
class WPT_LF_RxDataListType:
    """Data of receivers."""

    WPT_LF_RxDataList: WPT_LF_RxDataType


@message
class WPT_LF_DataPackageType:
    """One package of transmitter or receiver data."""

    PackageIndex: unsignedByte
    LF_TxData: Annotated[WPT_LF_TxDataListType | None, Choice("side")] = None
    LF_RxData: Annotated[WPT_LF_RxDataListType | None, Choice("side")] = None


@message
class WPT_LF_DataPackageListType:
    """Packages of low-frequency positioning data."""

    NumPackages: unsignedByte
    WPT_LF_DataPackage: WPT_LF_DataPackageType


@message
class AlternativeSECCType:
    """How another SECC is reached."""

    SSID: identifierType | None = None
    BSSID: bssidType | None = None
    IPAddress: ipaddressType | None = None
    Port: unsignedShort | None = None


@message
class AlternativeSECCListType:
    """Other SECCs that may be the right one."""

    AlternativeSECC: Annotated[tuple[AlternativeSECCType, ...], Occurs(1, 8)]


@message
class WPT_FinePositioningSetupReq(V2GRequestType):
    """EVCC offers its positioning, pairing and alignment methods."""

    EVProcessing: processingType
    EVDeviceFinePositioningMethodList: WPT_FinePositioningMethodListType
    EVDevicePairingMethodList: WPT_PairingMethodListType
    EVDeviceAlignmentCheckMethodList: WPT_AlignmentCheckMethodListType
    NaturalOffset: unsignedShort
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()
    LF_SystemSetupData: WPT_LF_SystemSetupDataType | None = None


@message
class WPT_FinePositioningSetupRes(V2GResponseType):
    """SECC answers with its methods."""

    PrimaryDeviceFinePositioningMethodList: WPT_FinePositioningMethodListType
    PrimaryDevicePairingMethodList: WPT_PairingMethodListType
    PrimaryDeviceAlignmentCheckMethodList: WPT_AlignmentCheckMethodListType
    NaturalOffset: unsignedShort
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()
    LF_SystemSetupData: WPT_LF_SystemSetupDataType | None = None


@message
class WPT_FinePositioningReq(V2GRequestType):
    """EVCC reports on fine positioning, cyclically."""

    EVProcessing: processingType
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()
    WPT_LF_DataPackageList: WPT_LF_DataPackageListType | None = None


@message
class WPT_FinePositioningRes(V2GResponseType):
    """SECC reports on fine positioning, cyclically."""

    EVSEProcessing: processingType
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()
    WPT_LF_DataPackageList: WPT_LF_DataPackageListType | None = None


@message
class WPT_PairingReq(V2GRequestType):
    """EVCC reports what it has observed of the primary device."""

    EVProcessing: processingType
    ObservedIDCode: numericIDType | None = None
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_PairingRes(V2GResponseType):
    """SECC reports whether EV and EVSE are paired."""

    EVSEProcessing: processingType
    ObservedIDCode: numericIDType | None = None
    AlternativeSECCList: AlternativeSECCListType | None = None
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_ChargeParameterDiscoveryReq(ChargeParameterDiscoveryReqType):
    """EVCC announces limits of the secondary side."""

    EVPCMaxReceivablePower: RationalNumberType
    SDMaxGroundClearence: unsignedShort
    SDMinGroundClearence: unsignedShort
    EVPCNaturalFrequency: RationalNumberType
    EVPCDeviceLocalControl: bool
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_ChargeParameterDiscoveryRes(ChargeParameterDiscoveryResType):
    """SECC announces limits of the primary side."""

    PDInputPowerClass: WPT_PowerClassType
    SDMinOutputPower: RationalNumberType
    SDMaxOutputPower: RationalNumberType
    SDMaxGroundClearanceSupport: unsignedShort
    SDMinGroundClearanceSupport: unsignedShort
    PDMinCoilCurrent: RationalNumberType
    PDMaxCoilCurrent: RationalNumberType
    SDManufacturerSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_AlignmentCheckReq(V2GRequestType):
    """EVCC asks for the alignment check."""

    EVProcessing: processingType
    TargetCoilCurrent: RationalNumberType | None = None
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_AlignmentCheckRes(V2GResponseType):
    """SECC reports the alignment check."""

    EVSEProcessing: processingType
    PowerTransmitted: RationalNumberType | None = None
    SupplyDeviceCurrent: RationalNumberType | None = None
    VendorSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_ChargeLoopReq(ChargeLoopReqType):
    """EVCC asks for power and reports what arrives, cyclically."""

    EVPCPowerRequest: RationalNumberType
    EVPCPowerOutput: RationalNumberType
    EVPCChargeDiagnostics: WPT_EVPCChargeDiagnosticsType
    EVPCOperatingFrequency: RationalNumberType | None = None
    EVPCPowerControlParameter: WPT_EVPCPowerControlParameterType | None = None
    ManufacturerSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()


@message
class WPT_ChargeLoopRes(ChargeLoopResType):
    """SECC reports what it sends, cyclically."""

    EVPCPowerRequest: RationalNumberType
    SDPowerInput: RationalNumberType | None = None
    SPCMaxOutputPowerLimit: RationalNumberType
    SPCMinOutputPowerLimit: RationalNumberType
    SPCChargeDiagnostics: WPT_SPCChargeDiagnosticsType
    SPCOperatingFrequency: RationalNumberType | None = None
    SPCPowerControlParameter: WPT_SPCPowerControlParameterType | None = None
    ManufacturerSpecificDataContainer: Annotated[tuple[WPT_DataContainerType, ...], Occurs(0, 16)] = ()
