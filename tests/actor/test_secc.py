"""The reference charger through whole sessions, over memory, in virtual time."""

# ruff: noqa: ARG001 - every story is told with a place and an EV
from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.link.observation import Closed, Event, Silence
from harness.link.transport import Address
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.quantity import number, rational
from harness.v2g import sdp
from harness.v2g.secc_settings import Authorisation, MobilityNeeds, Offer
from harness.v2g.sequence import State
from harness.v2g.services import ControlMode, Service
from harness.v2g.session import Session
from tests.actor.ev import PLAIN, in_virtual_time, yard
from tests.v2g import dialogue as d

Code = d.Code


def story(**decisions):
    """Let the decorated coroutine function run in virtual time with a yard and its first car."""
    settings = decisions.pop("settings", PLAIN)

    def decorate(told):
        def test():
            async def run():
                async with yard(settings, soc=decisions.get("soc", 0.5)) as place:
                    more = {name: value for name, value in decisions.items() if name != "soc"}
                    await told(place, await place.arrive(**more))

            in_virtual_time(run)

        test.__name__ = told.__name__
        return test

    return decorate


def live(place):
    """Whether the output contactors are closed now."""
    place.secc.meter()
    return place.secc.stage.contactors_closed


@pytest.mark.parametrize("mode", ControlMode)
@pytest.mark.parametrize("service", [Service.DC, Service.DC_BPT])
def test_an_ordinary_session_has_no_violation(service, mode):
    @story(service=service, mode=mode)
    async def told(place, ev):
        response = await ev.whole_session()
        assert response.ResponseCode is Code.OK
        assert ev.violations == []
        assert ev.battery.soc > 0.5
        assert place.secc.meter().energy_import > 5

    told()


@story()
async def test_it_charges_to_the_target_without_a_setpoint(place, ev):
    await ev.until_loop()
    response = await ev.loop(4)

    assert number(response.EVSEPresentCurrent) == pytest.approx(30, abs=0.3)
    assert place.secc.meter().power > 11000


@story()
async def test_it_follows_the_setpoint_in_both_directions_at_the_grid(place, ev):
    await ev.until_loop()
    for watts in (-5000, 5000, -2000, 0):
        place.secc.set_setpoint(watts)
        response = await ev.loop(5)
        assert place.secc.meter().power == pytest.approx(watts, abs=30)
        assert number(response.EVSEPresentCurrent) * watts >= 0
    assert ev.violations == []


@story()
async def test_it_keeps_discharge_limits_that_the_ev_lowers_in_the_loop(place, ev):
    await ev.until_loop()
    place.secc.set_setpoint(-9000)
    await ev.loop(4)
    await ev.loop(4, EVMaximumDischargePower=rational(2000))

    assert place.secc.meter().current * place.secc.meter().voltage == pytest.approx(-2000, abs=20)


@pytest.mark.parametrize(
    "changes",
    [
        {"EVMinimumEnergyRequest": rational(0)},
        {"EVMinimumV2XEnergyRequest": rational(100), "EVMaximumV2XEnergyRequest": rational(9000)},
        {"DepartureTime": 0},
        {"EVMaximumDischargePower": rational(0)},
        {"EVMinimumVoltage": rational(400)},
    ],
)
def test_it_stops_discharging_where_the_ev_ends_it(changes):
    @story()
    async def told(place, ev):
        await ev.until_loop()
        place.secc.set_setpoint(-5000)
        await ev.loop(4)
        assert place.secc.meter().power < -4900
        await ev.loop(2, **changes)
        assert place.secc.meter().power == 0

    told()


@story(service=Service.DC)
async def test_it_never_discharges_without_the_bidirectional_service(place, ev):
    await ev.until_loop()
    place.secc.set_setpoint(-5000)
    await ev.loop(4)

    assert place.secc.meter().power == 0


@story(mode=ControlMode.SCHEDULED, amperes=-80.0)
async def test_it_clips_targets_to_its_limits_and_says_so(place, ev):
    await ev.until_loop()
    response = await ev.loop(4, EVMaximumDischargeCurrent=rational(100), EVMaximumDischargePower=rational(30000))

    assert number(response.EVSEPresentCurrent) == pytest.approx(-60, abs=0.2)
    assert response.EVSECurrentLimitAchieved and not response.EVSEVoltageLimitAchieved


@story()
async def test_a_site_limit_holds_in_both_directions(place, ev):
    await ev.until_loop()
    place.secc.set_limit(3000)
    response = await ev.loop(4)
    assert place.secc.meter().power == pytest.approx(3000, abs=20)
    assert response.EVSEPowerLimitAchieved
    place.secc.set_setpoint(-9000)
    await ev.loop(4)
    assert place.secc.meter().power == pytest.approx(-3000, abs=20)
    assert ev.violations == []


