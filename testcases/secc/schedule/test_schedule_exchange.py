"""Schedule exchange: the control mode that was selected, schedules within what the EV reads, needs that make sense."""

from typing import Any

from harness.messages.common_messages import (
    Dynamic_SEReqControlModeType,
    Scheduled_SEReqControlModeType,
    ScheduleExchangeReq,
)
from harness.v2g.readings import most_schedule_entries, offered_tuples, soc_targets
from harness.vocabulary import (
    DC_BPT,
    DYNAMIC,
    SCHEDULED,
    SECC,
    Axis,
    Check,
    ControlMode,
    Evcc,
    answer,
    at_most,
    failure_of,
    rational,
    response_of,
    satisfies,
    test_case,
)

ENERGIES: dict[str, Any] = {
    "EVTargetEnergyRequest": rational(20_000),
    "EVMaximumEnergyRequest": rational(40_000),
    "EVMinimumEnergyRequest": rational(-5_000),
}


async def due_in(evcc: Evcc, mode: ControlMode, **decisions: object) -> None:
    """Go to schedule exchange with a control mode in a new session."""
    await evcc.close()
    evcc.policy = evcc.policy.replace(control_mode=mode, **decisions)
    await evcc.reach(ScheduleExchangeReq)


@test_case(
    "TC_SECC_Schedule_001",
    covers=("[V2G20-1058]", "V2G20:schedule-exchange-polling", "V2G20:exi-schema"),
    pics=(SECC.DC | SECC.DC_BPT) & SECC.SCHEDULED,
    detects=("secc-too-many-schedule-entries", "secc-repeats-schedule-tuple"),
)
async def test_schedules_fit_what_the_ev_reads(evcc: Evcc, check: Check) -> None:
    """SECC offers one to three schedules with no more entries than the EV can read.

    Given   sessions in scheduled control, in which schedule exchange is due
    when    the EV announces MaximumSupportingPoints 12 in one and 1024 in the other
    then    the SECC finishes with 1 to 3 tuples with ids of their own, whose schedules have at most that many entries
    """
    for points in (12, 1024):
        await due_in(evcc, SCHEDULED, supporting_points=points)
        seen = (await evcc.poll(ScheduleExchangeReq)).outcome
        check.that(seen, answer, response_of(ScheduleExchangeReq, "OK"))
        count = satisfies("1 to 3 tuples", lambda tuples: 1 <= len(tuples) <= 3)
        check.that(seen, offered_tuples, count, advice="Finished in scheduled control means that schedules are there.")
        own = satisfies(
            "every ScheduleTupleID once", lambda tuples: len({each.ScheduleTupleID for each in tuples}) == len(tuples)
        )
        check.that(seen, offered_tuples, own, requirement="[V2G20-1058]", advice="The EV chooses by ScheduleTupleID.")
        limit = at_most(points).because("MaximumSupportingPoints of the EV")
        check.that(
            seen, most_schedule_entries, limit, advice="Merge entries until the schedule fits; the EV keeps no more."
        )


@test_case(
    "TC_SECC_Schedule_002",
    covers=("[V2G20-1058]", "V2G20:exi-schema"),
    pics=SECC.DC_BPT & SECC.SCHEDULED,
    detects="secc-forgets-discharging-schedule",
    axis=Axis.FIELD,
)
async def test_bidirectional_schedules_say_what_may_be_discharged(evcc: Evcc, check: Check) -> None:
    """SECC adds a discharging schedule to the schedules of a bidirectional service.

    Given   a session with DC_BPT in scheduled control, in which schedule exchange is due
    when    the EV exchanges schedules
    then    at least one tuple holds a DischargingSchedule; without one no EV knows how much it may give
    """
    await due_in(evcc, SCHEDULED, service=DC_BPT)
    exchange = await evcc.poll(ScheduleExchangeReq)

    there = satisfies(
        "a DischargingSchedule in at least one tuple",
        lambda tuples: any(each.DischargingSchedule is not None for each in tuples),
    )
    advice = "The schema lets it be absent, and an EV then has no schedule to discharge by."
    check.that(exchange.outcome, offered_tuples, there, advice=advice, axis=Axis.FIELD)


@test_case(
    "TC_SECC_Schedule_003",
    covers="[V2G20-1600]",
    pics=(SECC.DC | SECC.DC_BPT) & SECC.DYNAMIC & SECC.SCHEDULED,
    detects="secc-takes-any-control-mode",
)
async def test_other_control_mode_than_selected_is_refused(evcc: Evcc, check: Check) -> None:
    """SECC refuses a schedule exchange in the control mode that was not selected.

    Given   a session with a dynamic parameter set, and one with a scheduled set, in which schedule exchange is due
    when    the EV sends ScheduleExchangeReq in the other mode
    then    the SECC answers ScheduleExchangeRes with FAILED
    """
    scheduled = {
        "Dynamic_SEReqControlMode": None,
        "Scheduled_SEReqControlMode": Scheduled_SEReqControlModeType(DepartureTime=7200, **ENERGIES),
    }
    dynamic = {
        "Dynamic_SEReqControlMode": Dynamic_SEReqControlModeType(DepartureTime=7200, **ENERGIES),
        "Scheduled_SEReqControlMode": None,
    }
    for selected, wrong, how in (
        (DYNAMIC, scheduled, "to a scheduled request after a dynamic parameter set was selected"),
        (SCHEDULED, dynamic, "to a dynamic request after a scheduled parameter set was selected"),
    ):
        await due_in(evcc, selected)
        asked = await evcc.ask(evcc.request(ScheduleExchangeReq, **wrong))
        check.that(
            asked.outcome,
            answer,
            failure_of(ScheduleExchangeReq, when=how),
            advice="Compare the member of the request with the ControlMode of the selected parameter set.",
        )


@test_case(
    "TC_SECC_Schedule_004",
    covers=("[V2G20-1640]", "[V2G20-2681]"),
    pics=(SECC.DC | SECC.DC_BPT) & SECC.DYNAMIC,
    detects=("secc-confuses-soc-targets", "secc-sequence-error-on-odd-needs"),
)
async def test_needs_that_make_no_sense_are_refused_or_put_right(evcc: Evcc, check: Check) -> None:
    """SECC refuses needs of the EV that contradict each other, or goes on without them.

    Given   sessions in dynamic control, in which schedule exchange is due
    when    the EV sends a MinimumSOC above its TargetSOC, and in another session one of the two V2X energies alone
    then    the SECC answers FAILED, FAILED_WrongChargeParameter or OK, and never says a MinimumSOC above TargetSOC itself
    """
    for fields, how in (
        ({"MinimumSOC": 90, "TargetSOC": 40}, "to MinimumSOC 90 and TargetSOC 40"),
        ({"EVMaximumV2XEnergyRequest": rational(10_000)}, "to EVMaximumV2XEnergyRequest without its counterpart"),
    ):
        await due_in(evcc, DYNAMIC)
        seen = (await evcc.ask(evcc.request(ScheduleExchangeReq, **fields))).outcome
        sound = response_of(ScheduleExchangeReq, "OK", "FAILED", "FAILED_WrongChargeParameter", when=how)
        check.that(seen, answer, sound, advice="Refuse such a message as a whole, or leave the contradictory part out.")
        ordered = satisfies("MinimumSOC at most TargetSOC", lambda pair: None in pair or pair[0] <= pair[1])
        if soc_targets(seen) is not None:
            check.that(
                seen, soc_targets, ordered, requirement="[V2G20-1640]", advice="Do not copy the EV's values unchecked."
            )
