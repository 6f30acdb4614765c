"""The start of power: only within the schedule that was offered, and never before the isolation test."""

from harness.messages.common_messages import (
    EVPowerProfileEntryListType,
    PowerDeliveryReq,
    PowerScheduleEntryType,
)
from harness.messages.dc import DC_CableCheckReq, DC_PreChargeReq
from harness.v2g.readings import kind, offered_tuples
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Axis,
    Check,
    Evcc,
    answer,
    equals,
    failure_of,
    number,
    rational,
    response_of,
    test_case,
)

NOBODYS_TUPLE = 4_000_000_000


@test_case(
    "TC_SECC_PowerDelivery_001",
    covers=("V2G20:cable-check-required", "[V2G20-459]"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-starts-without-cable-check", "secc-ignores-sequence"),
    lasts=3.0,
)
async def test_power_does_not_start_before_the_isolation_test(evcc: Evcc, check: Check) -> None:
    """SECC does not start power before cable check and precharge are done.

    Given   a session in which the cable check is due, and another in which precharge is due
    when    the EV sends PowerDeliveryReq with ChargeProgress Start
    then    the SECC answers FAILED_SequenceError
    """
    for due in (DC_CableCheckReq, DC_PreChargeReq):
        await evcc.close()
        await evcc.reach(due)
        asked = await evcc.ask(evcc.request(PowerDeliveryReq))
        check.that(
            asked.outcome,
            answer,
            failure_of(PowerDeliveryReq, "FAILED_SequenceError", when=f"while {due.__name__} is due"),
            advice="Start leads to power at the outlet: demand a finished cable check and precharge. Standby may skip them.",
        )


@test_case(
    "TC_SECC_PowerDelivery_002",
    covers="[V2G20-1058]",
    pics=(SECC.DC | SECC.DC_BPT) & SECC.SCHEDULED,
    detects=("secc-takes-any-schedule-tuple", "secc-fails-without-a-reason"),
    lasts=3.0,
)
async def test_schedule_that_was_not_offered_is_refused(evcc: Evcc, check: Check) -> None:
    """SECC refuses to start with a schedule that it did not offer.

    Given   a session in scheduled control after precharge
    when    the EV starts power delivery with a ScheduleTupleID that was not offered
    then    the SECC answers FAILED_ScheduleSelectionInvalid
    """
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED)
    await evcc.reach(PowerDeliveryReq)
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, SelectedScheduleTupleID=NOBODYS_TUPLE))

    refused = failure_of(PowerDeliveryReq, "FAILED_ScheduleSelectionInvalid", when="to a tuple that was not offered")
    check.that(asked.outcome, answer, refused, advice="Look the id up in the ScheduleExchangeRes of this session.")


@test_case(
    "TC_SECC_PowerDelivery_003",
    covers=("[V2G20-1864]", "[V2G20-1058]"),
    pics=(SECC.DC | SECC.DC_BPT) & SECC.SCHEDULED,
    detects="secc-takes-any-power-profile",
    lasts=4.0,
)
async def test_power_profile_above_the_schedule_is_refused(evcc: Evcc, check: Check) -> None:
    """SECC refuses a power profile that exceeds the schedule it belongs to.

    Given   a session in scheduled control after precharge
    when    the EV starts power delivery with a profile of twice the power that the chosen schedule begins with
    then    the SECC answers FAILED_EVPowerProfileInvalid (or warns of or fails for an EVPowerProfileViolation)
    """
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED)
    await evcc.reach(PowerDeliveryReq)
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, EVPowerProfileEntries=doubled(evcc)))

    codes = "FAILED_EVPowerProfileInvalid", "FAILED_EVPowerProfileViolation", "WARNING_EVPowerProfileViolation"
    noticed = response_of(PowerDeliveryReq, *codes, when="to a profile above the schedule")
    check.that(
        asked.outcome,
        answer,
        noticed.because("[V2G20-1864], known from one implementation", confirmed=False),
        advice="Compare the profile with the schedule, entry by entry; the site's fuse hangs on it.",
    )
    clean = failure_of(PowerDeliveryReq, when="to a profile above the schedule")
    check.that(
        asked.outcome, answer, clean, axis=Axis.FIELD, advice="A warning leaves the EV with a profile it may follow."
    )


@test_case(
    "TC_SECC_PowerDelivery_004",
    covers=("V2G20:one-response", "V2G20:exi-schema"),
    pics=(SECC.DC | SECC.DC_BPT) & SECC.SCHEDULED,
    detects="secc-needs-word-on-power-tolerance",
    lasts=4.0,
)
async def test_power_tolerance_need_not_be_accepted(evcc: Evcc, check: Check) -> None:
    """SECC answers a start that says nothing about the power tolerance.

    Given   a session in scheduled control after precharge
    when    the EV starts power delivery with an EVPowerProfile without the optional PowerToleranceAcceptance
    then    the SECC answers with PowerDeliveryRes, be it that it insists on the acceptance by its response code
    """
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED)
    await evcc.reach(PowerDeliveryReq)
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, PowerToleranceAcceptance=None))

    check.that(
        asked.outcome,
        kind,
        equals("PowerDeliveryRes"),
        advice="PowerToleranceAcceptance may be absent by the schema; a parser that demands it loses the whole message.",
    )


def doubled(evcc: Evcc) -> EVPowerProfileEntryListType:
    """A profile of twice the power with which the first offered schedule begins, at least 2 kW."""
    tuples = next(found for seen in reversed(list(evcc.trace)) if (found := offered_tuples(seen)))
    first = tuples[0].ChargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry[0]
    power = 2 * max(number(first.Power), 1000.0)
    return EVPowerProfileEntryListType(
        EVPowerProfileEntry=(PowerScheduleEntryType(Duration=first.Duration, Power=rational(power)),)
    )
