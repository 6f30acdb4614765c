"""The declarations against what is known of the schema sets, and the declaration language against misuse."""

import sys
import types
from typing import Annotated

import pytest

from harness.declare import Length, Namespace, Occurs, Range, fields_of, message, schema_named
from harness.errors import DeclarationError
from harness.messages import SCHEMAS, ac, common_messages, common_types, dc

COUNTS = {
    "AppProtocol": (2, 9),
    "CommonMessages": (54, 281),
    "AC": (42, 154),
    "DC": (48, 149),
    "WPT": (38, 193),
    "ACDP": (34, 129),
    "XMLDSIG": (24, 45),
}
DOCUMENT_CODES = {
    "AppProtocol": {"supportedAppProtocolReq": 0, "supportedAppProtocolRes": 1},
    "CommonMessages": {
        "AuthorizationReq": 0,
        "CertificateInstallationReq": 7,
        "MeteringConfirmationReq": 16,
        "PowerDeliveryReq": 21,
        "ScheduleExchangeReq": 27,
        "ServiceDetailReq": 29,
        "SessionSetupReq": 35,
        "SessionStopRes": 38,
        "SignedInstallationData": 45,
        "SignedMeteringData": 46,
        "VehicleCheckInReq": 49,
        "VehicleCheckOutRes": 52,
    },
    "AC": {"AC_CPDReqEnergyTransferMode": 0, "AC_ChargeLoopReq": 2, "Scheduled_AC_CLResControlMode": 32},
    "DC": {"DC_CableCheckReq": 11, "DC_ChargeLoopReq": 13, "DC_WeldingDetectionRes": 20, "CLReqControlMode": 6},
    "WPT": {"WPT_AlignmentCheckReq": 25, "WPT_PairingRes": 36},
    "ACDP": {"ACDP_ConnectReq": 0, "ACDP_ConnectRes": 1, "ACDP_DisconnectReq": 2, "ACDP_VehiclePositioningRes": 7},
    "AC_DER_IEC": {"AC_ChargeLoopReq": 2, "AC_ChargeParameterDiscoveryRes": 5},
    "AC_DER_SAE": {"AC_ChargeLoopReq": 2, "AC_ChargeParameterDiscoveryRes": 5},
}
FRAGMENT_CODES = {
    "CommonMessages": {
        "AbsolutePriceSchedule": 0,
        "CertificateInstallationReq": 27,
        "MeteringConfirmationReq": 119,
        "OEMProvisioningCertificateChain": 128,
        "PnC_AReqAuthorizationMode": 151,
        "PriceLevelSchedule": 167,
        "SignedInfo": 230,
        "SignedInstallationData": 231,
        "SignedMeteringData": 232,
    },
    "AC": {"SignedInfo": 135, "AC_ChargeParameterDiscoveryRes": 5},
    "DC": {"SignedInfo": 129, "DC_ChargeParameterDiscoveryRes": 26},
    "WPT": {"SignedInfo": 146},
    "ACDP": {"SignedInfo": 110},
    "XMLDSIG": {"SignedInfo": 32},
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_set_has_as_many_global_elements_and_element_names_as_the_schema(name):
    schema = SCHEMAS[name]

    assert (len(schema.elements), len(schema.element_kinds)) == COUNTS[name]


@pytest.mark.parametrize("name", DOCUMENT_CODES)
def test_document_roots_have_the_codes_of_the_schema(name):
    codes = {element.name: number for number, element in enumerate(SCHEMAS[name].elements)}

    assert {root: codes[root] for root in DOCUMENT_CODES[name]} == DOCUMENT_CODES[name]


@pytest.mark.parametrize("name", FRAGMENT_CODES)
def test_fragment_roots_have_the_codes_of_the_schema(name):
    codes = {element: number for number, (element, _) in enumerate(SCHEMAS[name].element_kinds)}

    assert {root: codes[root] for root in FRAGMENT_CODES[name]} == FRAGMENT_CODES[name]


def test_names_of_a_namespace_are_those_that_wildcards_number():
    names = ac.NAMESPACE.names

    assert len(names) == 77
    assert names.index("AC_CPDReqEnergyTransferModeType") == 1


def test_fields_of_the_base_come_first():
    names = [field.name for field in fields_of(dc.DC_ChargeLoopReq)]

    assert names == ["Header", "DisplayParameters", "MeterInfoRequested", "EVPresentVoltage", "CLReqControlMode"]


def test_members_of_a_substitution_group_depend_on_the_set():
    head = common_types.CLReqControlMode

    assert [m.name for m in SCHEMAS["AC_DER_IEC"].members(head)] == [
        "BPT_Dynamic_AC_CLReqControlMode",
        "BPT_Scheduled_AC_CLReqControlMode",
        "CLReqControlMode",
        "DER_Dynamic_AC_CLReqControlMode",
        "DER_Scheduled_AC_CLReqControlMode",
        "Dynamic_AC_CLReqControlMode",
        "Scheduled_AC_CLReqControlMode",
    ]
    assert [m.name for m in SCHEMAS["CommonMessages"].members(head)] == ["CLReqControlMode"]


def test_there_are_forty_response_codes_in_schema_order():
    codes = list(common_types.responseCodeType)

    assert len(codes) == 40
    assert (codes[22].value, codes[34].value) == ("FAILED_AssociationError", "FAILED_SequenceError")


def test_every_message_says_what_it_is():
    undocumented = [cls.__name__ for s in SCHEMAS.values() for cls in s.messages if not (cls.__doc__ or "").strip()]

    assert undocumented == []


def test_messages_are_frozen_and_compare_by_value():
    header = common_types.MessageHeaderType(SessionID=bytes(8), TimeStamp=1)

    assert common_messages.SessionStopRes(
        Header=header, ResponseCode=common_types.responseCodeType.OK
    ) == common_messages.SessionStopRes(Header=header, ResponseCode=common_types.responseCodeType.OK)
    with pytest.raises(AttributeError):
        header.TimeStamp = 2


@pytest.fixture
def declaring(monkeypatch):
    """Declares a class in a module of its own, with or without a namespace."""

    def declare(namespace, **annotations):
        module = types.ModuleType("declared_for_a_test")
        if namespace is not None:
            module.NAMESPACE = namespace
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return message(type("ProbeType", (), {"__annotations__": annotations, "__module__": module.__name__}))

    return declare


def test_a_module_without_namespace_cannot_declare(declaring):
    with pytest.raises(DeclarationError, match="NAMESPACE"):
        declaring(None, value=str)


@pytest.mark.parametrize(
    ("annotation", "complaint"),
    [
        (int, "integer without Range"),
        (tuple[str, ...], "tuple without Occurs"),
        (float, "does not know"),
        (Annotated[tuple[int, ...], Occurs(0, 2)], "integer without Range"),
    ],
)
def test_a_contradictory_declaration_is_refused_by_name(declaring, annotation, complaint):
    probe = declaring(Namespace("urn:test", "t"), value=annotation)

    with pytest.raises(DeclarationError, match=f"ProbeType.value.*{complaint}"):
        fields_of(probe)


def test_facets_of_an_alias_and_of_the_field_are_joined(declaring):
    percent = Annotated[int, Range(0, 100)]
    probe = declaring(Namespace("urn:test", "t"), share=percent | None, name=Annotated[str, Length(3)])

    share, name = fields_of(probe)

    assert (share.minimum, share.kind.maximum, name.minimum, name.kind.maximum) == (0, 100, 1, 3)


def test_an_unknown_schema_is_named_with_the_known_ones():
    with pytest.raises(DeclarationError, match=r"'XY'.*CommonMessages"):
        schema_named("XY")
