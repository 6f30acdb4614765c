"""Notifications: what the charger asks of the EV by EVSEStatus, and how it takes the EV's reaction."""

from itertools import pairwise

from harness.messages.common_messages import (
    PowerDeliveryReq,
    ServiceDiscoveryReq,
    SessionStopReq,
    chargeProgressType,
    chargingSessionType,
)
from harness.messages.common_types import evseNotificationType as Notice
from harness.messages.dc import DC_ChargeLoopReq
from harness.v2g.readings import notification, notification_delay
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Axis,
    ChargeLoop,
    Check,
    Evcc,
    Observation,
    SeccUnderTest,
    answer,
    at_most,
    equals,
    no_service,
    response_of,
    test_case,
)

SAY = "Put EVSEStatus into each loop response from the moment the charger wants something until the EV follows."


async def notified(
    evcc: Evcc, secc: SeccUnderTest, check: Check, loop: ChargeLoop, kind: Notice, delay: int
) -> Observation | None:
    """Make the charger send a notification and judge how it says it; the first response that carries it, or None."""
    asked = await secc.notify(kind, delay)
    await loop.run(seconds=secc.pixit.reaction_time + 1.2)
    said = secc.seen.since(asked.at).where(lambda seen: notification(seen) is not None)
    first = said[0] if said else None
    due = asked.at + secc.pixit.reaction_time + evcc.policy.loop_period + secc.pixit.transmission_delay
    check.that(first, notification, equals(kind.value), advice=SAY)
    check.holds(
        first is not None and first.at <= due,
        expected=f"EVSENotification {kind.value} within the PIXIT's reaction_time",
        actual=f"after {first.at - asked.at:.2f} s" if first else "none",
        seen=first,
        advice=SAY,
    )
    if first is not None:
        check.every(said, notification_delay, at_most(delay, "s"), advice="NotificationMaxDelay is what is left.")
        counts = [delay_of for each in said if (delay_of := notification_delay(each)) is not None]
        check.holds(
            all(later <= before for before, later in pairwise(counts)) and (counts[-1] < counts[0] or delay == 0),
            expected="a NotificationMaxDelay that counts down while it is repeated",
            actual=", ".join(map(str, counts)),
            seen=said[-1],
            axis=Axis.FIELD,
            confirmed=False,
            advice="An EV that reads a delay anew in each response never comes to its end.",
        )
    return first


async def in_the_loop(evcc: Evcc) -> ChargeLoop:
    """A loop in scheduled mode with a small current."""
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=10.0)
    return await evcc.charge_loop()


NOTIFYING = SECC.NOTIFICATION & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT)


@test_case(
    "TC_SECC_Notification_001",
    covers=("V2G20:notification-sent", "V2G20:pause"),
    pics=NOTIFYING & SECC.PAUSE,
    needs="notify",
    detects=(
        "secc-never-notifies",
        "secc-notifies-other-wish",
        "secc-counts-delay-up",
        "secc-notifies-without-delay",
        "secc-refuses-pause",
    ),
    lasts=4.5,
)
async def test_a_wish_to_pause_is_notified_and_followed(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC notifies Pause in the loop, and pauses when the EV follows.

    Given   a session in the charge loop
    when    the charger is made to ask for a pause within 60 s, and the EV follows with Stop and SessionStop(Pause)
    then    EVSEStatus says Pause in time, with a delay that counts down, and the pause is granted
    """
    loop = await in_the_loop(evcc)
    await notified(evcc, secc, check, loop, Notice.Pause, 60)
    await evcc.stop_power()
    ended = await evcc.ask(evcc.request(SessionStopReq, ChargingSession=chargingSessionType.Pause))
    check.that(ended.outcome, answer, response_of(SessionStopReq, "OK"), advice="Grant the pause you asked for.")


@test_case(
    "TC_SECC_Notification_002",
    covers="V2G20:notification-sent",
    pics=NOTIFYING,
    needs="notify",
    detects=("secc-never-notifies", "secc-notifies-other-wish"),
    lasts=5.5,
)
async def test_a_wish_to_terminate_is_notified_and_followed(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC notifies Terminate in the loop, and ends the session cleanly when the EV follows.

    Given   a session in the charge loop
    when    the charger is made to ask for the end within 10 s, and the EV follows with Stop, welding detection and
            SessionStop(Terminate)
    then    EVSEStatus says Terminate in time, and every step is answered with OK
    """
    loop = await in_the_loop(evcc)
    await notified(evcc, secc, check, loop, Notice.Terminate, 10)
    stop = evcc.request(PowerDeliveryReq, ChargeProgress=chargeProgressType.Stop, EVPowerProfile=None)
    check.that((await evcc.ask(stop)).outcome, answer, response_of(PowerDeliveryReq, when="to Stop"))
    evcc.inlet.disconnect()
    await evcc.detect_welding()
    ended = await evcc.ask(evcc.request(SessionStopReq))
    check.that(ended.outcome, answer, response_of(SessionStopReq, "OK"))


@test_case(
    "TC_SECC_Notification_003",
    covers="V2G20:notification-unheeded",
    pics=NOTIFYING,
    needs=("notify", "power"),
    detects="secc-never-enforces-terminate",
    lasts=6.5,
)
async def test_a_termination_that_the_ev_ignores_is_enforced(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC ends the power by itself when the EV ignores Terminate.

    Given   a session that charges, in which the charger asks for the end within 2 s
    when    the EV goes on with its charge loop as if nothing was said
    then    after the delay and the settling time the SECC has ended the session, or lets no more energy flow
    """
    loop = await in_the_loop(evcc)
    await loop.settle(secc.expects.current(10.0, evcc.inlet.voltage), within=secc.settling)
    asked = await secc.notify(Notice.Terminate, 2)
    last = await loop.endure(secc.pixit.reaction_time + 2.0 + secc.settling)

    check.holds(
        any(notification(seen) == Notice.Terminate.value for seen in secc.seen.since(asked.at)),
        expected="EVSENotification Terminate",
        actual="none",
        requirement="V2G20:notification-sent",
        advice=SAY,
    )
    ended = no_service().holds(answer(last.outcome))
    resting = all(
        limit.holds(value)
        for reading, limit in secc.expects.rest().items()
        if (value := reading(last.outcome)) is not None
    )
    check.holds(
        ended or resting,
        expected="the session ended, or no more current, once NotificationMaxDelay was over",
        actual=str(answer(last.outcome)),
        seen=last.outcome,
        confirmed=False,
        advice="Watch NotificationMaxDelay yourself; ramp down and end the session when the EV does not.",
    )


@test_case(
    "TC_SECC_Notification_004",
    covers=("V2G20:notification-sent", "V2G20:schedule-renegotiation"),
    pics=NOTIFYING & SECC.SCHEDULE_RENEGOTIATION,
    needs="notify",
    detects=("secc-never-notifies", "secc-fails-schedule-renegotiation"),
    lasts=5.0,
)
async def test_a_wish_for_another_schedule_is_notified_and_followed(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC notifies ScheduleRenegotiation, and takes the EV's new profile.

    Given   a session in scheduled mode in the charge loop
    when    the charger is made to ask for another schedule, and the EV sends PowerDelivery(ScheduleRenegotiation)
    then    EVSEStatus says ScheduleRenegotiation in time; the profile is taken, or refused with the warning made for
            that; and the loop goes on
    """
    loop = await in_the_loop(evcc)
    await notified(evcc, secc, check, loop, Notice.ScheduleRenegotiation, 60)
    progress = chargeProgressType.ScheduleRenegotiation
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, ChargeProgress=progress))
    either = response_of(PowerDeliveryReq, "OK", "WARNING_ScheduleRenegotiationFailed", when="to ScheduleRenegotiation")
    check.that(asked.outcome, answer, either, advice="Take the profile you asked for.")
    last = await loop.endure(0.5)
    check.that(last.outcome, answer, response_of(DC_ChargeLoopReq))