@story()
async def test_a_stop_leaves_the_outlet_without_voltage(place, ev):
    await ev.whole_session()
    sample = place.secc.meter()

    assert (sample.power, sample.current) == (0, 0)
    assert sample.voltage < 60
    assert isinstance((await ev.link.receive(ev.clock.now() + 10)).message, Closed)


@story()
async def test_tcp_is_closed_five_seconds_after_the_final_response(place, ev):
    await ev.whole_session()
    ended = ev.clock.now()
    closed = await ev.link.receive(ended + 20)

    assert isinstance(closed.message, Closed)
    assert closed.at - ended == pytest.approx(5.0, abs=0.1)


@story()
async def test_the_loop_ends_half_a_second_after_the_last_response(place, ev):
    await ev.until_loop()
    await ev.loop(2)
    silent = ev.clock.now() - 0.2
    closed = await ev.link.receive(silent + 20)

    assert closed.at - silent == pytest.approx(0.5, abs=0.05)
    await asyncio.sleep(2)
    assert place.secc.meter().power == 0 and not live(place)


@story()
async def test_elsewhere_it_waits_sixty_seconds(place, ev):
    await ev.until_parameters()
    silent = ev.clock.now()
    closed = await ev.link.receive(silent + 100)

    assert closed.at - silent == pytest.approx(60.0, abs=0.1)


@story()
async def test_a_broken_connection_switches_the_output_off(place, ev):
    await ev.until_loop()
    await ev.loop(3)
    await ev.link.transport.abort()
    await asyncio.sleep(1.5)

    assert place.secc.meter().power == 0 and not live(place)
    again = await place.arrive()
    assert (await again.set_up()).ResponseCode is Code.OK_NewSessionEstablished


@story()
async def test_a_second_ev_is_turned_away_while_the_first_is_served(place, ev):
    await ev.until_parameters()
    second = await place.arrive()

    assert isinstance(await second.ask(d.sap()), Closed)
    assert (await ev.prepare()).ResponseCode is Code.OK


@story()
async def test_every_request_out_of_sequence_gets_its_own_failure(place, ev):
    requests = [
        d.ask(cm.AuthorizationSetupReq), d.authorization_exchanges()[1][0], d.ask(cm.ServiceDiscoveryReq),
        d.ask(cm.ServiceDetailReq), d.ask(cm.ServiceSelectionReq), d.parameter_exchange(2)[0], d.parameter_exchange(6)[0],
        d.schedule_exchange(ControlMode.SCHEDULED)[0], d.schedule_exchange(ControlMode.DYNAMIC)[0],
        d.ask(dc.DC_CableCheckReq), d.ask(dc.DC_PreChargeReq), d.delivery(d.Progress.Start),
        *(d.loop_request(service, mode) for service in (2, 6) for mode in ControlMode),
        d.ask(dc.DC_WeldingDetectionReq), d.ending_exchange()[0],
    ]  # fmt: skip
    for request in requests:
        car = await place.arrive() if ev.session.pending or ev.session.over else ev
        ev = car
        await ev.ask(d.sap())
        response = await ev.ask(request)
        assert type(response).__name__ == type(request).__name__[:-3] + "Res"
        assert response.ResponseCode is Code.FAILED_SequenceError
        assert [each.who for each in ev.violations] == ["evcc"]
        await ev.link.close()
        await asyncio.sleep(0.1)


@story()
async def test_a_request_of_another_energy_mode_is_out_of_sequence(place, ev):
    from harness.messages import ac

    await ev.until_parameters()
    element = d.limits(ac.AC_CPDReqEnergyTransferMode, "EV")
    response = await ev.ask(d.ask(ac.AC_ChargeParameterDiscoveryReq, AC_CPDReqEnergyTransferMode=element))

    assert isinstance(response, ac.AC_ChargeParameterDiscoveryRes)
    assert response.ResponseCode is Code.FAILED_SequenceError


@story()
async def test_a_foreign_session_id_ends_the_session(place, ev):
    await ev.until_loop()
    response = await ev.ask(ev.loop_request(), session_id=bytes(8))

    assert response.ResponseCode is Code.FAILED_UnknownSession
    await asyncio.sleep(1.5)
    assert not live(place)


