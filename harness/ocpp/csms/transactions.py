"""Transactions as a central system follows them: by TransactionEvent (2.x), by Start/StopTransaction (1.6).

What comes late, twice or out of order fills the history and never revives what has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.ocpp.csms.metering import metered, readings_of
from harness.ocpp.csms.records import Transaction
from harness.ocpp.csms.station import Station
from harness.ocpp.times import moment

_MOST_MISSING = 1000


def take_event(station: Station, event: Mapping[str, Any], now: datetime) -> tuple[Transaction, bool]:
    """Note one TransactionEvent; the transaction after it, and whether the event was new (not a repetition)."""
    info, seq = event["transactionInfo"], event["seqNo"]
    before = station.transactions.get(info["transactionId"]) or Transaction(info["transactionId"])
    if seq <= before.last_seq and seq not in before.missing:
        return before, False
    latest = seq > before.last_seq
    after = _counted(before, seq)
    after = _history(after, event, now)
    if latest:
        after = _current(after, event, now)
    station.transactions[after.transaction_id] = _sampled(station, after, event.get("meterValue", ()), now)
    return station.transactions[after.transaction_id], True


def _counted(transaction: Transaction, seq: int) -> Transaction:
    if seq <= transaction.last_seq:
        return replace(transaction, missing=tuple(each for each in transaction.missing if each != seq))
    skipped = range(transaction.last_seq + 1, min(seq, transaction.last_seq + 1 + _MOST_MISSING))
    return replace(transaction, last_seq=seq, missing=(*transaction.missing, *skipped)[-_MOST_MISSING:])


def _history(transaction: Transaction, event: Mapping[str, Any], now: datetime) -> Transaction:
    """What holds whenever the event comes: who, where, when it began, how it ended."""
    at, token, info = moment(event["timestamp"]) or now, event.get("idToken", {}), event["transactionInfo"]
    changes: dict[str, Any] = {"offline_events": transaction.offline_events + bool(event.get("offline"))}
    if event["eventType"] == "Started":
        if transaction.started_at is not None:
            return _odd(transaction, "Started came twice")
        changes["started_at"] = at
    if event["eventType"] == "Ended":
        if transaction.ended_at is not None:
            return _odd(transaction, "Ended came twice")
        changes |= {"ended_at": at, "stopped_reason": info.get("stoppedReason", "Local")}
    if "evse" in event:
        changes |= {
            "evse_id": event["evse"]["id"],
            "connector_id": event["evse"].get("connectorId", transaction.connector_id),
        }
    if token and not transaction.id_token:
        changes |= {"id_token": token["idToken"], "id_token_type": token["type"], "evcc_id": _evcc_id(token)}
    for name, member in (("remoteStartId", "remote_start_id"),):
        if name in info:
            changes[member] = info[name]
    if "reservationId" in event:
        changes["reservation_id"] = event["reservationId"]
    return replace(transaction, **changes)


def _evcc_id(token: Mapping[str, Any]) -> str:
    """The EVCCID that a station adds to the token of an ISO 15118-20 session (Q01.FR.02)."""
    more = token.get("additionalInfo", ())
    return next((str(each["additionalIdToken"]) for each in more if each["type"] == "EVCCID"), "")


def _current(transaction: Transaction, event: Mapping[str, Any], now: datetime) -> Transaction:
    """What the newest event says about the present."""
    info = event["transactionInfo"]
    named = {"chargingState": "charging_state", "operationMode": "operation_mode", "transactionLimit": "limit"}
    changes = {member: info[name] for name, member in named.items() if name in info}
    changes["updated_at"] = moment(event["timestamp"]) or now
    if "evseSleep" in event:
        changes["evse_sleep"] = event["evseSleep"]
    if "costDetails" in event:
        changes["cost_details"] = event["costDetails"]
    if transaction.started_at is None:
        transaction = _odd(transaction, "its start was never reported")
    return replace(transaction, **changes)


def _odd(transaction: Transaction, said: str) -> Transaction:
    return transaction if said in transaction.odd else replace(transaction, odd=(*transaction.odd, said))


def _sampled(station: Station, transaction: Transaction, meter_values: Any, now: datetime) -> Transaction:
    found = list(readings_of(meter_values, now, evse_id=transaction.evse_id, transaction_id=transaction.transaction_id))
    for reading in found:
        station.readings.append(reading)
    return metered(transaction, found)


def sample(station: Station, evse_id: int, meter_values: Any, now: datetime, transaction_id: str | None = None) -> None:
    """Note meter values that come outside of events; those of 1.6 name their transaction."""
    running = station.transactions.get(transaction_id) if transaction_id else station.transaction_at(evse_id)
    if running is not None:
        station.transactions[running.transaction_id] = _sampled(station, running, meter_values, now)
        return
    for reading in readings_of(meter_values, now, evse_id=evse_id, transaction_id=transaction_id or ""):
        station.readings.append(reading)


# --- 1.6 --------------------------------------------------------------------------------------------------------------


def begin_16(station: Station, request: Mapping[str, Any], new_id: int, now: datetime) -> tuple[Transaction, bool]:
    """Note a StartTransaction; the transaction, and whether it is new. A repetition gets the id it had (9/6)."""
    at = moment(request["timestamp"]) or now
    for known in station.transactions.values():
        same = (known.evse_id, known.id_token, known.started_at, known.import_begin)
        if same == (request["connectorId"], request["idTag"], at, float(request["meterStart"])):
            return known, False
    begun = Transaction(
        str(new_id),
        evse_id=request["connectorId"],
        connector_id=request["connectorId"],
        id_token=request["idTag"],
        charging_state="Charging",
        started_at=at,
        updated_at=now,
        reservation_id=request.get("reservationId"),
        import_begin=float(request["meterStart"]),
        import_end=float(request["meterStart"]),
    )
    station.transactions[begun.transaction_id] = begun
    return begun, True


def end_16(station: Station, request: Mapping[str, Any], now: datetime) -> Transaction | None:
    """Note a StopTransaction; None when nobody began such a transaction, which then is noted as it is."""
    known = station.transactions.get(str(request["transactionId"]))
    if known is None:
        station.note("StopTransaction", dict(request), now)
        return None
    if not known.running:
        return known
    at, stop = moment(request["timestamp"]) or now, float(request["meterStop"])
    known = _sampled(station, known, request.get("transactionData", ()), now)
    if known.import_begin is not None and stop < known.import_begin:
        known = _odd(known, f"meterStop {stop:g} Wh is below meterStart {known.import_begin:g} Wh")
    if known.started_at is not None and at < known.started_at:
        known = _odd(known, "it stopped before it started")
    reason = request.get("reason", "Local")
    ended = replace(known, ended_at=at, import_end=stop, stopped_reason=reason, charging_state="", updated_at=now)
    station.transactions[known.transaction_id] = ended
    return ended
