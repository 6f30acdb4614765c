"""The tariffs that a CSMS puts into a station (OCPP 2.1, functional block I)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, Observation, TesterStation, equals, near, test_case

CENT = 0.001


def tariff(name: str, price: float = 0.32) -> dict[str, Any]:
    """A tariff with one price for energy."""
    return {"tariffId": name, "currency": "EUR", "energy": {"prices": [{"priceKwh": price}]}}


def price_of_energy(seen: Observation) -> float | None:
    """The first price of energy in a tariff, per kWh."""
    prices = reading("tariff.energy.prices")(seen)
    return float(prices[0]["priceKwh"]) if prices else None


@test_case(
    "TC_CSMS_Tariff_001",
    covers="OCPP:tariffs",
    pics=CSMS.TARIFFS,
    needs="send_request",
    detects=("csms-tariff-in-cents", "csms-tariff-for-evse-1", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_default_tariff_is_set_for_the_evses_that_were_meant(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sets a default tariff for one EVSE or for all, with its price per kWh and currency.

    Given   a booted station
    when    the CSMS is made to set a tariff for EVSE 1, and another for all EVSEs
    then    each SetDefaultTariff names its evseId (0 for all), the tariff, the price and the currency
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDefaultTariff"] = {"status": "Accepted"}
    for evse, name in ((1, "tariff-1"), (0, "tariff-all")):
        sent = await csms.sends("SetDefaultTariff", {"evseId": evse, "tariff": tariff(name)})
        check.that(sent, reading("evseId"), equals(evse))
        check.that(sent, reading("tariff.tariffId"), equals(name))
        check.that(sent, reading("tariff.currency"), equals("EUR"))
        advice = "Prices are in the currency that the tariff names, not in hundredths of it."
        check.that(sent, price_of_energy, near(0.32, "EUR/kWh", tolerance=CENT), advice=advice)


@test_case(
    "TC_CSMS_Tariff_002",
    covers="OCPP:tariffs",
    pics=CSMS.TARIFFS,
    needs="send_request",
    detects=("csms-tariff-of-another", "csms-stunned-by-refusals"),
    lasts=15.0,
)
async def test_the_tariff_of_a_transaction_is_changed_by_its_id(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS changes the tariff of the transaction that is meant, and goes on where the station refuses that.

    Given   a running transaction at a station that answers TxNotFound
    when    the CSMS is made to change its tariff
    then    ChangeTransactionTariff names the transaction, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["ChangeTransactionTariff"] = {"status": "TxNotFound"}
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends("ChangeTransactionTariff", {"transactionId": transaction, "tariff": tariff("tariff-2")})
    check.that(sent, reading("transactionId"), equals(transaction))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Tariff_003",
    covers="OCPP:tariffs",
    pics=CSMS.TARIFFS,
    needs="send_request",
    detects=("csms-clears-every-tariff", "csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_tariff_that_is_meant_is_cleared(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS clears the tariff that is meant, and goes on where a station has none.

    Given   a station with tariffs
    when    the CSMS is made to clear one, and then to list those of EVSE 1, of which there are none
    then    ClearTariffs names it, GetTariffs names EVSE 1, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    cleared = {"clearTariffsResult": [{"tariffId": "tariff-1", "status": "Accepted"}]}
    station.answers |= {"ClearTariffs": cleared, "GetTariffs": {"status": "NoTariff"}}
    sent = await csms.sends("ClearTariffs", {"tariffIds": ["tariff-1"]})
    check.that(sent, reading("tariffIds"), equals(["tariff-1"]), advice="An empty request clears every tariff.")
    asked = await csms.sends("GetTariffs", {"evseId": 1})
    check.that(asked, reading("evseId"), equals(1))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