@story()
async def test_garbage_ends_the_session_without_an_answer(place, ev):
    await ev.until_loop()
    await ev.link.send_octets(bytes.fromhex("01fe800400000004ffffffff"), "no EXI")

    assert isinstance((await ev.link.receive(ev.clock.now() + 3)).message, Closed)
    await asyncio.sleep(1.5)
    assert not live(place)


@pytest.mark.parametrize(
    ("entries", "code", "schema"),
    [
        ([d.protocol(priority=2, schema=9), d.protocol("urn:iso:std:iso:15118:-20:AC", schema=3)], "OK_SuccessfulNegotiation", 9),
        ([d.protocol(priority=5, schema=200, minor=3)], "OK_SuccessfulNegotiationWithMinorDeviation", 200),
        ([d.protocol(priority=5, schema=4), d.protocol(priority=2, schema=5)], "OK_SuccessfulNegotiation", 5),
        ([d.protocol(major=2)], "Failed_NoNegotiation", None),
    ],
)  # fmt: skip
def test_it_takes_the_protocol_that_the_ev_ranks_best(entries, code, schema):
    @story()
    async def told(_, ev):
        response = await ev.ask(d.sap(*entries))
        assert (response.ResponseCode.name, response.SchemaID) == (code, schema)
        assert ev.violations == []

    told()


@story(settings=replace(PLAIN, authorisation=Authorisation("on_site")))
async def test_authorisation_waits_for_the_site(place, ev):
    await ev.set_up()
    setup, request = (exchange[0] for exchange in d.authorization_exchanges())
    await ev.ask(setup)
    assert (await ev.ask(request)).EVSEProcessing is not d.FINISHED
    place.secc.reject_authorisation()
    assert (await ev.ask(request)).ResponseCode is Code.WARNING_EIMAuthorizationFailure
    place.secc.authorise()
    assert (await ev.ask(request)).ResponseCode is Code.OK
    assert ev.violations == []


@story(settings=replace(PLAIN, authorisation=Authorisation("on_site", patience=10)))
async def test_a_user_who_does_not_come_is_refused(place, ev):
    await ev.set_up()
    setup, request = (exchange[0] for exchange in d.authorization_exchanges())
    await ev.ask(setup)
    await ev.ask(request)
    await asyncio.sleep(11)

    assert (await ev.ask(request)).ResponseCode is Code.WARNING_EIMAuthorizationFailure


@story(settings=replace(PLAIN, offer=Offer(value_added=(65,), mobility_needs=MobilityNeeds())))
async def test_services_are_offered_as_configured(place, ev):
    await ev.set_up()
    await ev.follow(d.authorization_exchanges())
    wanted = cm.ServiceIDListType(ServiceID=(6, 4711))
    found = await ev.ask(d.ask(cm.ServiceDiscoveryReq, SupportedServiceIDs=wanted))
    assert [each.ServiceID for each in found.EnergyTransferServiceList.Service] == [6] and found.VASList is None
    await ev.ask(d.ask(cm.ServiceDiscoveryReq))
    internet = await ev.ask(d.ask(cm.ServiceDetailReq, ServiceID=65))
    details = await ev.ask(d.ask(cm.ServiceDetailReq, ServiceID=6))
    assert len(internet.ServiceParameterList.ParameterSet) == 2
    assert len(details.ServiceParameterList.ParameterSet) == 3
    ev.mode = 3
    await ev.ask(
        d.ask(
            cm.ServiceSelectionReq, SelectedEnergyTransferService=cm.SelectedServiceType(ServiceID=6, ParameterSetID=3)
        )
    )
    ev.mode = ControlMode.DYNAMIC
    await ev.ask(d.parameter_exchange(6)[0])
    needs = (await ev.ask(d.schedule_exchange(ControlMode.DYNAMIC)[0])).Dynamic_SEResControlMode
    assert (needs.MinimumSOC, needs.TargetSOC) == (30, 80)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"MinimumChargePower": 12000}, Code.FAILED_WrongChargeParameter),
        ({"MaximumVoltage": 100, "MinimumVoltage": 50}, Code.FAILED_WrongChargeParameter),
        ({"MaximumDischargePower": -11000, "MaximumDischargeCurrent": -30}, Code.OK),
    ],
)
def test_charge_parameters_are_checked(limits, code):
    @story()
    async def told(_, ev):
        await ev.until_parameters()
        element = d.limits(dc.BPT_DC_CPDReqEnergyTransferMode, "EV", **limits)
        response = await ev.ask(d.ask(dc.DC_ChargeParameterDiscoveryReq, DC_CPDReqEnergyTransferMode=element))
        assert response.ResponseCode is code

    told()


