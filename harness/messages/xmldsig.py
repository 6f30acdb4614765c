"""XML signatures as ISO 15118-20 uses them (W3C XML Signature, second edition).

In practice only `SignatureType` with `SignedInfoType` and `SignatureValueType` is sent; the rest is declared because it
numbers the codes of every other element, and so that what a device does send can be read.

Types with wildcards, repeated choices or mixed text hold their children in one field `content`: `Element`s in document
order, and texts where the type is mixed. All others have one field for each child.
"""

from typing import Annotated

from harness.declare import (
    ID,
    Attribute,
    Child,
    Content,
    Element,
    Namespace,
    Occurs,
    OneOf,
    Text,
    Together,
    Wildcard,
    anyURI,
    base64Binary,
    integer,
    message,
)

NAMESPACE = Namespace(
    "http://www.w3.org/2000/09/xmldsig#",
    "ds",
    simple_types=("CryptoBinary", "DigestValueType", "HMACOutputLengthType"),
    qualified_attributes=False,
)

ANYTHING = (Wildcard(0, None),)


@message
class X509IssuerSerialType:
    """Names a certificate by its issuer and serial number."""

    X509IssuerName: str
    X509SerialNumber: integer


@message
class CanonicalizationMethodType:
    """How SignedInfo becomes octets."""

    Algorithm: Annotated[anyURI, Attribute]
    content: Annotated[tuple[str | Element, ...], Content(ANYTHING, mixed=True)] = ()


@message
class SignatureMethodType:
    """How the octets of SignedInfo are signed."""

    Algorithm: Annotated[anyURI, Attribute]
    content: Annotated[
        tuple[str | Element, ...], Content((Child("HMACOutputLength", integer, minimum=0), *ANYTHING), mixed=True)
    ] = ()


@message
class DigestMethodType:
    """How the octets of a referenced element are digested."""

    Algorithm: Annotated[anyURI, Attribute]
    content: Annotated[tuple[str | Element, ...], Content(ANYTHING, mixed=True)] = ()


@message
class TransformType:
    """How a referenced element becomes octets."""

    Algorithm: Annotated[anyURI, Attribute]
    content: Annotated[
        tuple[str | Element, ...],
        Content((OneOf(((Wildcard(),), (Child("XPath", str),)), 0, None),), mixed=True),
    ] = ()


@message
class TransformsType:
    """Transforms in the order of their application."""

    Transform: Annotated[tuple[TransformType, ...], Occurs(1, None)]


@message
class ReferenceType:
    """A signed element: its Id as URI ``#Id``, and the digest of its EXI fragment."""

    Id: Annotated[ID | None, Attribute] = None
    URI: Annotated[anyURI | None, Attribute] = None
    Type: Annotated[anyURI | None, Attribute] = None
    Transforms: TransformsType | None = None
    DigestMethod: DigestMethodType
    DigestValue: base64Binary


@message
class SignedInfoType:
    """What is signed: methods and the digests of all referenced elements."""

    Id: Annotated[ID | None, Attribute] = None
    CanonicalizationMethod: CanonicalizationMethodType
    SignatureMethod: SignatureMethodType
    Reference: Annotated[tuple[ReferenceType, ...], Occurs(1, None)]


@message
class SignatureValueType:
    """The signature itself, for ECDSA the concatenation of r and s."""

    Id: Annotated[ID | None, Attribute] = None
    value: Annotated[base64Binary, Text]


@message
class RetrievalMethodType:
    """Where key information is found."""

    URI: Annotated[anyURI | None, Attribute] = None
    Type: Annotated[anyURI | None, Attribute] = None
    Transforms: TransformsType | None = None


@message
class DSAKeyValueType:
    """A DSA public key."""

    P: Annotated[base64Binary | None, Together("group")] = None
    Q: Annotated[base64Binary | None, Together("group")] = None
    G: base64Binary | None = None
    Y: base64Binary
    J: base64Binary | None = None
    Seed: Annotated[base64Binary | None, Together("generation")] = None
    PgenCounter: Annotated[base64Binary | None, Together("generation")] = None


@message
class RSAKeyValueType:
    """An RSA public key."""

    Modulus: base64Binary
    Exponent: base64Binary


@message
class KeyValueType:
    """A public key as numbers."""

    content: Annotated[
        tuple[str | Element, ...],
        Content(
            (
                OneOf(
                    ((Child("DSAKeyValue", DSAKeyValueType),), (Child("RSAKeyValue", RSAKeyValueType),), (Wildcard(),))
                ),
            ),
            mixed=True,
        ),
    ]


