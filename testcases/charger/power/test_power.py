"""One setpoint through every link: what the CSMS asks for is what the EV is given, and what every meter says."""

from harness.ocpp.readings import outcome, state_of_charge
from harness.vocabulary import (
    SECC,
    STATION,
    Check,
    Csms,
    Evcc,
    SeccUnderTest,
    StationUnderTest,
    central_setpoint,
    equals,
    near,
    plain_limit,
    test_case,
)

SMART = (SECC.DC | SECC.DC_BPT) & SECC.DYNAMIC & STATION.SMART_CHARGING & STATION.OCPP_21
SETPOINTS = SMART & SECC.DC_BPT & STATION.V2X_CENTRAL_SETPOINT
_JOIN = "Follow the setpoint from the OCPP stack to the power stage: sign, unit, and who has the last word."


@test_case(
    "TC_CHARGER_Setpoint_001",
    covers=("CHARGER:setpoint", "V2X.02"),
    pics=SETPOINTS,
    needs=("authorise", "meter"),
    detects=(
        "charger-reversed-setpoint",
        "charger-setpoint-in-kilowatts",
        "secc-reports-wrong-sign",
        "station-reversed-setpoint",
    ),
    lasts=20.0,
)
async def test_a_discharge_that_the_csms_asks_for_reaches_the_ev(
    csms: Csms, secc: SeccUnderTest, station: StationUnderTest, check: Check
) -> None:
    """Charger discharges the EV with what the CSMS asks for, and says so on both sides.

    Given   an EV that charges over ISO 15118-20, in a transaction that the CSMS knows
    when    the CSMS sends a TxProfile with a setpoint of half the discharge power
    then    the SECC tells the EV that power, the station reports it in meter values, and the bench meter shows it
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    told, given = station.expects.power(watts), secc.expects.setpoint(watts)
    seen = await station.course({**given, **told})
    check.course(seen, told, advice=_JOIN)
    check.course(seen, given, advice=_JOIN)


@test_case(
    "TC_CHARGER_Setpoint_002",
    covers=("CHARGER:setpoint", "V2X.02"),
    pics=SETPOINTS,
    needs=("authorise", "meter"),
    detects=("charger-keeps-first-setpoint", "charger-generous-setpoint", "station-ignores-charging-profiles"),
    lasts=30.0,
)
async def test_a_new_setpoint_turns_the_power_of_a_session_that_runs(
    csms: Csms, secc: SeccUnderTest, station: StationUnderTest, check: Check
) -> None:
    """Charger turns from discharging to charging, in the session that runs, when the CSMS says so.

    Given   a session in which the EV is discharged as the CSMS asked
    when    the CSMS asks for a quarter of the charge power instead
    then    the SECC tells the EV that power, meter values and bench meter show it
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(-station.pixit.maximum_discharge_power / 2))
    await station.settle(station.expects.power(-station.pixit.maximum_discharge_power / 2))
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A TxProfile replaces the one before it.")
    told, given = station.expects.power(watts), secc.expects.setpoint(watts)
    seen = await station.course({**given, **told})
    check.course(seen, told, advice=_JOIN)
    check.course(seen, given, advice=_JOIN)


@test_case(
    "TC_CHARGER_Setpoint_003",
    covers=("CHARGER:setpoint", "[V2G20-2188]"),
    pics=SETPOINTS,
    needs=("authorise", "meter"),
    detects=("secc-ignores-ev-discharge-limit",),
    lasts=30.0,
)
async def test_the_ev_has_the_last_word_about_its_discharge_power(
    csms: Csms, evcc: Evcc, secc: SeccUnderTest, station: StationUnderTest, check: Check
) -> None:
    """Charger keeps to the EV's discharge limit, whatever the CSMS asks for.

    Given   a session in which the EV is discharged as the CSMS asked
    when    the EV lowers EVMaximumDischargePower to a quarter of that
    then    after the settling time neither the SECC's report, nor meter values, nor the bench meter show more
    """
    asked = station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(-asked))
    await station.settle(station.expects.power(-asked))
    evcc.policy = evcc.policy.announce(EVMaximumDischargePower=asked / 4)
    told, given = station.expects.discharge_at_most(asked / 4), secc.expects.discharge_at_most(asked / 4)
    seen = await station.course({**given, **told})
    advice = "The EV's limit goes before every wish of the grid."
    check.course(seen, given, requirement="[V2G20-2188]", advice=advice)
    check.course(seen, told, advice="Report what flows, not what the profile asks for.")


@test_case(
    "TC_CHARGER_Limit_001",
    covers="CHARGER:setpoint",
    pics=SMART,
    needs=("authorise", "meter"),
    detects=("station-ignores-charging-profiles", "station-ignored-limit"),
    lasts=20.0,
)
async def test_a_limit_of_the_csms_holds_at_the_ev(
    csms: Csms, secc: SeccUnderTest, station: StationUnderTest, check: Check
) -> None:
    """Charger holds the EV below the limit of a charging profile.

    Given   an EV that charges without a limit
    when    the CSMS sends a TxProfile with a limit of a quarter of the charge power
    then    after the settling time neither the SECC's report, nor meter values, nor the bench meter show more
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(plain_limit(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    told, given = station.expects.charge_at_most(watts), secc.expects.charge_at_most(watts)
    seen = await station.course({**given, **told})
    check.course(seen, told, advice=_JOIN)
    check.course(seen, given, advice=_JOIN)


@test_case(
    "TC_CHARGER_Limit_002",
    covers="CHARGER:setpoint",
    pics=SMART,
    needs=("authorise", "meter"),
    detects=("charger-reversed-setpoint", "station-ignores-clearing-profiles"),
    lasts=30.0,
)
async def test_the_ev_charges_on_when_the_limit_is_cleared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Charger gives the EV its power back when the CSMS clears the profile that limited it.

    Given   a session held at a fifth of the charge power by a TxProfile
    when    the CSMS clears that profile
    then    after the settling time the SECC reports, and the bench meter shows, more than half of the charge power
    """
    low, much = station.pixit.maximum_charge_power / 5, station.pixit.maximum_charge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(plain_limit(low))
    await station.settle(station.expects.charge_at_most(low))
    sent = await csms.clear_profiles(purpose="TxProfile")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The profile is there, and can be cleared.")
    expected = station.expects.charge_at_least(much)
    check.course(await station.course(expected), expected, advice="Tell the SECC too that the limit is gone.")


@test_case(
    "TC_CHARGER_Metering_001",
    covers=("CHARGER:needs", "OCPP:meter-values-are-true"),
    pics=SMART,
    needs=("authorise",),
    detects=("charger-imagined-soc",),
    lasts=30.0,
)
async def test_the_state_of_charge_that_the_csms_hears_of_is_the_ev_s(
    evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Station reports the state of charge that the EV displays.

    Given   a session of an EV whose PresentSOC is known
    when    meter values with SoC are due
    then    they are within 2 percentage points of what the EV said
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    seen = await station.watch(2 * station.pixit.meter_interval + 1.0)
    own = near(evcc.inlet.soc * 100, "%", tolerance=2.0)
    check.every(seen, state_of_charge, own, advice="Pass PresentSOC on.")
