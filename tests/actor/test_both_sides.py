"""A charger on the stage with both its sides: the tester is its EV and its CSMS at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from harness.actor.stage import Stage, StageOptions
from harness.actor.tester_pki import TesterPki as Pki
from harness.device.description import load_description
from harness.errors import Inconclusive
from harness.link.observation import Sample
from harness.link.virtual import VirtualTimeLoop
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.mutants import find_mutant
from harness.resources import resource

DEVICES = resource("fixtures", "devices")
DESCRIPTION = load_description(DEVICES / "reference-charger-virtual.yaml")
PKI = Pki(DESCRIPTION, datetime.now(UTC))


def on_stage(role: str, story: Callable[[Stage], Awaitable[None]], mutant: str = "") -> None:
    async def play() -> None:
        options = StageOptions(virtual_time=True, mutant=find_mutant(mutant) if mutant else None)
        stage = Stage(DESCRIPTION, PKI, options, role=role)
        await stage.set_up()
        try:
            await story(stage)
        finally:
            await stage.tear_down()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(play())


def actions(stage: Stage) -> list[str]:
    frames = [seen.message for seen in stage.timeline.trace.link("ocpp")]
    return [frame.action for frame in frames if getattr(frame, "number", None) == 2]


def test_what_a_station_case_plugs_in_is_an_ev_over_v2g() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.charging("charge_only")
        chosen = [seen.message for seen in stage.evcc.trace.of(cm.ServiceSelectionReq)]
        assert [each.SelectedEnergyTransferService.ServiceID for each in chosen] == [2]
        await stage.station.watch(6.0)
        assert stage.timeline.trace.of(Sample)[-1].message.power > 5_000.0
        await stage.station.unplug()
        await stage.station.watch(3.0)
        assert abs(stage.timeline.trace.of(Sample)[-1].message.power) < 1.0
        assert "NotifyEvent" in actions(stage)[-2:]

    on_stage("station", story)


def test_an_ev_that_waits_is_patient() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.plug_in()
        await stage.station.watch(120.0)
        assert len(stage.evcc.trace.of(cm.SessionSetupReq)) == 1
        await stage.station.authorise()
        await stage.station.watch(15.0)
        assert stage.evcc.trace.of(dc.DC_ChargeLoopRes)

    on_stage("station", story)


def test_the_tester_has_one_ev_of_each_kind_but_the_basic_one() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        for ev, evse in (("basic", 1), ("any", 2)):
            with pytest.raises(Inconclusive, match="the tester's own EV"):
                await stage.station.plug_in(ev, evse)

    on_stage("station", story)


def test_an_ev_that_is_full_stops_taking() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.charging("nearly_full")
        await stage.station.watch(90.0)
        assert stage.evcc.inlet.soc >= 0.999
        assert stage.timeline.trace.of(Sample)[-1].message.power < 100.0

    on_stage("station", story)


def test_the_setpoint_of_an_secc_case_goes_the_way_over_the_csms() -> None:
    async def story(stage: Stage) -> None:
        await stage.secc.ask_to_discharge(4_000.0)
        loop = await stage.evcc.charge_loop()
        await loop.run(seconds=6.0)
        assert stage.timeline.trace.of(Sample)[-1].message.power == pytest.approx(-4_000.0, abs=150.0)
        await stage.secc.hold_below(1_000.0)
        await loop.run(seconds=4.0)
        assert stage.timeline.trace.of(Sample)[-1].message.power == pytest.approx(-1_000.0, abs=150.0)
        assert actions(stage).count("SetChargingProfile") == 2

    on_stage("secc", story)


def test_a_station_that_refuses_leaves_an_secc_case_inconclusive() -> None:
    async def story(stage: Stage) -> None:
        await stage.evcc.charge_loop()
        with pytest.raises(Inconclusive, match="did not take what the CSMS asks for"):
            await stage.secc.ask_to_charge(4_000.0)

    on_stage("secc", story, mutant="station-refuses-profiles")


def test_a_paused_ev_keeps_its_transaction() -> None:
    async def story(stage: Stage) -> None:
        await stage.evcc.charge_loop()
        await stage.evcc.pause()
        await asyncio.sleep(5.0)
        await stage.evcc.resume()
        await stage.evcc.charge_loop()
        events = [
            seen.message.payload for seen in stage.timeline.trace.link("ocpp") if seen.name == "TransactionEvent.req"
        ]
        assert [each["eventType"] for each in events].count("Started") == 1
        assert "Ended" not in [each["eventType"] for each in events]

    on_stage("secc", story)


def test_a_session_that_the_tester_was_too_slow_to_hold_is_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.charging()
        assert stage.late == ""
        stage.evcc.policy = stage.evcc.policy.replace(loop_period=0.9)  # the SECC waits 0.5 s
        await stage.station.watch(3.0)
        assert "the tester was late" in stage.late

    on_stage("station", story)


def test_an_ev_that_leaves_during_the_cable_check_spoils_nothing_for_the_next() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.plug_in()
        await stage.station.authorise()
        await stage.station.watch(0.7)
        assert stage.evcc.trace.of(dc.DC_CableCheckRes) and not stage.evcc.trace.of(dc.DC_PreChargeReq)
        await stage.station.unplug()
        await stage.station.watch(5.0)
        await stage.station.charging()

    on_stage("station", story)


def test_a_power_cycle_takes_both_sides_down_and_up() -> None:
    async def story(stage: Stage) -> None:
        await stage.station.ready()
        await stage.station.power_cycle()
        await stage.station.watch(30.0)
        assert actions(stage).count("BootNotification") == 2
        await stage.station.charging()

    on_stage("station", story)


@pytest.mark.parametrize(
    ("own", "secc"), [("reference-charger", "reference-secc"), ("reference-charger-virtual", "reference-secc-virtual")]
)
def test_the_charger_claims_what_its_sides_claim(own: str, secc: str) -> None:
    charger, alone = load_description(DEVICES / f"{own}.yaml"), load_description(DEVICES / f"{secc}.yaml")
    station = load_description(DEVICES / "reference-station.yaml")
    assert charger.claims == alone.claims | station.claims
    assert charger.pixit.station == station.pixit.station
    assert charger.pixit.secc.model_copy(update={"authorisation": "free"}) == alone.pixit.secc
