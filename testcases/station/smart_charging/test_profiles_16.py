"""Charging profiles where OCPP 1.6 has its own ways: replacing, transactions, connectors (1.6 3.13, 5.5, 5.16). The meters judge."""

from harness.ocpp.readings import outcome
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, equals, plain_limit, test_case

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W & STATION.OCPP_16


@test_case(
    "TC_STATION_Profiles16_001",
    covers=("OCPP:1.6-transaction-profiles",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_transaction_profile_need_not_name_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes a TxProfile for the transaction that runs on its connector.

    Given   a transaction
    when    the CSMS sends a TxProfile of a quarter of the charge power for its connector, without transactionId
    then    it is Accepted, and meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    sent = await csms.set_profile(1, "TxProfile", [plain_limit(quarter)])
    check.that(
        sent.outcome, outcome, equals("Accepted"), advice="One transaction runs on the connector: that is meant."
    )
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="The profile holds for what runs.", confirmed=False)


@test_case(
    "TC_STATION_Profiles16_002",
    covers=("OCPP:1.6-replacing",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-keeps-former", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_profile_replaces_the_one_of_its_level(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets a profile take the place of the one with its purpose and stack level, though its id is another.

    Given   a transaction under a TxProfile of three quarters of the charge power
    when    a TxProfile of a quarter comes on the same level under another id, and is cleared by that id
    then    the power keeps the quarter first; and then nothing is left of either
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    for number, watts in ((4711, 3 * quarter), (4712, quarter)):
        named = running.transaction_id
        sent = await csms.set_profile(1, "TxProfile", [plain_limit(watts)], number=number, transaction=named)
        check.that(sent.outcome, outcome, equals("Accepted"), advice="The newer profile replaces the older one.")
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="The newer profile of a level holds.")
    cleared = await csms.clear_profiles(number=4712)
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="The second profile is the one that is held.")
    again = await csms.clear_profiles(number=4711)
    check.that(again.outcome, outcome, equals("Unknown"), advice="What was replaced is there no longer.")


@test_case(
    "TC_STATION_Profiles16_003",
    covers=("OCPP:1.6-defaults",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-connector-0-for-all", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_default_of_a_connector_comes_before_that_of_all(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station uses the default of a connector instead of that of connector 0.

    Given   defaults of a quarter of the charge power for connector 0, and of three quarters for connector 1
    when    a transaction begins on connector 1
    then    the power rises above half, within three quarters
    """
    quarter = await station.ready_for_limits()
    for connector, watts in ((1, 3 * quarter), (0, quarter)):
        sent = await csms.set_profile(connector, "TxDefaultProfile", [plain_limit(watts)], number=4711 + connector)
        check.that(
            sent.outcome, outcome, equals("Accepted"), advice="Defaults of all and of one connector go together."
        )
    await station.charging()
    own = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(own)
    check.course(seen, own, advice="The default of the connector replaces that of connector 0.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Keep the default of the connector.")


@test_case(
    "TC_STATION_Profiles16_004",
    covers=("OCPP:1.6-clearing",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_everything_is_cleared_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears all profiles where no id and no criteria are given.

    Given   a maximum and a default of a quarter of the charge power
    when    the CSMS clears without id and criteria, twice, and a transaction begins
    then    the first is Accepted and the second Unknown, and the power rises above half
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter, purpose="ChargingStationMaxProfile")
    await csms.limit(quarter)
    cleared = await csms.clear_profiles()
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="Nothing given means everything.")
    again = await csms.clear_profiles()
    check.that(again.outcome, outcome, equals("Unknown"), advice="Accepted means that something was cleared.")
    await station.charging()
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="No profile is left.", confirmed=False)
