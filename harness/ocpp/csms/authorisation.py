"""Who may charge: the tokens that a central system knows, its word about each, and the local list it gives to stations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.records import Token
from harness.ocpp.csms.station import Station
from harness.ocpp.times import stamp
from harness.ocppj.versions import Version

_KNOWN_TO_16 = frozenset({"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"})
OPEN_TYPES = frozenset({"NoAuthorization"})
"""Types of tokens that stand for nobody, and are always accepted."""


def known_token(tokens: Iterable[Token], id_token: str) -> Token | None:
    """A token by its text; case does not matter."""
    wanted = id_token.casefold()
    return next((each for each in tokens if each.id_token.casefold() == wanted), None)


def status_of(token: Mapping[str, Any], policy: CsmsPolicy, remote: Iterable[str], now: datetime) -> str:
    """The status of a token as 2.x writes it. `remote` are tokens that the CSMS itself started transactions with."""
    if token.get("type") in OPEN_TYPES or token["idToken"].casefold() in {each.casefold() for each in remote}:
        return "Accepted"
    known = known_token(policy.tokens, token["idToken"])
    if known is None:
        return policy.unknown_token if policy.tokens else "Accepted"
    if known.expires is not None and known.expires <= now:
        return "Expired"
    return known.status


def info_of(token: Mapping[str, Any], status: str, policy: CsmsPolicy, version: Version) -> dict[str, Any]:
    """The idTokenInfo of 2.x, or the idTagInfo of 1.6."""
    known = known_token(policy.tokens, token["idToken"])
    if version == "1.6":
        return _info_16(known, status)
    info: dict[str, Any] = {"status": status}
    if known is not None and known.group:
        info["groupIdToken"] = {"idToken": known.group, "type": "Central"}
    if known is not None and known.expires is not None:
        info["cacheExpiryDateTime"] = stamp(known.expires)
    priority = known.priority if known is not None and known.priority is not None else policy.charging_priority
    return info | ({} if priority is None else {"chargingPriority": priority})


def _info_16(known: Token | None, status: str) -> dict[str, Any]:
    info: dict[str, Any] = {"status": status if status in _KNOWN_TO_16 else "Invalid"}
    if known is not None and known.group:
        info["parentIdTag"] = known.group[:20]
    if known is not None and known.expires is not None:
        info["expiryDate"] = stamp(known.expires)
    return info


def is_concurrent(station: Station, token: Mapping[str, Any], transaction_id: str) -> bool:
    """Whether the token already runs another transaction at this station."""
    wanted = token["idToken"].casefold()
    return any(each.id_token.casefold() == wanted and each.transaction_id != transaction_id for each in station.running)


def allowed_transfer(token: Mapping[str, Any], policy: CsmsPolicy) -> tuple[str, ...] | None:
    """The energy transfers that the token's owner may use; None when that is not known (yet)."""
    known = known_token(policy.tokens, token["idToken"])
    if known is not None and known.allowed_energy_transfer is not None:
        return known.allowed_energy_transfer
    return policy.allowed_energy_transfer


def local_list(
    version: Version, tokens: Iterable[Token], number: int, update: str = "Full", gone: Iterable[Token] = ()
) -> dict[str, Any]:
    """The payload of SendLocalList; `gone` are taken off the station's list in a Differential update."""
    policy = CsmsPolicy(tokens=tuple(tokens))
    entries: list[dict[str, Any]] = []
    for each in policy.tokens:
        name = _named(version, each)
        described = {"idToken": each.id_token, "type": each.type}
        info = info_of(described, each.status, policy, version)
        entries.append(name | ({"idTagInfo": info} if version == "1.6" else {"idTokenInfo": info}))
    entries += [_named(version, each) for each in gone]
    counted = "listVersion" if version == "1.6" else "versionNumber"
    made: dict[str, Any] = {counted: number, "updateType": update}
    return made | ({"localAuthorizationList": entries} if entries else {})


def _named(version: Version, token: Token) -> dict[str, Any]:
    if version == "1.6":
        return {"idTag": token.id_token}
    return {"idToken": {"idToken": token.id_token, "type": token.type}}
