"""The schedules that EVs in scheduled mode choose, as the CSMS hears of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.ocpp.station.bench import EV, Bench
from tests.ocpp.station.profiles import limit, profile

SCHEDULED = replace(EV, services=("DC",), control_mode="ScheduledControl", max_charge_power=9000.0)
TOLD = "NotifyEVChargingSchedule"


def steered(bench: Bench, *watts: float, number: int = 1, purpose: str = "TxProfile", **members: Any) -> None:
    """A profile whose periods begin a minute apart."""
    periods = [limit(each, start=60 * place) for place, each in enumerate(watts)]
    (running,) = bench.station.transactions.of_evse.values()
    if purpose == "TxProfile":
        members["transactionId"] = running.id
    start = {"id": 7, "startSchedule": bench.at(0)}
    one = profile(number, *periods, purpose=purpose, kind="Absolute", schedule=start, **members)
    sent = {"evseId": 1 if purpose == "TxProfile" else 0, "chargingProfile": one}
    assert bench.ask("SetChargingProfile", sent) == {"status": "Accepted"}


def limits(told: Any) -> list[tuple[int, float]]:
    return [(each["startPeriod"], each["limit"]) for each in told["chargingSchedule"]["chargingSchedulePeriod"]]


def test_what_the_ev_chooses_is_told_and_no_more_than_it_can_take() -> None:
    bench = Bench()
    bench.charge(SCHEDULED)
    steered(bench, 20_000, 4000)
    (told,) = bench.said(TOLD)
    assert limits(told) == [(0, 9000.0), (60, 4000.0)]
    assert (told["evseId"], told["selectedChargingScheduleId"], told["chargingSchedule"]["id"]) == (1, 7, 7)
    assert not bench.wrong


def test_only_another_schedule_is_told_again() -> None:
    bench = Bench()
    bench.charge(SCHEDULED)
    steered(bench, 4000, 3000)
    bench.run(20)
    steered(bench, 11_000, number=2, purpose="ChargingStationMaxProfile")
    assert len(bench.said(TOLD)) == 1
    steered(bench, 2000, number=3, purpose="ChargingStationMaxProfile", stackLevel=1)
    assert [limits(each) for each in bench.said(TOLD)] == [[(0, 4000.0), (60, 3000.0)], [(0, 2000.0)]]
    bench.ask("ClearChargingProfile", {"chargingProfileId": 3})
    assert limits(bench.said(TOLD)[-1]) == [(0, 4000.0), (40, 3000.0)]


def test_a_limit_of_the_site_is_another_schedule_too() -> None:
    bench = Bench()
    bench.charge(SCHEDULED)
    steered(bench, 4000)
    bench.station.charging.site.demand(1, bench.time, limit=1500.0)
    bench.talk()
    bench.station.charging.site.release(1, bench.time)
    bench.talk()
    assert [limits(each) for each in bench.said(TOLD)] == [[(0, 4000.0)], [(0, 1500.0)], [(0, 4000.0)]]


def test_a_default_is_chosen_by_its_own_id_and_the_next_ev_chooses_anew() -> None:
    bench = Bench()
    for place in (1, 2):
        bench.charge(SCHEDULED)
        steered(bench, 4000, purpose="TxDefaultProfile")
        assert [each["selectedChargingScheduleId"] for each in bench.said(TOLD)] == [7] * place
        bench.unplug()


def test_an_ev_in_dynamic_mode_chooses_nothing() -> None:
    bench = Bench()
    bench.charge(replace(SCHEDULED, control_mode="DynamicControl"))
    steered(bench, 4000)
    assert not bench.said(TOLD)
