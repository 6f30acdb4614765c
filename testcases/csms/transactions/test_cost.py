"""What a transaction costs, as the CSMS tells it at the end (OCPP 2.x block I)."""

from harness.ocpp.readings import came, members, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, Inconclusive, TesterStation, equals, near, test_case

_COST = CSMS.COST & (CSMS.OCPP_21 | CSMS.OCPP_201)
_CENT = 0.011
TAKEN, GIVEN = "Energy.Active.Import.Register", "Energy.Active.Export.Register"


def price(figure: float | None, name: str) -> float:
    """A price of the PIXIT; `Inconclusive` where it names none."""
    if figure is None:
        raise Inconclusive(f"the description does not tell what energy costs; set pixit.csms.{name}")
    return figure


def registers(station: TesterStation, ago: float, taken: float, given: float = 0.0) -> list[dict[str, object]]:
    """Meter values with both energy registers, in Wh."""
    sampled = [
        {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": "Wh"}}
        for measurand, value in ((TAKEN, 50_000.0 + taken), (GIVEN, 20_000.0 + given))
    ]
    return [{"timestamp": station.stamp(ago), "sampledValue": sampled}]


@test_case(
    "TC_CSMS_Cost_001",
    covers=("OCPP:final-cost", "TC_I_02_CSMS"),
    pics=_COST,
    detects=("csms-tells-no-cost", "csms-loses-ends", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_the_cost_is_told_at_the_end(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS tells what a transaction cost with the answer to its end.

    Given   a CSMS whose price of energy is known
    when    a transaction takes 10 kWh, and ends
    then    totalCost is ten times the price of a kWh
    """
    wanted = 10 * price(csms.pixit.energy_price, "energy_price")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begin = registers(station, 600.0, 0.0)
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token, meterValue=begin)
    ended = await station.event("Ended", "EVDeparted", 1, name, evse=1, meterValue=registers(station, 0.0, 10_000.0))
    check.that(ended.outcome, reading("totalCost"), near(wanted, tolerance=_CENT), advice="Last register less first.")


@test_case(
    "TC_CSMS_Cost_002",
    covers="OCPP:final-cost",
    pics=_COST & CSMS.V2X,
    detects=("csms-reversed-cost", "csms-tells-no-cost", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_energy_given_back_is_credited(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS credits the energy that an EV gave back.

    Given   a CSMS whose prices for energy taken and given back are known
    when    a transaction takes 2 kWh, gives back 8 kWh, and ends
    then    totalCost is the price of 2 kWh less the credit for 8 kWh, and may be negative
    """
    wanted = 2 * price(csms.pixit.energy_price, "energy_price") - 8 * price(csms.pixit.energy_credit, "energy_credit")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begin = registers(station, 600.0, 0.0)
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token, meterValue=begin)
    last = registers(station, 0.0, 2_000.0, 8_000.0)
    ended = await station.event("Ended", "EVDeparted", 1, name, evse=1, meterValue=last)
    check.that(ended.outcome, reading("totalCost"), near(wanted, tolerance=_CENT), advice="Export is a credit.")


@test_case(
    "TC_CSMS_Cost_003",
    covers=("OCPP:final-cost", "OCPP:late-events"),
    pics=_COST,
    detects=("csms-charges-repeats", "csms-minds-sequence", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_nothing_is_charged_twice(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS charges a transaction once whose events came twice and out of order.

    Given   a CSMS whose price of energy is known
    when    the events of a transaction that takes 10 kWh come with repetitions, and the middle one after the others
    then    totalCost is ten times the price of a kWh
    """
    wanted = 10 * price(csms.pixit.energy_price, "energy_price")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    story = {0: ("Started", 600.0, 0.0), 1: ("Updated", 300.0, 5_000.0), 3: ("Ended", 0.0, 10_000.0)}
    for number in (0, 0, 1, 1, 3):
        kind, ago, energy = story[number]
        values, shown = registers(station, ago, energy), {} if number else {"idToken": csms.token}
        at = station.stamp(ago)
        told = await station.event(
            kind, "MeterValuePeriodic", number, name, evse=1, timestamp=at, meterValue=values, **shown
        )
    check.that(told.outcome, reading("totalCost"), near(wanted, tolerance=_CENT), advice="Book each seqNo once.")


@test_case(
    "TC_CSMS_Cost_004",
    covers=("OCPP:final-cost", "OCPP:late-events"),
    pics=_COST,
    detects=("csms-mixes-up-ends", "csms-tells-no-cost", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_books_outlive_a_connection(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS charges a transaction from its beginning, although the connection was lost meanwhile.

    Given   a transaction that has taken 4 kWh
    when    the connection breaks and comes back, the station boots again, and the transaction ends with 10 kWh
    then    totalCost is ten times the price of a kWh
    """
    wanted = 10 * price(csms.pixit.energy_price, "energy_price")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begin = registers(station, 600.0, 0.0)
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token, meterValue=begin)
    await station.event("Updated", "MeterValuePeriodic", 1, name, meterValue=registers(station, 300.0, 4_000.0))
    await station.cut_connection(1.0)
    await station.back(csms.pixit.boot_time + 60.0)
    await station.boot("Unknown", within=csms.pixit.boot_time)
    ended = await station.event("Ended", "EVDeparted", 2, name, evse=1, meterValue=registers(station, 0.0, 10_000.0))
    check.that(
        ended.outcome, reading("totalCost"), near(wanted, tolerance=_CENT), advice="Keep the books of an outage."
    )


@test_case(
    "TC_CSMS_Cost_005",
    covers=("TC_I_01_CSMS", "OCPP:ask-as-told"),
    pics=_COST,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-halves-costs"),
    lasts=5.0,
)
async def test_a_running_cost_is_told(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS tells what a transaction has cost so far.

    Given   a transaction of a booted station
    when    the CSMS is made to send its cost of 1.23 so far
    then    CostUpdated names the transaction and that cost
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    station.answers["CostUpdated"] = {}
    told = await csms.sends("CostUpdated", {"totalCost": 1.23, "transactionId": name})
    check.that(told, came, equals("CostUpdated"))
    check.that(told, members("transactionId", "totalCost"), equals({"transactionId": name, "totalCost": 1.23}))


@test_case(
    "TC_CSMS_Cost_006",
    covers=("OCPP:final-cost", "OCPP:late-events"),
    pics=_COST,
    needs="power_cycle",
    detects=("csms-forgets-at-restart", "csms-tells-no-cost", "csms-rubber-stamp"),
    lasts=60.0,
)
async def test_the_books_outlive_a_restart(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS charges a transaction from its beginning, although it was itself restarted meanwhile.

    Given   a transaction that has taken 4 kWh
    when    the CSMS is switched off and on, the station comes back and boots, and the transaction ends with 10 kWh
    then    totalCost is ten times the price of a kWh
    """
    wanted = 10 * price(csms.pixit.energy_price, "energy_price")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begin = registers(station, 600.0, 0.0)
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token, meterValue=begin)
    await station.event("Updated", "MeterValuePeriodic", 1, name, meterValue=registers(station, 300.0, 4_000.0))
    await csms.power_cycle()
    await station.gone(csms.pixit.boot_time)
    await station.back(csms.pixit.boot_time + 120.0)
    await station.boot("Unknown", within=csms.pixit.boot_time)
    ended = await station.event("Ended", "EVDeparted", 2, name, evse=1, meterValue=registers(station, 0.0, 10_000.0))
    check.that(ended.outcome, reading("totalCost"), near(wanted, tolerance=_CENT), advice="Keep books, not memories.")