@test_case(
    "TC_SECC_Notification_005",
    covers=("V2G20:notification-sent", "[V2G20-1477]"),
    pics=NOTIFYING & SECC.SERVICE_RENEGOTIATION,
    needs="notify",
    detects=("secc-never-notifies", "secc-closes-on-renegotiation"),
    lasts=4.5,
)
async def test_a_wish_for_another_service_is_notified_and_followed(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC notifies ServiceRenegotiation, and goes back to service discovery when the EV follows.

    Given   a session in the charge loop
    when    the charger is made to ask for another service, and the EV follows with Stop and
            SessionStop(ServiceRenegotiation)
    then    EVSEStatus says ServiceRenegotiation in time, and discovery is answered on the same connection
    """
    loop = await in_the_loop(evcc)
    await notified(evcc, secc, check, loop, Notice.ServiceRenegotiation, 60)
    await evcc.stop_power()
    how = chargingSessionType.ServiceRenegotiation
    ended = await evcc.ask(evcc.request(SessionStopReq, ChargingSession=how))
    check.that(ended.outcome, answer, response_of(SessionStopReq, "OK"), advice="Grant what you asked for.")
    again = await evcc.ask(evcc.request(ServiceDiscoveryReq))
    check.that(again.outcome, answer, response_of(ServiceDiscoveryReq, "OK"), advice="Leave the connection open.")


@test_case(
    "TC_SECC_Notification_006",
    covers=("V2G20:notification-sent", "V2G20:standby"),
    pics=NOTIFYING & SECC.STANDBY,
    needs=("notify", "power"),
    detects=("secc-never-notifies", "secc-stays-in-standby"),
    lasts=6.0,
)
async def test_a_wish_to_leave_standby_is_notified_and_followed(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC notifies ExitStandby to an EV in standby, and delivers when the EV follows with Start.

    Given   a session in standby
    when    the charger is made to ask the EV to leave it, and the EV sends PowerDelivery Start
    then    EVSEStatus says ExitStandby in time, Start is answered with OK, and energy flows
    """
    loop = await in_the_loop(evcc)
    await evcc.insist(evcc.request(PowerDeliveryReq, ChargeProgress=chargeProgressType.Standby, EVPowerProfile=None))
    await notified(evcc, secc, check, loop, Notice.ExitStandby, 60)
    started = await evcc.ask(evcc.request(PowerDeliveryReq))
    check.that(started.outcome, answer, response_of(PowerDeliveryReq, when="to Start out of standby"))
    flows = secc.expects.current(10.0, evcc.inlet.voltage)
    settled = await loop.settle(flows, within=secc.settling)
    check.course(secc.seen.since(settled), flows, advice="Deliver what the EV was asked to take.")
