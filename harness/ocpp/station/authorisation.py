"""Who may charge: the local list, the cache, and when the CSMS is asked (OCPP 2.1 blocks C and D)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Payload, instant, status

Token = Mapping[str, Any]
Info = Mapping[str, Any]


class Decision(Enum):
    """What the station makes of a token without asking."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ASK = "ask the CSMS"


def key_of(token: Token) -> tuple[str, str]:
    """What identifies a token: tokens are compared without regard to case."""
    return str(token["type"]), str(token["idToken"]).lower()


def same(one: Token | None, other: Token | None) -> bool:
    """Whether two tokens are the same."""
    return one is not None and other is not None and key_of(one) == key_of(other)


def group_of(info: Info) -> str:
    """The group in an idTokenInfo, "" without one."""
    return str(info.get("groupIdToken", {}).get("idToken", "")).lower()


@dataclass(slots=True)
class Authorisation:
    """The local list and the cache; `variables` say how they are used. `transfers` are the energy transfers that the CSMS
    allowed with tokens in the cache."""

    variables: DeviceModel
    version: int = 0
    entries: dict[tuple[str, str], Info] = field(default_factory=dict)
    cache: dict[tuple[str, str], tuple[float, Info]] = field(default_factory=dict)
    transfers: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    # --- decisions -----------------------------------------------------------------------------------------------------

    def known(self, token: Token, now: float) -> Info | None:
        """What list (first) or cache say about a token; None when neither knows it, or no longer."""
        if self.variables.flag("LocalAuthListCtrlr.Enabled") and key_of(token) in self.entries:
            return self.entries[key_of(token)]
        if not self.variables.flag("AuthCacheCtrlr.Enabled") or key_of(token) not in self.cache:
            return None
        kept_at, info = self.cache[key_of(token)]
        if now - kept_at > self.variables.number("AuthCacheCtrlr.LifeTime", default=float("inf")):
            return None
        return info

    def decide(self, token: Token, online: bool, now: float) -> Decision:
        """Whether to let somebody charge, or to ask (C01, C10 to C15)."""
        if not self.variables.flag("AuthCtrlr.Enabled") or token["type"] == "NoAuthorization":
            return Decision.ACCEPTED
        known = self.known(token, now)
        good = known is not None and valid(known, now)
        if online:
            if good and self.variables.flag("AuthCtrlr.LocalPreAuthorize") and not self._transfers_untold(token):
                return Decision.ACCEPTED
            unasked = self.variables.flag("AuthCtrlr.DisableRemoteAuthorization") or self._final(token, good)
            return Decision.REFUSED if unasked else Decision.ASK
        if known is not None and self.variables.flag("AuthCtrlr.LocalAuthorizeOffline"):
            return Decision.ACCEPTED if good else Decision.REFUSED
        unknown_may = known is None and self.variables.flag("AuthCtrlr.OfflineTxForUnknownIdEnabled")
        return Decision.ACCEPTED if unknown_may else Decision.REFUSED

    def _transfers_untold(self, token: Token) -> bool:
        """Where V2X is enabled a driver is remembered for good only with the transfers that are allowed, which none but the answer
        to Authorize tells (Q01)."""
        listed = self.variables.flag("LocalAuthListCtrlr.Enabled") and key_of(token) in self.entries
        return not listed and key_of(token) not in self.transfers and self.variables.flag("V2XChargingCtrlr.Enabled", 1)

    def _final(self, token: Token, good: bool) -> bool:
        """Whether the refusal of list or cache is the last word (C14, DisablePostAuthorize)."""
        if good or not self.variables.flag("AuthCtrlr.LocalPreAuthorize"):
            return False
        listed = self.variables.flag("LocalAuthListCtrlr.Enabled") and key_of(token) in self.entries
        place = "LocalAuthListCtrlr" if listed else "AuthCacheCtrlr"
        known = listed or (self.variables.flag("AuthCacheCtrlr.Enabled") and key_of(token) in self.cache)
        return known and self.variables.flag(f"{place}.DisablePostAuthorize")

    def is_master(self, group: str) -> bool:
        """Whether a group is that of the master pass (C16)."""
        return bool(group) and group == self.variables.text("AuthCtrlr.MasterPassGroupId").lower()

    def learn(self, token: Token, info: Info, now: float, transfers: Sequence[str] | None = None) -> None:
        """Remember what the CSMS said (C10.FR.04); the list is not the cache's business."""
        if not self.variables.flag("AuthCacheCtrlr.Enabled"):
            return
        self.cache[key_of(token)] = (now, dict(info))
        if transfers is not None:
            self.transfers[key_of(token)] = tuple(transfers)

    # --- requests of the CSMS --------------------------------------------------------------------------------------------

    def clear_cache(self, _request: Payload, _now: float) -> dict[str, Any]:
        """ClearCache (C11)."""
        if not self.variables.flag("AuthCacheCtrlr.Enabled"):
            return status("Rejected", "NotEnabled")
        self.cache.clear()
        self.transfers.clear()
        return status("Accepted")

    def list_version(self, _request: Payload, _now: float) -> dict[str, Any]:
        """GetLocalListVersion (D02)."""
        return {"versionNumber": self.version if self.variables.flag("LocalAuthListCtrlr.Enabled") else 0}

    def send_list(self, request: Payload, _now: float) -> dict[str, Any]:
        """SendLocalList (D01): a full one replaces, a differential one must be newer than what there is."""
        items = request.get("localAuthorizationList", [])
        if not self.variables.flag("LocalAuthListCtrlr.Enabled"):
            return status("Failed", "NotEnabled")
        if len(items) > self.variables.number("LocalAuthListCtrlr.ItemsPerMessage"):
            return status("Failed", "TooManyElements")
        keys = [key_of(item["idToken"]) for item in items]
        if len(set(keys)) != len(keys) or request["versionNumber"] <= 0:
            return status("Failed", "InvalidValue")
        if request["updateType"] == "Differential" and request["versionNumber"] <= self.version:
            return status("VersionMismatch")
        entries = {} if request["updateType"] == "Full" else dict(self.entries)
        for key, item in zip(keys, items, strict=True):
            if "idTokenInfo" in item:
                entries[key] = item["idTokenInfo"]
            else:
                entries.pop(key, None)
        if len(entries) > self.variables.room("LocalAuthListCtrlr.Entries"):
            return status("Failed", "OutOfStorage")
        self.entries, self.version = entries, request["versionNumber"]
        return status("Accepted")


def valid(info: Info, now: float) -> bool:
    """Accepted, and not past its date."""
    if info["status"] != "Accepted":
        return False
    return "cacheExpiryDateTime" not in info or instant(info["cacheExpiryDateTime"]) > now
