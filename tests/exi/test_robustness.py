"""No octets crash, loop or inflate the decoder: it answers with a value or with a located error."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors import load

from harness.declare import Element
from harness.errors import CodecError
from harness.exi import codec_for, from_xml
from harness.exi.bits import OCTET_BITS, to_bits, to_octets
from harness.messages import SCHEMAS, xmldsig

VECTORS = [parameter.values[0] for parameter in load("golden", "exificient", "shapes")]
LOOP = next(v for v in VECTORS if v["root"] == "DC_ChargeLoopReq" and "BPT_Dynamic" in v["xml"])
RESPONSE = next(v for v in VECTORS if v["root"] == "SessionStopRes")
HEADER = "0" + "0" + "0" + OCTET_BITS[8] + "0" * 64 + "0" + "00" + OCTET_BITS[1] + "0" + "01"


def document(schema, root, content):
    """Octets of a document with a header and the given bits of content."""
    codes = {element.name: number for number, element in enumerate(SCHEMAS[schema].elements)}
    return to_octets(OCTET_BITS[0x80] + f"{codes[root]:06b}" + HEADER + content)


def decode_or_explain(octets, schema, kind):
    """The value, or None where the codec gives a located error."""
    try:
        return codec_for(SCHEMAS[schema]).decode_element(octets, kind)
    except CodecError as error:
        assert error.bit is not None
        assert 0 <= error.bit <= 8 * len(octets)
        assert error.expected
        return None


@pytest.mark.parametrize("vector", VECTORS[:48], ids=lambda v: v["root"])
def test_every_truncation_is_a_located_error(vector):
    octets = bytes.fromhex(vector["exi"])

    found = [decode_or_explain(octets[:length], vector["schema"], vector["kind"]) for length in range(len(octets))]

    assert found == [None] * len(octets)


@pytest.mark.parametrize("vector", [LOOP, RESPONSE, VECTORS[0], VECTORS[45]], ids=lambda v: v["root"])
def test_every_flipped_bit_gives_another_message_or_a_located_error(vector):
    octets = bytes.fromhex(vector["exi"])
    original = decode_or_explain(octets, vector["schema"], vector["kind"])

    for bit in range(8 * len(octets)):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        assert decode_or_explain(bytes(flipped), vector["schema"], vector["kind"]) != original


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(VECTORS), st.sampled_from(list(SCHEMAS)), st.data())
def test_mutated_octets_give_a_value_that_can_be_sent_again_or_a_located_error(vector, other, data):
    octets = bytearray.fromhex(vector["exi"])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + 1] = data.draw(
            st.sampled_from([b"", b"\x00", b"\xff", b"\xff" * 9, b"\x80" * 12]) | st.binary(max_size=3)
        )
        octets = octets or bytearray(b"\x80")
    schema = data.draw(st.sampled_from([vector["schema"], other]))

    element = decode_or_explain(bytes(octets), schema, vector["kind"])

    if element is not None:
        codec = codec_for(SCHEMAS[schema])
        assert codec.decode_element(codec.encode(element, vector["kind"]), vector["kind"]) == element


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(list(SCHEMAS)), st.sampled_from(["document", "fragment"]))
def test_random_octets_give_a_value_or_a_located_error(octets, schema, kind):
    decode_or_explain(octets, schema, kind)
    decode_or_explain(b"\x80" + octets, schema, kind)


@pytest.mark.parametrize(
    ("octets", "complaint", "bit"),
    [
        (b"", "EXI header missing", 0),
        (b"\xa0" + bytes(20), "EXI header 10100000", 0),
        (b"\x81" + bytes(20), "EXI header 10000001", 0),
        (b"$EXI\x80", "EXI header 00100100", 0),
        (b"\x80\xff", "root code 63", 8),
        (document("DC", "CLReqControlMode", ""), "abstract", 8),
        (document("DC", "DC_CableCheckRes", "00" + "101000" + "0"), "code 40", 105),
        (document("DC", "DC_CableCheckRes", "0" + "1"), "code 1", 104),
        (document("DC", "DC_CableCheckRes", "1"), "code 1", 103),
        (document("DC", "DC_CableCheckReq", "0") + b"\x00", "bits follow the end", None),
        (document("DC", "DC_CableCheckReq", "01"), "bits follow the end", None),
    ],
)
def test_what_no_schema_allows_is_refused_with_its_place(octets, complaint, bit):
    with pytest.raises(CodecError, match=complaint) as caught:
        codec_for("DC").decode(octets)

    assert bit is None or caught.value.bit == bit


def test_an_error_names_path_bit_and_expectation():
    bits = to_bits(bytes.fromhex(LOOP["exi"]))
    assert bits[142:149] == "0110111"  # PresentSOC 55
    octets = to_octets(bits[:142] + "1111111" + bits[149:])

    with pytest.raises(CodecError) as caught:
        codec_for("DC").decode(octets)

    assert caught.value.path == "DC_ChargeLoopReq.DisplayParameters.PresentSOC"
    assert caught.value.message == "code 127 stands for no value"
    assert caught.value.expected == "0..100"
    assert caught.value.bit == 142


def session_setup(identifier):
    """A SessionSetupReq whose EVCCID is given as bits."""
    return document("CommonMessages", "SessionSetupReq", "0" + identifier + "0")


@pytest.mark.parametrize("identifier", ["0" + OCTET_BITS[2] + "0", "1000"], ids=["direct", "undeclared end"])
def test_both_forms_of_an_empty_string_are_read(identifier):
    assert codec_for("CommonMessages").decode(session_setup(identifier)).EVCCID == ""


def test_an_empty_string_is_written_in_the_direct_form():
    codec = codec_for("CommonMessages")
    message = codec.decode(session_setup("1000"))

    assert codec.encode(message) == session_setup("0" + OCTET_BITS[2] + "0")


@pytest.mark.parametrize(
    ("identifier", "complaint"),
    [
        ("0" + OCTET_BITS[0] + OCTET_BITS[0], "string table"),
        ("0" + OCTET_BITS[1] + OCTET_BITS[0], "string table"),
        ("0" + OCTET_BITS[0xFF] * 8 + OCTET_BITS[1], "characters"),
        ("0" + OCTET_BITS[0xFF] * 12 + OCTET_BITS[1], "does not end"),
        ("0" + OCTET_BITS[0x82] + OCTET_BITS[2] + OCTET_BITS[65] * 256, "256 characters"),
        ("0" + OCTET_BITS[3] + OCTET_BITS[0xFF] * 2 + OCTET_BITS[0x7F], "code point 1FFFFF"),
        ("0" + OCTET_BITS[3] + OCTET_BITS[0x80] + OCTET_BITS[0xB0] + OCTET_BITS[3], "code point D800"),
        ("0" + OCTET_BITS[3] + OCTET_BITS[0], "U[+]0000"),
        ("0" + OCTET_BITS[200] + OCTET_BITS[1] + OCTET_BITS[65], "do not fit"),
        ("1001", "code 1"),
    ],
)
def test_a_string_that_cannot_be_is_refused(identifier, complaint):
    with pytest.raises(CodecError, match=complaint) as caught:
        codec_for("CommonMessages").decode(session_setup(identifier))

    assert caught.value.path == "SessionSetupReq.EVCCID"


def test_redundant_zero_groups_are_read():
    stop = "0" + "0" + "000000" + "0" + "0"
    redundant = HEADER.replace("00" + OCTET_BITS[1] + "0" + "01", "00" + OCTET_BITS[0x81] + OCTET_BITS[0] + "0" + "01")
    octets = to_octets(OCTET_BITS[0x80] + "100110" + redundant + stop)

    assert codec_for("CommonMessages").decode(octets).Header.TimeStamp == 1


def test_a_session_id_of_seven_octets_is_refused():
    short = HEADER.replace(OCTET_BITS[8] + "0" * 64, OCTET_BITS[7] + "0" * 56)
    octets = to_octets(OCTET_BITS[0x80] + "100110" + short + "0" + "0" + "000000" + "0" + "0")

    with pytest.raises(CodecError, match=r"7 octets.*expected 8 octets") as caught:
        codec_for("CommonMessages").decode(octets)

    assert caught.value.path == "SessionStopRes.Header.SessionID"


def test_a_claimed_length_allocates_nothing():
    huge = "0" + (OCTET_BITS[0xFF] * 8 + OCTET_BITS[0x7F])
    octets = session_setup(huge)
    codec = codec_for("CommonMessages")

    tracemalloc.start()
    with pytest.raises(CodecError):
        codec.decode(octets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 100_000


@pytest.mark.parametrize("filling", [b"\x00", b"\xff", b"\xaa"])
def test_a_large_stream_of_nonsense_costs_a_small_multiple_of_itself(filling):
    octets = document("CommonMessages", "SessionSetupReq", "0") + filling * 200_000
    codec = codec_for("CommonMessages")

    tracemalloc.start()
    with pytest.raises(CodecError):
        codec.decode(octets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20 * len(octets)


def nested_objects(levels):
    """xmldsig Objects, each inside the other through its wildcard."""
    found = xmldsig.ObjectType()
    for _ in range(levels):
        found = xmldsig.ObjectType(content=(Element("Object", xmldsig.NAMESPACE.uri, found),))
    return Element("Object", xmldsig.NAMESPACE.uri, found)


def test_nesting_is_bounded_when_encoding():
    assert codec_for("XMLDSIG").encode(nested_objects(40))
    with pytest.raises(CodecError, match="nested too deeply"):
        codec_for("XMLDSIG").encode(nested_objects(60))


def test_nesting_is_bounded_when_decoding(monkeypatch):
    codec = codec_for("XMLDSIG")
    monkeypatch.setattr("harness.exi.encoder.DEEPEST", 1000)
    octets = codec.encode(nested_objects(100))

    with pytest.raises(CodecError, match="nested too deeply"):
        codec.decode(octets)


def test_nesting_is_bounded_when_reading_xml():
    levels = 3000
    text = '<Object xmlns="http://www.w3.org/2000/09/xmldsig#">' + "<Object>" * levels + "</Object>" * (levels + 1)

    with pytest.raises(CodecError, match="nested too deeply"):
        from_xml(codec_for("XMLDSIG"), text)


def test_an_element_unknown_to_the_schema_is_refused_by_name():
    method = xmldsig.DigestMethodType(Algorithm="a", content=(Element("Strange", "urn:strange", "x"),))

    with pytest.raises(CodecError, match=r"urn:strange.*Strange is unknown"):
        codec_for("XMLDSIG").encode(Element("DigestMethod", xmldsig.NAMESPACE.uri, method))


def test_a_wildcard_lets_any_global_element_of_the_set_through():
    codec = codec_for("CommonMessages")
    signed = next(v for v in VECTORS if v["kind"] == "fragment" and v["root"] == "SignedMeteringData")
    inside = codec.decode_element(bytes.fromhex(signed["exi"]), "fragment")
    element = Element("Object", xmldsig.NAMESPACE.uri, xmldsig.ObjectType(content=("before", inside, "after")))

    assert codec.decode_element(codec.encode(element)) == element