@story(mode=ControlMode.SCHEDULED)
async def test_schedules_fit_what_the_ev_asked_for(place, ev):
    await ev.until_parameters()
    await ev.ask(d.parameter_exchange(6)[0])
    asked = cm.Scheduled_SEReqControlModeType(DepartureTime=3600)
    request = d.ask(cm.ScheduleExchangeReq, MaximumSupportingPoints=12, Scheduled_SEReqControlMode=asked)
    tuples = (await ev.ask(request)).Scheduled_SEResControlMode.ScheduleTuple

    assert [each.ScheduleTupleID for each in tuples] == [1, 2]
    for each in tuples:
        entries = each.ChargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry
        assert sum(entry.Duration for entry in entries) == 3600
        assert number(each.DischargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry[0].Power) < 0


@story(settings=replace(PLAIN, insulation=10_000.0))
async def test_poor_insulation_ends_the_session_in_the_cable_check(place, ev):
    await ev.until_parameters()
    await ev.ask(d.parameter_exchange(6)[0])
    await ev.ask(d.schedule_exchange(ControlMode.DYNAMIC)[0])

    assert (await ev.check_cable()).ResponseCode is Code.FAILED


@story()
async def test_no_power_flows_when_precharge_ended_far_from_the_battery(place, ev):
    await ev.until_parameters()
    await ev.ask(d.parameter_exchange(6)[0])
    await ev.ask(d.schedule_exchange(ControlMode.DYNAMIC)[0])
    await ev.check_cable()
    volts = {"EVPresentVoltage": rational(355), "EVTargetVoltage": rational(100)}
    await ev.ask(d.ask(dc.DC_PreChargeReq, EVProcessing=d.FINISHED, **volts))
    await asyncio.sleep(2)

    assert (await ev.start()).ResponseCode is Code.FAILED_PowerDeliveryNotApplied


@pytest.mark.parametrize(("kind", "ending"), [("Terminate", d.Ending.Terminate), ("Pause", d.Ending.Pause)])
def test_a_notification_counts_down_and_is_followed(kind, ending):
    @story()
    async def told(place, ev):
        await ev.until_loop()
        place.secc.notify(kind, 10)
        first = await ev.loop(0.2)
        later = await ev.loop(3)
        assert first.EVSEStatus.EVSENotification.name == kind
        assert (first.EVSEStatus.NotificationMaxDelay, later.EVSEStatus.NotificationMaxDelay) == (10, 7)
        assert (await ev.stop(ending)).ResponseCode is Code.OK
        assert ev.violations == []

    told()


@story()
async def test_an_ev_that_ignores_a_notification_is_switched_off(place, ev):
    await ev.until_loop()
    place.secc.notify("Terminate", 2)
    response = await ev.loop(5)

    assert response.ResponseCode is Code.FAILED
    await asyncio.sleep(1.5)
    assert not live(place)


@story()
async def test_schedule_renegotiation_may_be_left_undone(place, ev):
    await ev.until_loop()
    place.secc.notify("ScheduleRenegotiation", 1)
    response = await ev.loop(4)

    assert response.ResponseCode is Code.OK and response.EVSEStatus is None


@story()
async def test_service_renegotiation_leads_to_another_service_in_the_same_session(place, ev):
    await ev.until_loop()
    place.secc.notify("ServiceRenegotiation", 10)
    await ev.loop(1)
    kept = ev.session.session_id
    await ev.stop(d.Ending.ServiceRenegotiation)
    ev.service = Service.DC
    await ev.choose_service()
    await ev.prepare()
    await ev.start()
    response = await ev.loop(3)

    assert ev.violations == [] and ev.session.session_id == kept
    assert number(response.EVSEPresentCurrent) > 20


@story(settings=replace(PLAIN, offer=Offer(renegotiable=False)))
async def test_renegotiation_that_is_not_supported_fails(place, ev):
    await ev.until_loop()
    await ev.loop(1)

    assert (await ev.stop(d.Ending.ServiceRenegotiation)).ResponseCode is Code.FAILED_NoServiceRenegotiationSupported


@story()
async def test_standby_keeps_the_session_without_power(place, ev):
    await ev.until_loop()
    await ev.loop(2)
    await ev.ask(d.delivery(d.Progress.Standby))
    await ev.loop(2)
    assert place.secc.meter().power == 0
    await ev.start()
    await ev.loop(2)
    assert place.secc.meter().power > 5000
    assert ev.violations == []


@story(settings=replace(PLAIN, standby_allowed=False))
async def test_standby_that_is_not_allowed_changes_nothing(place, ev):
    await ev.until_loop()
    response = await ev.ask(d.delivery(d.Progress.Standby))
    await ev.loop(3)

    assert response.ResponseCode is Code.WARNING_StandbyNotAllowed
    assert place.secc.meter().power > 5000


