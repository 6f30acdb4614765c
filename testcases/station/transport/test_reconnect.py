"""How a station comes back after its connection was lost (OCPP-J 5.4: RetryBackOff)."""

from itertools import pairwise

from harness.vocabulary import STATION, Check, Connected, Csms, StationUnderTest, test_case

_BACK_OFF = (
    "Wait RetryBackOffWaitMinimum after the first failure, twice that after the second, and so on for"
    " RetryBackOffRepeatTimes, and add a random time of up to RetryBackOffRandomRange to each wait."
)


async def waits(csms: Csms, station: StationUnderTest, seconds: float) -> list[float]:
    """How long the station waits before each of its tries to connect while it is turned away for so long (s)."""
    begun = csms.clock.now()
    await csms.turn_away()
    tries = (await station.watch(seconds)).link("ocpp").of(Connected)
    csms.let_in()
    return [later - earlier for earlier, later in pairwise([begun, *(each.at for each in tries)])]


async def back_off(csms: Csms, minimum: int, random_range: int, doublings: int) -> None:
    """Set the back-off."""
    await csms.prepare("OCPPCommCtrlr", "RetryBackOffWaitMinimum", minimum)
    await csms.prepare("OCPPCommCtrlr", "RetryBackOffRandomRange", random_range)
    await csms.prepare("OCPPCommCtrlr", "RetryBackOffRepeatTimes", doublings)


@test_case(
    "TC_STATION_Reconnect_001",
    covers=("TC_B_57_CS",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-storms", "station-back-off-stays", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_waits_for_a_connection_grow(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station waits longer before each try to connect, as long as its variables say.

    Given   a first wait of 4 s, which doubles twice, and a random part of up to 2 s
    when    the connection is torn, and every new one refused for a minute
    then    the waits are 4, 8, 16 and 16 s or up to 2 s more, and the station comes back when it is let in
    """
    await station.ready()
    await back_off(csms, 4, 2, 2)
    found = await waits(csms, station, 60.0)
    check.holds(len(found) >= 3, expected="three tries or more", actual=f"{len(found)}", advice=_BACK_OFF)
    for number, wait in enumerate(found):
        least = 4.0 * 2.0 ** min(number, 2)
        check.holds(wait >= least - 0.5, expected=f"{least:g} s or more", actual=f"{wait:.1f} s", advice=_BACK_OFF)
        most = least + 2.0 + station.pixit.reaction_time + 2.0
        slow = f"{most:g} s or less before try {number + 1}"
        check.holds(wait <= most, expected=slow, actual=f"{wait:.1f} s", advice=_BACK_OFF, confirmed=False)
    await csms.connected(station.pixit.reconnect_time)
    served = await csms.trigger("Heartbeat")
    check.holds(served.sound, expected="an answer afterwards", actual=str(served), advice="Never stop trying.")


@test_case(
    "TC_STATION_Reconnect_002",
    covers=("TC_B_57_CS",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-storms", "station-back-off-in-step"),
    lasts=120.0,
)
async def test_waits_for_a_connection_are_random(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds a random time to its waits, a new one each time.

    Given   a first wait of 2 s that never doubles, and a random part of up to 20 s
    when    the connection is torn, and every new one refused for a minute and a half
    then    no wait is below 2 s, and the waits differ
    """
    await station.ready()
    await back_off(csms, 2, 20, 0)
    found = await waits(csms, station, 90.0)
    check.holds(len(found) >= 3, expected="three tries or more", actual=f"{len(found)}", advice=_BACK_OFF)
    spread = max(found, default=0.0) - min(found, default=0.0)
    advice = "After an outage all stations come back: only chance keeps them apart."
    check.holds(spread > 0.5, expected="waits that differ", actual=f"within {spread:.2f} s", advice=advice)
    soonest = min(found, default=2.0)
    check.holds(soonest >= 1.5, expected="2 s or more", actual=f"{soonest:.1f} s", advice=_BACK_OFF)
    await csms.connected(station.pixit.reconnect_time)