@message
class X509DataType:
    """Certificates and what names them."""

    content: Annotated[
        tuple[Element, ...],
        Content(
            (
                OneOf(
                    (
                        (Child("X509IssuerSerial", X509IssuerSerialType),),
                        (Child("X509SKI", base64Binary),),
                        (Child("X509SubjectName", str),),
                        (Child("X509Certificate", base64Binary),),
                        (Child("X509CRL", base64Binary),),
                        (Wildcard(),),
                    ),
                    1,
                    None,
                ),
            )
        ),
    ]


@message
class PGPDataType:
    """An OpenPGP key."""

    content: Annotated[
        tuple[Element, ...],
        Content(
            (
                OneOf(
                    (
                        (Child("PGPKeyID", base64Binary), Child("PGPKeyPacket", base64Binary, minimum=0), *ANYTHING),
                        (Child("PGPKeyPacket", base64Binary), *ANYTHING),
                    )
                ),
            )
        ),
    ]


@message
class SPKIDataType:
    """SPKI certificates."""

    content: Annotated[
        tuple[Element, ...],
        Content((OneOf(((Child("SPKISexp", base64Binary), Wildcard(0, 1)),), 1, None),)),
    ]


@message
class KeyInfoType:
    """What helps to find the key; not used by ISO 15118-20."""

    Id: Annotated[ID | None, Attribute] = None
    content: Annotated[
        tuple[str | Element, ...],
        Content(
            (
                OneOf(
                    (
                        (Child("KeyName", str),),
                        (Child("KeyValue", KeyValueType),),
                        (Child("RetrievalMethod", RetrievalMethodType),),
                        (Child("X509Data", X509DataType),),
                        (Child("PGPData", PGPDataType),),
                        (Child("SPKIData", SPKIDataType),),
                        (Child("MgmtData", str),),
                        (Wildcard(),),
                    ),
                    1,
                    None,
                ),
            ),
            mixed=True,
        ),
    ]


@message
class ObjectType:
    """Any further content of a signature."""

    Id: Annotated[ID | None, Attribute] = None
    MimeType: Annotated[str | None, Attribute] = None
    Encoding: Annotated[anyURI | None, Attribute] = None
    content: Annotated[tuple[str | Element, ...], Content(ANYTHING, mixed=True)] = ()


@message
class ManifestType:
    """References that the application checks itself."""

    Id: Annotated[ID | None, Attribute] = None
    Reference: Annotated[tuple[ReferenceType, ...], Occurs(1, None)]


@message
class SignaturePropertyType:
    """A statement about the signature."""

    Target: Annotated[anyURI, Attribute]
    Id: Annotated[ID | None, Attribute] = None
    content: Annotated[tuple[str | Element, ...], Content((Wildcard(1, None),), mixed=True)]


@message
class SignaturePropertiesType:
    """Statements about the signature."""

    Id: Annotated[ID | None, Attribute] = None
    SignatureProperty: Annotated[tuple[SignaturePropertyType, ...], Occurs(1, None)]


@message
class SignatureType:
    """A signature over elements of the message that carries it."""

    Id: Annotated[ID | None, Attribute] = None
    SignedInfo: SignedInfoType
    SignatureValue: SignatureValueType
    KeyInfo: KeyInfoType | None = None
    Object: Annotated[tuple[ObjectType, ...], Occurs(0, None)] = ()


GLOBAL_ELEMENTS = {
    "Signature": SignatureType,
    "SignatureValue": SignatureValueType,
    "SignedInfo": SignedInfoType,
    "CanonicalizationMethod": CanonicalizationMethodType,
    "SignatureMethod": SignatureMethodType,
    "Reference": ReferenceType,
    "Transforms": TransformsType,
    "Transform": TransformType,
    "DigestMethod": DigestMethodType,
    "DigestValue": base64Binary,
    "KeyInfo": KeyInfoType,
    "KeyName": str,
    "MgmtData": str,
    "KeyValue": KeyValueType,
    "RetrievalMethod": RetrievalMethodType,
    "X509Data": X509DataType,
    "PGPData": PGPDataType,
    "SPKIData": SPKIDataType,
    "Object": ObjectType,
    "Manifest": ManifestType,
    "SignatureProperties": SignaturePropertiesType,
    "SignatureProperty": SignaturePropertyType,
    "DSAKeyValue": DSAKeyValueType,
    "RSAKeyValue": RSAKeyValueType,
}
for _name, _kind in GLOBAL_ELEMENTS.items():
    NAMESPACE.element(_name, _kind)