@story()
async def test_a_paused_session_is_resumed_by_the_same_ev_only(place, ev):
    await ev.until_loop()
    await ev.loop(4)
    await ev.stop(d.Ending.Pause)
    old = ev.session
    await ev.link.close()
    await asyncio.sleep(600)

    stranger = await place.arrive(evccid="EV2", session=Session(paused=old))
    await stranger.ask(d.sap())
    refused = await stranger.ask(cm.SessionSetupReq(Header=d.header(), EVCCID="EV2"), session_id=old.session_id)
    assert refused.ResponseCode is Code.OK_NewSessionEstablished
    await stranger.link.close()
    await asyncio.sleep(1)

    again = await place.arrive(session=Session(paused=old))
    await again.ask(d.sap())
    joined = await again.ask(cm.SessionSetupReq(Header=d.header(), EVCCID="EV1"), session_id=old.session_id)
    assert joined.ResponseCode is Code.OK_OldSessionJoined and joined.Header.SessionID == old.session_id
    await again.prepare()
    await again.start()
    first = await again.loop(0.2)
    assert first.MeterInfo.ChargedEnergyReadingWh >= old.meter_info.ChargedEnergyReadingWh + 5
    assert again.violations == []


@story(settings=replace(PLAIN, pause_allowed=False))
async def test_a_pause_that_is_not_allowed_fails(place, ev):
    await ev.until_loop()
    await ev.loop(1)

    assert (await ev.stop(d.Ending.Pause)).ResponseCode is Code.FAILED_PauseNotAllowed


@story()
async def test_meter_readings_come_first_and_when_asked_and_agree_with_physics(place, ev):
    await ev.until_loop()
    before = place.secc.meter()
    first = await ev.ask(ev.loop_request())
    assert first.MeterInfo.ChargedEnergyReadingWh == 0
    assert (await ev.loop(20)).MeterInfo is None
    place.secc.set_setpoint(-5000)
    await ev.loop(20)
    response = await ev.ask(replace(ev.loop_request(), MeterInfoRequested=True))
    after = place.secc.meter()
    assert response.MeterInfo.ChargedEnergyReadingWh == int(after.energy_import - before.energy_import)
    assert response.MeterInfo.BPT_DischargedEnergyReadingWh == int(after.energy_export - before.energy_export) > 10


@story()
async def test_a_power_cycle_forgets_sessions_and_comes_back_where_it_was(place, ev):
    await ev.until_loop()
    await ev.loop(2)
    at = place.secc.address
    await place.secc.power_cycle()

    assert place.secc.address == at
    assert isinstance(await ev.ask(ev.loop_request()), Closed)
    again = await place.arrive()
    assert (await again.set_up()).ResponseCode is Code.OK_NewSessionEstablished


@story()
async def test_sdp_tells_where_it_listens_and_that_it_is_plain(place, ev):
    client = await place.network.datagrams()
    await client.send(sdp.encode(sdp.SdpRequest(sdp.Security.NONE)), Address(sdp.ALL_NODES, sdp.SERVER_PORT))
    octets, _ = await client.receive()
    found = sdp.decode(octets)

    assert (found.port, found.security) == (place.secc.address.port, sdp.Security.NONE)


@story()
async def test_session_ids_are_fresh(place, ev):
    seen = set()
    await ev.link.close()
    for _ in range(20):
        car = await place.arrive()
        seen.add((await car.set_up()).Header.SessionID)
        await car.link.close()
        await asyncio.sleep(0.1)

    assert len(seen) == 20 and bytes(8) not in seen


@story()
async def test_a_stop_in_every_phase_is_answered_and_safe(place, ev):
    await ev.link.close()
    phases = [
        lambda car: car.set_up(),
        lambda car: car.until_parameters(),
        lambda car: car.until_loop(),
    ]
    for phase in phases:
        car = await place.arrive()
        await phase(car)
        response = await car.ask(d.ending_exchange()[0])
        assert response.ResponseCode is Code.OK and car.session.state is State.ENDED
        await asyncio.sleep(2)
        assert not live(place)
        car.battery.contactor_closed = False
        await car.link.close()
        await asyncio.sleep(0.1)


@story()
async def test_an_ev_that_never_speaks_is_let_go(place, ev):
    silent = ev.clock.now()
    seen = await ev.link.receive(silent + 200)

    assert isinstance(seen.message, Event) and not isinstance(seen.message, Silence)
