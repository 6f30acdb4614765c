"""The handshake before every session: which protocol is spoken (ISO 15118-20, 8.2; V2GTP payload type 0x8001)."""

from enum import Enum
from typing import Annotated, TypeAlias

from harness.declare import Length, Namespace, Occurs, Range, anyURI, message, unsignedByte, unsignedInt

NAMESPACE = Namespace(
    "urn:iso:15118:2:2010:AppProtocol",
    "ap",
    simple_types=(
        "idType",
        "priorityType",
        "protocolNameType",
        "protocolNamespaceType",
        "responseCodeType",
    ),
    qualified_elements=False,
    qualified_attributes=False,
)

idType: TypeAlias = unsignedByte
protocolNameType: TypeAlias = Annotated[str, Length(30)]
protocolNamespaceType: TypeAlias = Annotated[anyURI, Length(100)]
priorityType: TypeAlias = Annotated[int, Range(1, 20)]


class responseCodeType(Enum):
    """Result of the protocol negotiation."""

    OK_SuccessfulNegotiation = "OK_SuccessfulNegotiation"
    OK_SuccessfulNegotiationWithMinorDeviation = "OK_SuccessfulNegotiationWithMinorDeviation"
    Failed_NoNegotiation = "Failed_NoNegotiation"


@message
class AppProtocolType:
    """One protocol that the EVCC offers; priority 1 is the most wanted."""

    ProtocolNamespace: protocolNamespaceType
    VersionNumberMajor: unsignedInt
    VersionNumberMinor: unsignedInt
    SchemaID: idType
    Priority: priorityType


@message
class supportedAppProtocolReq:
    """EVCC offers the protocols it speaks."""

    AppProtocol: Annotated[tuple[AppProtocolType, ...], Occurs(1, 20)]


@message
class supportedAppProtocolRes:
    """SECC answers with the SchemaID of the protocol it chose."""

    ResponseCode: responseCodeType
    SchemaID: idType | None = None
