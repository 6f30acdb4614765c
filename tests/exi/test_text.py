"""XML as people and other tools write it, and XML that the schema does not allow."""

import pytest

from harness.errors import CodecError
from harness.exi import codec_for, from_xml, to_xml
from harness.messages import common_messages, common_types, xmldsig

CM = "urn:iso:std:iso:15118:-20:CommonMessages"
CT = "urn:iso:std:iso:15118:-20:CommonTypes"
DS = "http://www.w3.org/2000/09/xmldsig#"
HEADER = f'<Header xmlns="{CT}"><SessionID>0102030405060708</SessionID><TimeStamp>5</TimeStamp></Header>'


def setup(body):
    """A SessionSetupReq with default namespaces and the given content."""
    return f'<SessionSetupReq xmlns="{CM}">{body}</SessionSetupReq>'


def read(text, schema="CommonMessages", kind="document"):
    """The value in XML text."""
    return from_xml(codec_for(schema), text, kind).value


def test_prefixes_comments_and_white_space_do_not_matter():
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
        <!-- a session -->
        <x:SessionSetupReq xmlns:x="{CM}" xmlns:y="{CT}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                           xsi:schemaLocation="{CM} somewhere.xsd">
          <y:Header>
            <y:SessionID> 01020304 05060708 </y:SessionID>
            <y:TimeStamp>
              5
            </y:TimeStamp>
          </y:Header>
          <x:EVCCID>WM IV</x:EVCCID>
        </x:SessionSetupReq>"""

    assert read(text) == common_messages.SessionSetupReq(
        Header=common_types.MessageHeaderType(SessionID=bytes(range(1, 9)), TimeStamp=5), EVCCID="WM IV"
    )


def test_special_characters_survive():
    message = read(setup(HEADER + "<EVCCID>&lt;&amp;&gt;\"'&#13;&#10;&#9;\u00e9\U0001f50c</EVCCID>"))
    codec = codec_for("CommonMessages")

    text = to_xml(codec, codec.name(message))

    assert message.EVCCID == "<&>\"'\r\n\t\u00e9\U0001f50c"
    assert read(text) == message


def test_white_space_in_attributes_survives():
    reference = xmldsig.DigestMethodType(Algorithm='a\n\t"b" ')
    codec = codec_for("XMLDSIG")

    assert read(to_xml(codec, codec.name(reference)), "XMLDSIG") == reference


def test_mixed_text_is_kept_and_white_space_between_children_is_not():
    text = f'<KeyInfo xmlns="{DS}">\n <KeyName>k</KeyName> and <MgmtData/>\n</KeyInfo>'

    value = read(text, "XMLDSIG")

    assert [child if isinstance(child, str) else child.name for child in value.content] == [
        "KeyName",
        " and ",
        "MgmtData",
    ]


@pytest.mark.parametrize(
    ("text", "path", "complaint"),
    [
        ("", "", "not well-formed"),
        ("<a", "", "not well-formed"),
        ("\ud800", "", "not well-formed"),
        ("<a/>", "a", "unknown as a root"),
        (f'<CLReqControlMode xmlns="{CT}"/>', "CLReqControlMode", "abstract"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "", "DOCTYPE"),
        (setup(""), "SessionSetupReq.Header", "missing"),
        (setup(HEADER), "SessionSetupReq.EVCCID", "missing"),
        (setup("<EVCCID>a</EVCCID>" + HEADER), "SessionSetupReq.EVCCID", "not allowed here.*Header"),
        (setup(HEADER + "<EVCCID>a</EVCCID><EVCCID>b</EVCCID>"), "SessionSetupReq.EVCCID", "not allowed here.*the end"),
        (setup(HEADER + "<EVCCID><b/></EVCCID>"), "SessionSetupReq.EVCCID", "text only"),
        (setup(HEADER + '<EVCCID x="1">a</EVCCID>'), "SessionSetupReq.EVCCID", "text only"),
        (setup(HEADER + "stray"), "SessionSetupReq", "text stray is not allowed"),
        (setup('<Header xmlns="urn:other"/>'), "SessionSetupReq.Header", "not allowed here"),
        (setup(HEADER.replace(">5<", ">five<")), "SessionSetupReq.Header.TimeStamp", "no integer"),
        (setup(HEADER.replace(">5<", f">{'9' * 5000}<")), "SessionSetupReq.Header.TimeStamp", "no integer"),
        (setup(HEADER.replace("0102", "01X2")), "SessionSetupReq.Header.SessionID", "hexadecimal"),
        (f'<SessionSetupReq xmlns="{CM}" Id="x"/>', "SessionSetupReq.@Id", "not allowed here"),
    ],
)
def test_xml_that_the_schema_does_not_allow_is_refused_with_its_path(text, path, complaint):
    with pytest.raises(CodecError, match=complaint) as caught:
        read(text)

    assert caught.value.path == path


def test_a_range_is_judged_when_the_value_is_encoded():
    codec = codec_for("CommonMessages")
    element = from_xml(codec, setup(HEADER.replace(">5<", f">{2**64}<") + "<EVCCID>a</EVCCID>"))

    with pytest.raises(CodecError, match="out of range") as caught:
        codec.encode(element)

    assert caught.value.path == "SessionSetupReq.Header.TimeStamp"
