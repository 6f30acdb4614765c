"""What we must not send is refused with its path, before any octet leaves."""

import dataclasses

import pytest

from harness.declare import Element
from harness.errors import CodecError
from harness.exi import codec_for
from harness.messages import ac, app_protocol, common_messages, common_types, dc, xmldsig
from harness.messages.common_types import RationalNumberType as Rational

HEADER = common_types.MessageHeaderType(SessionID=bytes(8), TimeStamp=0)
ONE = Rational(Exponent=0, Value=1)
CONTROL = dc.Scheduled_DC_CLReqControlMode(EVTargetCurrent=ONE, EVTargetVoltage=ONE)
LOOP = dc.DC_ChargeLoopReq(Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=ONE, CLReqControlMode=CONTROL)
MODE = common_messages.Dynamic_SEReqControlModeType(
    DepartureTime=1, EVTargetEnergyRequest=ONE, EVMaximumEnergyRequest=ONE, EVMinimumEnergyRequest=ONE
)
SCHEDULE = common_messages.ScheduleExchangeReq(Header=HEADER, MaximumSupportingPoints=12, Dynamic_SEReqControlMode=MODE)
replace = dataclasses.replace


def offer(count):
    """A request that offers so many protocols."""
    entry = app_protocol.AppProtocolType(
        ProtocolNamespace="urn:x", VersionNumberMajor=1, VersionNumberMinor=0, SchemaID=1, Priority=1
    )
    return app_protocol.supportedAppProtocolReq(AppProtocol=(entry,) * count)


@pytest.mark.parametrize(
    ("schema", "message", "path", "complaint"),
    [
        ("DC", replace(LOOP, EVPresentVoltage=None), "DC_ChargeLoopReq.EVPresentVoltage", "missing"),
        ("DC", replace(LOOP, EVPresentVoltage=400), "DC_ChargeLoopReq.EVPresentVoltage", "RationalNumberType"),
        (
            "DC",
            replace(LOOP, EVPresentVoltage=Rational(Exponent=0, Value=40000)),
            "DC_ChargeLoopReq.EVPresentVoltage.Value",
            "out of range",
        ),
        (
            "DC",
            replace(LOOP, EVPresentVoltage=Rational(Exponent=True, Value=1)),
            "DC_ChargeLoopReq.EVPresentVoltage.Exponent",
            "declared type",
        ),
        (
            "DC",
            replace(LOOP, CLReqControlMode=replace(CONTROL, EVTargetCurrent=None)),
            "DC_ChargeLoopReq.Scheduled_DC_CLReqControlMode",
            "missing.*EVTargetCurrent",
        ),
        (
            "DC",
            replace(LOOP, CLReqControlMode=common_types.CLReqControlMode()),
            "DC_ChargeLoopReq.CLReqControlMode",
            "declared type.*BPT_Dynamic_DC_CLReqControlMode",
        ),
        (
            "DC",
            replace(LOOP, Header=replace(HEADER, SessionID=bytes(7))),
            "DC_ChargeLoopReq.Header.SessionID",
            "7 octets.*8 octets",
        ),
        (
            "CommonMessages",
            replace(SCHEDULE, MaximumSupportingPoints=11),
            "ScheduleExchangeReq.MaximumSupportingPoints",
            "12..1024",
        ),
        (
            "CommonMessages",
            replace(SCHEDULE, Dynamic_SEReqControlMode=None),
            "ScheduleExchangeReq",
            "missing.*Dynamic_SEReqControlMode, Scheduled_SEReqControlMode",
        ),
        (
            "CommonMessages",
            replace(SCHEDULE, Scheduled_SEReqControlMode=common_messages.Scheduled_SEReqControlModeType()),
            "ScheduleExchangeReq.Scheduled_SEReqControlMode",
            "must not stand here",
        ),
        (
            "CommonMessages",
            common_messages.SessionSetupReq(Header=HEADER, EVCCID="x" * 256),
            "SessionSetupReq.EVCCID",
            "256 characters.*255",
        ),
        (
            "CommonMessages",
            common_messages.SessionSetupReq(Header=HEADER, EVCCID="a\x00"),
            "SessionSetupReq.EVCCID",
            "U[+]0000",
        ),
        (
            "CommonMessages",
            common_messages.SessionSetupReq(Header=HEADER, EVCCID="\ud800"),
            "SessionSetupReq.EVCCID",
            "U[+]D800",
        ),
        ("AppProtocol", offer(0), "supportedAppProtocolReq.AppProtocol", "0 items.*1..20"),
        ("AppProtocol", offer(21), "supportedAppProtocolReq.AppProtocol", "21 items.*1..20"),
        (
            "AppProtocol",
            app_protocol.supportedAppProtocolReq(AppProtocol=[1]),
            "supportedAppProtocolReq.AppProtocol",
            "tuple",
        ),
        (
            "AppProtocol",
            app_protocol.supportedAppProtocolReq(AppProtocol=(*offer(1).AppProtocol, "x")),
            "supportedAppProtocolReq.AppProtocol[1]",
            "AppProtocolType",
        ),
        (
            "AppProtocol",
            app_protocol.supportedAppProtocolRes(ResponseCode=common_types.responseCodeType.OK),
            "supportedAppProtocolRes.ResponseCode",
            "declared type",
        ),
    ],
)
def test_an_invalid_value_is_refused_with_its_path(schema, message, path, complaint):
    with pytest.raises(CodecError, match=f"(?s){complaint}") as caught:
        codec_for(schema).encode(message)

    assert caught.value.path == path
    assert caught.value.bit is None


def test_a_message_of_another_set_is_refused():
    with pytest.raises(CodecError, match=r"no root elements.*DC"):
        codec_for("DC").encode(SCHEDULE)


def test_a_bidirectional_mode_does_not_pass_as_its_base():
    bidirectional = ac.BPT_Scheduled_AC_CLReqControlMode(EVPresentActivePower=ONE)
    fragment = Element("Scheduled_AC_CLReqControlMode", ac.NAMESPACE.uri, bidirectional)

    with pytest.raises(CodecError, match="Scheduled_AC_CLReqControlMode"):
        codec_for("AC").encode(fragment)


def test_half_a_group_is_refused():
    key = xmldsig.DSAKeyValueType(P=b"p", Y=b"y")

    with pytest.raises(CodecError, match=r"missing.*Q") as caught:
        codec_for("XMLDSIG").encode(key)

    assert caught.value.path == "DSAKeyValue.Q"


def test_open_content_takes_only_what_the_model_offers():
    wrong = xmldsig.X509DataType(content=("text",))

    with pytest.raises(CodecError, match=r"not allowed here.*X509SKI"):
        codec_for("XMLDSIG").encode(wrong)


def test_the_abstract_head_of_a_group_is_no_root():
    with pytest.raises(CodecError, match="abstract"):
        codec_for("DC").encode(common_types.CLReqControlMode())
