"""Central setpoints: what the CSMS asks for is what flows, in either direction (OCPP 2.1 block Q, Q03 and Q04)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, central_setpoint, equals, test_case


@test_case(
    "TC_STATION_CentralSetpoint_001",
    covers=("V2X.02",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-reversed-setpoint", "station-power-reversed", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_negative_setpoint_discharges_the_ev(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station discharges the EV with the power of a negative setpoint.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends a TxProfile with a setpoint of half the station's discharge power
    then    it is accepted, and after the settling time meter values and bench meter show that power, as export
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Compare the sign of setpoint, inverter and meter.")
