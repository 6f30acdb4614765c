"""Streams of independent encoders, in both directions."""

from xml.etree.ElementTree import canonicalize

import pytest
from vectors import load

from harness.exi import codec_for, from_xml, to_xml
from harness.exi.bits import to_bits
from harness.messages import SCHEMAS, common_messages, common_types, dc
from harness.messages.common_types import RationalNumberType as Rational

ALL = list(load("golden", "exificient", "shapes"))


@pytest.mark.parametrize("vector", ALL)
def test_decodes_a_vector_to_its_text(vector):
    codec = codec_for(SCHEMAS[vector["schema"]])

    element = codec.decode_element(bytes.fromhex(vector["exi"]), vector["kind"])

    assert element.name == vector["root"]
    assert canonicalize(to_xml(codec, element, vector["kind"])) == canonicalize(vector["xml"])


@pytest.mark.parametrize("vector", ALL)
def test_encodes_a_vector_to_its_octets(vector):
    codec = codec_for(SCHEMAS[vector["schema"]])

    element = from_xml(codec, vector["xml"], vector["kind"])

    assert codec.encode(element, vector["kind"]).hex() == vector["exi"]


def test_every_message_of_the_six_sets_has_a_vector():
    covered = {(p.values[0]["schema"], p.values[0]["root"]) for p in ALL if p.values[0]["kind"] == "document"}
    sets = ("AppProtocol", "CommonMessages", "AC", "DC", "WPT", "ACDP")

    missing = {(s, cls.__name__) for s in sets for cls in SCHEMAS[s].messages} - covered

    assert missing == set()


def test_encodes_a_bidirectional_charge_loop_request_written_by_hand():
    zero = Rational(Exponent=0, Value=0)
    request = dc.DC_ChargeLoopReq(
        Header=common_types.MessageHeaderType(SessionID=bytes.fromhex("0102030405060708"), TimeStamp=1700000000),
        DisplayParameters=common_types.DisplayParametersType(PresentSOC=55, ChargingComplete=False),
        MeterInfoRequested=True,
        EVPresentVoltage=Rational(Exponent=-1, Value=4000),
        CLReqControlMode=dc.BPT_Dynamic_DC_CLReqControlMode(
            DepartureTime=7200,
            EVTargetEnergyRequest=Rational(Exponent=3, Value=40),
            EVMaximumEnergyRequest=Rational(Exponent=3, Value=60),
            EVMinimumEnergyRequest=Rational(Exponent=3, Value=-20),
            EVMaximumChargePower=Rational(Exponent=2, Value=300),
            EVMinimumChargePower=zero,
            EVMaximumChargeCurrent=Rational(Exponent=0, Value=75),
            EVMaximumVoltage=Rational(Exponent=0, Value=450),
            EVMinimumVoltage=Rational(Exponent=0, Value=300),
            EVMaximumDischargePower=Rational(Exponent=2, Value=110),
            EVMinimumDischargePower=zero,
            EVMaximumDischargeCurrent=Rational(Exponent=0, Value=30),
            EVMaximumV2XEnergyRequest=Rational(Exponent=3, Value=5),
            EVMinimumV2XEnergyRequest=zero,
        ),
    )
    octets = bytes.fromhex(
        "8034040081018202830384080e2cfaa06201b98441fc2807c0280e020c0a0106078083113041056010200000100096"
        "0800c2030400560102081b810000008001e020c01408000000"
    )

    assert codec_for("DC").encode(request) == octets
    assert codec_for("DC").decode(octets) == request


def test_encodes_a_part_that_is_signed_by_its_class_alone():
    data = common_messages.SignedMeteringDataType(
        Id="id1",
        SessionID=bytes(range(1, 9)),
        MeterInfo=common_types.MeterInfoType(MeterID="M1", ChargedEnergyReadingWh=1000),
        Dynamic_SMDTControlMode=common_messages.Dynamic_SMDTControlModeType(),
    )
    codec = codec_for("CommonMessages")

    octets = codec.encode(data, "fragment")

    assert codec.decode_element(octets, "fragment").name == "SignedMeteringData"
    assert codec.decode(octets, "fragment") == data
    assert codec.encode(data, "fragment", element="SignedMeteringData") == octets


@pytest.mark.parametrize(("count", "end"), [(7, "01"), (8, "0")], ids=["seven of eight", "full"])
def test_a_full_list_ends_with_the_narrower_code(count, end):
    services = tuple(common_messages.ServiceType(ServiceID=n, FreeService=True) for n in range(count))
    codec = codec_for("CommonMessages")

    octets = codec.encode(common_messages.ServiceListType(Service=services), "fragment", element="VASList")

    # header, fragment code, first service with a code of 1 bit, the others with 2 bits, 16 bits each
    end_of_services = 8 + 9 + (1 + 16) + (count - 1) * (2 + 16)
    assert to_bits(octets)[end_of_services:].rstrip("0") == (end + f"{282:09b}").rstrip("0")
