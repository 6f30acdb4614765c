"""The charging profiles that the station holds: taken, replaced, cleared, reported, updated (OCPP 2.1 K01, K09, K10, K28)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.profile_rules import Profile, Target, overlap, refusal
from harness.ocpp.station.wire import Agenda, Payload, instant, stamp, status

_FROM_OUTSIDE = ("ChargingStationExternalConstraints", "LocalGeneration")
_PERSISTENT = ("ChargingStationMaxProfile", "TxDefaultProfile", "PriorityCharging")
DYNAMIC_VALUES = ("limit", "dischargeLimit", "setpoint", "setpointReactive")


@dataclass(slots=True)
class Installed:
    """A profile that is held for an EVSE (0: the station). `source` is its chargingLimitSource. `updated_at` is when a
    dynamic one had its latest value; `pull_at` when the next one is asked for. `void`: an outage made it invalid for good.
    `delays` (s) are what randomizedDelay drew."""

    profile: dict[str, Any]
    evse: int
    received_at: float
    source: str = "CSO"
    updated_at: float = 0.0
    pull_at: float | None = None
    void: bool = False
    delays: tuple[float, ...] = ()

    @property
    def purpose(self) -> str:
        """Its chargingProfilePurpose."""
        return str(self.profile["chargingProfilePurpose"])

    @property
    def dynamic(self) -> bool:
        """Whether it has one period whose values move."""
        return bool(self.profile["chargingProfileKind"] == "Dynamic")

    @property
    def stale_at(self) -> float | None:
        """When a dynamic profile without updates becomes invalid (K28.FR.13); None for never."""
        duration = self.profile["chargingSchedule"][0].get("duration")
        return self.updated_at + duration if self.dynamic and duration is not None else None

    def update(self, values: Mapping[str, Any], now: float) -> None:
        """New values of a dynamic profile, effective at once (K28.FR.06, .09)."""
        period = self.profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]
        period.update({name: value for name, value in values.items() if name != "customData"})
        self.updated_at = now
        self.profile["dynUpdateTime"] = stamp(now)
        interval = self.profile.get("dynUpdateInterval", 0)
        self.pull_at = now + interval if interval else None


class ProfileStore:
    """All profiles, by id.

    `replacing` as in OCPP 1.6: a profile takes the place of the one with its purpose and stack level on its connector whenever
    that is valid, whatever its id, and defaults of one connector stand beside those of all.
    """

    def __init__(self, variables: DeviceModel, agenda: Agenda, evses: int, replacing: bool = False) -> None:
        self._variables, self._agenda, self._evses, self._replacing = variables, agenda, evses, replacing
        self.held: dict[int, Installed] = {}

    def set(self, evse: int, profile: Profile, transaction: str, now: float, starting: bool = False) -> dict[str, Any]:
        """SetChargingProfile for an EVSE on which `transaction` runs; `starting` as in `Target`."""
        own = () if self._replacing else self.held.values()
        others = [(one.evse, one.profile) for one in own if one.source == "CSO"]
        found = refusal(profile, Target(evse, self._evses, transaction, starting, others), self._variables)
        if found is not None:
            return status("Rejected", found.reason, found.info)
        if profile["id"] not in self.held and len(self.held) >= self._variables.room(
            "SmartChargingCtrlr.Entries[ChargingProfiles]"
        ):
            return status("Rejected", "OutOfStorage")
        self._replace_slot(evse, profile)
        self.held[profile["id"]] = self._installed(evse, profile, now)
        return status("Accepted")

    def hold(self, one: Installed) -> None:
        """Hold a profile made at the station itself."""
        self.held[one.profile["id"]] = one

    def update(self, request: Payload, now: float) -> dict[str, Any]:
        """UpdateDynamicSchedule (K28.FR.06, .11)."""
        one = self.held.get(request["chargingProfileId"])
        if one is None or one.source != "CSO":
            return status("Rejected", "InvalidProfileId")
        if not one.dynamic:
            return status("Rejected", "InvalidProfile")
        one.update(request["scheduleUpdate"], now)
        return status("Accepted")

    def clear(self, request: Payload) -> dict[str, Any]:
        """ClearChargingProfile: by id or by criteria; those from outside stay (K10)."""
        if "chargingProfileId" in request:
            found = [one for one in self.held.values() if one.profile["id"] == request["chargingProfileId"]]
        else:
            wanted = request.get("chargingProfileCriteria", {})
            found = [one for one in self.held.values() if _meets(one, wanted)]
        found = [one for one in found if one.purpose not in _FROM_OUTSIDE]
        for one in found:
            del self.held[one.profile["id"]]
        return status("Accepted" if found else "Unknown")

    def report(self, request: Payload) -> dict[str, Any]:
        """GetChargingProfiles, and the reports that follow: one for each source and EVSE (K09)."""
        wanted = request["chargingProfile"]
        found = [
            one for one in self.held.values() if _asked(one, wanted) and request.get("evseId", one.evse) == one.evse
        ]
        groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for one in found:
            groups.setdefault((one.source, one.evse), []).append(copy.deepcopy(one.profile))
        if not groups:
            return status("NoProfiles")
        for (source, evse), profiles in groups.items():
            report = {
                "requestId": request["requestId"],
                "chargingLimitSource": source,
                "evseId": evse,
                "chargingProfile": profiles,
            }
            last = (source, evse) == list(groups)[-1]
            self._agenda.put("ReportChargingProfiles", report if last else {**report, "tbc": True})
        return status("Accepted")

    # --- time and events -----------------------------------------------------------------------------------------------

    def pull(self, now: float) -> None:
        """Ask for the values of dynamic profiles that are due (K28.FR.10)."""
        for one in self.held.values():
            if one.pull_at is not None and now >= one.pull_at:
                one.pull_at = now + one.profile["dynUpdateInterval"]
                identifier = one.profile["id"]
                self._agenda.put("PullDynamicScheduleUpdate", {"chargingProfileId": identifier}, about=identifier)

    def pulled(self, identifier: int, answer: Payload, now: float) -> None:
        """The CSMS's answer; a refusal leaves the values as they are."""
        one = self.held.get(identifier)
        if one is not None and answer["status"] == "Accepted" and "scheduleUpdate" in answer:
            one.update(answer["scheduleUpdate"], now)

    def bind_transaction(self, evse: int, transaction: str) -> None:
        """A TxProfile that came with the request to start belongs to this transaction."""
        for one in self.held.values():
            if one.purpose == "TxProfile" and one.evse == evse and "transactionId" not in one.profile:
                one.profile["transactionId"] = transaction

    def drop_transaction(self, evse: int) -> None:
        """A transaction has ended, and its TxProfiles with it (K02.FR.05)."""
        self.held = {key: one for key, one in self.held.items() if one.purpose != "TxProfile" or one.evse != evse}

    def reboot(self, kept_transactions: frozenset[str]) -> None:
        """Only persistent purposes survive, and TxProfiles of transactions that are resumed."""
        self.held = {
            key: one
            for key, one in self.held.items()
            if one.purpose in _PERSISTENT
            or self._variables.flag(f"SmartChargingCtrlr.ChargingProfilePersistence[{one.purpose}]")
            or one.profile.get("transactionId") in kept_transactions
        }

    def reconnected(self, offline_for: float) -> None:
        """An outage is over; profiles that it made invalid for good are so from now on (K01.FR.102)."""
        for one in self.held.values():
            longest = one.profile.get("maxOfflineDuration")
            if longest is not None and offline_for > longest and one.profile.get("invalidAfterOfflineDuration"):
                one.void = True

    def next_due(self, now: float, offline_since: float | None) -> Iterator[float]:
        """When profiles are asked for, become stale, or end by an outage, as far as that is still to come."""
        for one in self.held.values():
            ends = [one.pull_at, one.stale_at]
            if offline_since is not None and "maxOfflineDuration" in one.profile:
                ends.append(offline_since + one.profile["maxOfflineDuration"])
            yield from (at for at in ends if at is not None and at > now)

    # --- inside --------------------------------------------------------------------------------------------------------

    def _installed(self, evse: int, profile: Profile, now: float) -> Installed:
        one = Installed(copy.deepcopy(dict(profile)), evse, now)
        if one.dynamic:
            at = instant(profile["dynUpdateTime"]) if "dynUpdateTime" in profile else now
            one.update({}, min(at, now))
        return one

    def _replace_slot(self, evse: int, profile: Profile) -> None:
        """The same purpose and stack level on an EVSE gives way where both could hold at one time (K01.FR.05, .06)."""
        slot = (evse, "CSO", profile["chargingProfilePurpose"], profile["stackLevel"])
        for key, one in list(self.held.items()):
            same = (one.evse, one.source, one.purpose, one.profile["stackLevel"]) == slot
            if same and (self._replacing or overlap(one.profile, profile)):
                del self.held[key]


def _meets(one: Installed, wanted: Mapping[str, Any]) -> bool:
    """Criteria of ClearChargingProfile, joined by AND."""
    has = (("evseId", one.evse), ("chargingProfilePurpose", one.purpose), ("stackLevel", one.profile["stackLevel"]))
    return all(wanted.get(name, value) == value for name, value in has)


def _asked(one: Installed, wanted: Mapping[str, Any]) -> bool:
    """Criteria of GetChargingProfiles, joined by AND; lists by OR."""
    has = (("chargingProfilePurpose", one.purpose), ("stackLevel", one.profile["stackLevel"]))
    among = (("chargingProfileId", one.profile["id"]), ("chargingLimitSource", one.source))
    return all(wanted.get(name, value) == value for name, value in has) and all(
        value in wanted.get(name, [value]) for name, value in among
    )
