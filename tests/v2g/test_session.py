"""A session follows both sides, knows what was agreed, and says who broke what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import EVSEStatusType, MeterInfoType
from harness.messages.common_types import evseNotificationType as Notice
from harness.quantity import rational
from harness.v2g.sequence import State
from harness.v2g.services import ControlMode, Service
from harness.v2g.session import Session
from harness.v2g.violation import Kind
from tests.v2g import dialogue as d

Code = d.Code
DYNAMIC, SCHEDULED = ControlMode.DYNAMIC, ControlMode.SCHEDULED


def follow(session, exchanges, now=0.0, pace=0.1):
    """Show a session both messages of every exchange; all violations, in order."""
    found = []
    for request, response in exchanges:
        found += session.observe(request, now)
        found += session.observe(response, now + pace / 2)
        now += pace
    return found


def session_in_loop(service=Service.DC_BPT, mode=DYNAMIC):
    session = Session()
    assert follow(session, d.until_loop(service, mode), now=-2.0) == []
    return session


@pytest.mark.parametrize("mode", ControlMode)
@pytest.mark.parametrize("service", [Service.DC, Service.DC_BPT])
def test_an_ordinary_session_has_no_violation(service, mode):
    session = Session()

    assert follow(session, d.whole_session(service, mode)) == []
    assert session.state is State.ENDED and session.over
    assert (session.service, session.control_mode) == (service, mode)


def test_it_knows_what_is_legal_now():
    session = Session()
    follow(session, d.until_loop()[:5])

    assert session.state is State.SERVICE_DETAIL
    assert session.expects() == (cm.ServiceDetailReq, cm.SessionStopReq)
    assert cm.ServiceSelectionReq in session.expects(tolerated=True)
    assert session.wrong_with(d.ask(dc.DC_CableCheckReq))[0].kind is Kind.SEQUENCE
    assert session.wrong_with(d.ask(cm.ServiceDetailReq, ServiceID=6)) == ()
    assert session.state is State.SERVICE_DETAIL


def test_a_request_out_of_sequence_is_the_evccs_fault_and_needs_its_code():
    session = Session()
    follow(session, d.until_loop()[:3])
    request = d.ask(dc.DC_CableCheckReq)

    (wrong,) = session.observe(request, 1.0)
    assert (wrong.kind, wrong.who, wrong.answers) == (Kind.SEQUENCE, "evcc", (Code.FAILED_SequenceError,))
    assert session.observe(d.ok(dc.DC_CableCheckRes, Code.FAILED_SequenceError), 1.1) == ()
    assert session.state is State.ENDED


def test_an_secc_that_takes_a_request_out_of_sequence_is_blamed_and_followed():
    session = Session()
    follow(session, d.until_loop()[:3])
    session.observe(d.ask(dc.DC_CableCheckReq), 1.0)

    (wrong,) = session.observe(d.ok(dc.DC_CableCheckRes, EVSEProcessing=d.FINISHED), 1.1)
    assert (wrong.kind, wrong.who, wrong.requirement) == (Kind.RESPONSE_CODE, "secc", "[V2G20-459]")
    assert session.state is State.PRE_CHARGE


def test_a_tolerated_request_may_be_taken_or_refused():
    for code, state in ((Code.OK, State.ENDED), (Code.FAILED_SequenceError, State.ENDED)):
        session = session_in_loop()
        request, response = d.ending_exchange(code=code)
        (wrong,) = session.observe(request, 0.1)
        assert wrong.tolerated and wrong.who == "evcc"
        assert session.observe(response, 0.2) == ()
        assert session.state is state


def test_a_right_request_must_not_be_called_wrong():
    session = session_in_loop()
    request, response = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    session.observe(request, 0.1)

    (wrong,) = session.observe(replace(response, ResponseCode=Code.FAILED_UnknownSession), 0.2)
    assert (wrong.kind, wrong.who) == (Kind.RESPONSE_CODE, "secc")


def test_a_foreign_session_id_is_noticed_on_both_sides():
    session = session_in_loop()
    request, response = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    foreign = d.header(bytes(8))

    (by_ev,) = session.observe(replace(request, Header=foreign), 0.1)
    assert by_ev.answers == (Code.FAILED_UnknownSession,)
    (taken,) = session.observe(response, 0.2)
    assert (taken.kind, taken.who) == (Kind.RESPONSE_CODE, "secc")
    session.observe(request, 0.3)
    (by_secc,) = session.observe(replace(response, Header=foreign), 0.4)
    assert (by_secc.kind, by_secc.who) == (Kind.SESSION_ID, "secc")


def test_a_session_id_of_zero_is_the_seccs_fault():
    session = Session()
    follow(session, d.until_loop()[:1])
    request, response = d.setup_exchange()

    (wrong,) = follow(session, [(request, replace(response, Header=d.header(bytes(8))))])
    assert (wrong.kind, wrong.who) == (Kind.SESSION_ID, "secc")


def test_a_response_of_another_type_is_noticed():
    session = session_in_loop()
    session.observe(d.loop_request(Service.DC_BPT, DYNAMIC), 0.1)

    (wrong,) = session.observe(d.ok(cm.PowerDeliveryRes), 0.2)
    assert wrong.kind is Kind.RESPONSE_TYPE
    (unasked,) = session.observe(d.ok(cm.PowerDeliveryRes), 0.3)
    assert unasked.kind is Kind.RESPONSE_TYPE


def test_services_that_were_not_offered_need_their_codes():
    session = Session()
    follow(session, d.until_loop()[:5])
    (detail,) = session.wrong_with(d.ask(cm.ServiceDetailReq, ServiceID=99))
    follow(session, d.until_loop()[5:6])
    chosen = cm.SelectedServiceType(ServiceID=6, ParameterSetID=77)
    (selection,) = session.wrong_with(d.ask(cm.ServiceSelectionReq, SelectedEnergyTransferService=chosen))

    assert detail.answers == (Code.FAILED_ServiceIDInvalid,)
    assert selection.answers == (Code.FAILED_ServiceSelectionInvalid,)


def test_variants_of_the_other_service_are_wrong():
    session = Session()
    follow(session, d.until_loop(Service.DC_BPT)[:7])
    (discovery,) = session.wrong_with(d.parameter_exchange(Service.DC)[0])
    (loop,) = session_in_loop(Service.DC_BPT, DYNAMIC).wrong_with(d.loop_request(Service.DC_BPT, SCHEDULED))

    assert discovery.answers == (Code.FAILED_WrongChargeParameter,)
    assert loop.kind is Kind.VARIANT and Code.FAILED in loop.answers


def test_loop_limits_stay_within_those_of_charge_parameter_discovery():
    session = session_in_loop()
    found = follow(session, [d.loop_exchange(Service.DC_BPT, DYNAMIC, MaximumChargePower=12000, MinimumChargePower=0)])

    assert [(each.kind, each.requirement, each.who) for each in found] == [(Kind.LIMITS, "[V2G20-2654]", "secc")]


def test_the_sign_of_discharge_limits_must_not_change():
    session = session_in_loop()
    negative = {"MaximumDischargePower": -11000, "MaximumDischargeCurrent": -30}

    (wrong,) = follow(session, [d.loop_exchange(Service.DC_BPT, DYNAMIC, **negative)])
    assert wrong.kind is Kind.LIMITS and "sign" in wrong.expected


def test_meter_readings_are_given_when_asked_and_never_fall():
    session = session_in_loop()
    request, response = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    asking = replace(request, MeterInfoRequested=True)
    readings = [
        None,
        MeterInfoType(MeterID="m", ChargedEnergyReadingWh=9),
        MeterInfoType(MeterID="m", ChargedEnergyReadingWh=8),
    ]

    found = follow(session, [(asking, replace(response, MeterInfo=each)) for each in readings])
    assert [each.requirement for each in found] == ["[V2G20-1082]", "[V2G20-902]"]


def test_schedules_keep_the_points_the_ev_supports():
    session = Session()
    follow(session, d.until_loop(Service.DC, SCHEDULED)[:8])

    (wrong,) = follow(session, [d.schedule_exchange(SCHEDULED, entries=13)])
    assert wrong.kind is Kind.SCHEDULE and wrong.who == "secc"


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (d.profile(chosen=2), Code.FAILED_ScheduleSelectionInvalid),
        (d.profile(power=12000), Code.FAILED_EVPowerProfileInvalid),
    ],
)
def test_a_power_profile_belongs_to_an_offered_schedule(profile, code):
    session = Session()
    follow(session, d.until_loop(Service.DC, SCHEDULED)[:-1])

    (wrong,) = session.wrong_with(d.delivery(d.Progress.Start, EVPowerProfile=profile))
    assert wrong.answers == (code,)


def test_the_sequence_timer_is_short_in_the_loop_and_long_elsewhere():
    session = session_in_loop()
    request, response = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    follow(session, [(request, response)], now=10.0)

    assert session.deadline == pytest.approx(10.05 + 0.5)
    assert session.expire(10.5) == ()
    (late,) = session.expire(10.6)
    assert (late.who, late.kind) == ("evcc", Kind.TIMING)
    assert session.expire(11.0) == ()
    session.observe(request, 11.0)
    (kept,) = session.observe(response, 11.1)
    assert (kept.who, kept.kind) == ("secc", Kind.TIMING)


def test_a_late_response_is_noticed_once():
    session = session_in_loop()
    session.observe(d.loop_request(Service.DC_BPT, DYNAMIC), 1.0)

    (late,) = session.expire(1.6)
    assert late.who == "secc" and not late.confirmed
    assert session.observe(d.loop_exchange(Service.DC_BPT, DYNAMIC)[1], 1.7) == ()


def test_a_notification_has_to_be_followed_in_time():
    status = EVSEStatusType(NotificationMaxDelay=2, EVSENotification=Notice.Terminate)
    request, response = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    noted = request, replace(response, EVSEStatus=status)
    session = session_in_loop()

    follow(session, [noted] * 3)
    assert session.notification.deadline == pytest.approx(2.05)
    assert [each.kind for each in follow(session, [noted] * 21, now=0.3)] == [Kind.NOTIFICATION]
    session.observe(d.delivery(d.Progress.Stop), 2.5)
    assert session.notification is None


def test_a_paused_session_is_joined_with_all_it_knew():
    paused = session_in_loop()
    follow(paused, [d.delivery_exchange(d.Progress.Stop), d.ending_exchange(d.Ending.Pause)])
    assert paused.state is State.PAUSED
    resumed = Session(paused=paused)
    setup = cm.SessionSetupReq(Header=d.header(), EVCCID="X"), d.ok(cm.SessionSetupRes, Code.OK_OldSessionJoined)

    assert follow(resumed, [d.protocol_exchange(), setup]) == []
    assert resumed.state is State.CHARGE_PARAMETER_DISCOVERY
    assert (resumed.service, resumed.control_mode) == (paused.service, paused.control_mode)


def test_joining_a_session_that_was_never_paused_is_the_seccs_fault():
    session = Session()
    setup = cm.SessionSetupReq(Header=d.header(), EVCCID="X"), d.ok(cm.SessionSetupRes, Code.OK_OldSessionJoined)

    (wrong,) = follow(session, [d.protocol_exchange(), setup])
    assert wrong.who == "secc" and wrong.kind is Kind.SESSION_ID


def test_service_renegotiation_keeps_the_session_and_forgets_the_services():
    session = session_in_loop()
    follow(session, [d.delivery_exchange(d.Progress.Stop), d.ending_exchange(d.Ending.ServiceRenegotiation)])

    assert session.state is State.SERVICE_DISCOVERY
    assert session.session_id == d.ID and session.service is None
    assert follow(session, d.service_exchanges(Service.DC, SCHEDULED), now=1.0) == []


def test_standby_keeps_the_loop_until_started_again():
    session = session_in_loop()
    loop = d.loop_exchange(Service.DC_BPT, DYNAMIC)
    standby, start = d.delivery_exchange(d.Progress.Standby), d.delivery_exchange(d.Progress.Start)

    assert follow(session, [loop, standby, loop, start, loop]) == []
    assert session.state is State.CHARGE_LOOP


def test_a_refused_standby_changes_nothing():
    session = session_in_loop()

    follow(session, [d.delivery_exchange(d.Progress.Standby, Code.WARNING_StandbyNotAllowed)])
    assert session.state is State.CHARGE_LOOP


def test_a_request_before_the_response_is_judged_when_its_turn_comes():
    session = Session()
    (first, answer), (second, _) = d.protocol_exchange(), d.setup_exchange()

    assert session.observe(first, 0.0) == () and session.observe(second, 0.0) == ()
    assert session.observe(answer, 0.1) == ()
    assert session.pending is not None and session.pending.request is second


@pytest.mark.parametrize("limit", [{"MinimumChargePower": 12000}, {"MaximumChargeCurrent": -1}])
def test_contradicting_limits_of_the_ev_may_be_refused(limit):
    session = Session()
    follow(session, d.until_loop()[:7])
    element = d.limits(dc.BPT_DC_CPDReqEnergyTransferMode, "EV", **limit)

    wrong = session.wrong_with(d.ask(dc.DC_ChargeParameterDiscoveryReq, DC_CPDReqEnergyTransferMode=element))
    assert wrong and all(Code.FAILED_WrongChargeParameter in each.answers for each in wrong)


def test_one_v2x_energy_alone_is_wrong():
    request = d.loop_request(Service.DC_BPT, DYNAMIC, EVMinimumV2XEnergyRequest=rational(-500))

    (wrong,) = session_in_loop().wrong_with(request)
    assert wrong.requirement == "[V2G20-2681]"
