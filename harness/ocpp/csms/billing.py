"""What a transaction costs: energy taken at one price, energy given back credited at another (block I, E)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.ocpp.csms.policy import Prices
from harness.ocpp.csms.records import Tariff, Transaction
from harness.ocpp.csms.station import Station


def cost_of(transaction: Transaction, prices: Prices) -> float:
    """The cost so far, in the currency of the prices; negative when the credit is the larger."""
    taken, given = transaction.imported / 1000.0, transaction.exported / 1000.0
    return round(taken * prices.per_kwh - given * prices.per_kwh_back, 2)


def tariff_set(station: Station, request: Mapping[str, Any]) -> None:
    """Note a SetDefaultTariff or ChangeTransactionTariff that was accepted."""
    tariff, transaction = request["tariff"], request.get("transactionId", "")
    place = transaction or f"evse {request['evseId']}"
    station.tariffs[place] = Tariff(tariff["tariffId"], dict(tariff), request.get("evseId"), transaction)


def tariffs_cleared(station: Station, results: list[Mapping[str, Any]], evse_id: int | None) -> None:
    """Note the tariffs that ClearTariffs removed; a result without id stands for all of the EVSE."""
    gone = {each.get("tariffId") for each in results if each["status"] == "Accepted"}
    for place, known in list(station.tariffs.items()):
        named = known.tariff_id in gone or None in gone
        if named and evse_id in (None, known.evse_id):
            del station.tariffs[place]


def tariffs_reported(station: Station, assignments: list[Mapping[str, Any]]) -> None:
    """Note what GetTariffs found: ids with the EVSEs they hold for."""
    for each in assignments:
        for evse in each.get("evseIds", ()):
            known = station.tariffs.get(f"evse {evse}")
            content = known.content if known is not None and known.tariff_id == each["tariffId"] else {}
            station.tariffs[f"evse {evse}"] = Tariff(each["tariffId"], content, evse)
