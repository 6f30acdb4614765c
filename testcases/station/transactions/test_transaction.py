"""An ordinary transaction from plug to plug (OCPP 2.x blocks E and J; transactions of 1.6)."""

from harness.ocpp.readings import event_type, stopped_reason
from harness.vocabulary import Check, Csms, StationUnderTest, equals, test_case


@test_case(
    "TC_STATION_Transaction_001",
    covers=("E02.FR.06", "J02.FR.11", "E06.FR.01"),
    needs=("plug", "authorise"),
    detects=(
        "station-registers-stuck",
        "station-no-meter-values",
        "station-ignores-remote-stops",
        "station-no-stopped-reason",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_transaction_is_told_from_begin_to_end(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells of a transaction from its begin to its end, with the energy that flowed.

    Given   an EV that is plugged in and authorised
    when    energy flows for a while, and the CSMS stops the transaction
    then    the end is told with reason Remote, and the import register has risen
    """
    await station.ready()
    await station.report_every()
    transaction = await station.charging()
    await station.watch(3 * station.pixit.meter_interval)
    ended = await csms.stop_transaction(transaction)
    check.that(ended, event_type, equals("Ended"))
    check.that(ended, stopped_reason, equals("Remote"), requirement="E06.FR.08")
    known = csms.current(transaction)
    check.holds(known.imported > 0.0, expected="an import register that has risen", actual=f"{known.imported:g} Wh")
