"""Registration of a station at the CSMS (OCPP 2.x block B)."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, at_least, equals, near, test_case


@test_case(
    "TC_CSMS_Boot_001",
    covers=("B01.FR.02", "TC_B_01_CSMS"),
    pics=CSMS.OCPP_21 | CSMS.OCPP_201,
    detects=("csms-zero-interval", "csms-boots-without-status", "csms-rejects-stations", "csms-keeps-pending"),
    lasts=2.0,
)
async def test_a_known_station_is_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a station that it knows, with the time and an interval for heartbeats.

    Given   a station that has connected and said nothing yet
    when    it sends BootNotification, again as long as the answer is Pending
    then    within the CSMS's boot time the answer is Accepted, with the present time and an interval above 0
    """
    await station.connect()
    answered = await station.boot(within=csms.pixit.boot_time)
    answer = answered.outcome
    check.that(answer, outcome, equals("Accepted"), advice="Look whether this station is registered.")
    check.that(answer, reading("interval"), at_least(1, "s"), advice="A station takes the interval as it comes.")
    check.that(answer, station.clock_error, near(0.0, "s", tolerance=5.0), requirement="B01.FR.02")


@test_case(
    "TC_CSMS_Boot_002",
    covers="G02.FR.03",
    detects=("csms-mute-heartbeats", "csms-slow", "csms-old-clock", "csms-local-clock"),
    lasts=5.0,
)
async def test_heartbeats_are_answered_with_the_time(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers heartbeats of a booted station with the time.

    Given   a station that has booted
    when    it sends three heartbeats
    then    each is answered with the present time
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for _ in range(3):
        beat = await station.call("Heartbeat")
        check.that(beat.outcome, station.clock_error, near(0.0, "s", tolerance=10.0))
