"""A central system as books and decisions: stations by identity, answers to their requests, and what its own requests bring.

    system = CentralSystem()
    system.connected("CS1", "2.1", now)
    given = system.answer("CS1", "Heartbeat", {}, policy, now)

Pure: `now` is wall time (UTC). Payloads must have been checked before: the books rely on the schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from harness.ocpp.csms import profiles, v2x
from harness.ocpp.csms.answers import ANSWERS, unknown
from harness.ocpp.csms.answers_16 import ANSWERS_16
from harness.ocpp.csms.authority import Authority, NoAuthority
from harness.ocpp.csms.boot import refusal_before_acceptance, settle
from harness.ocpp.csms.device_model import number_of
from harness.ocpp.csms.outcomes import ASKED, SETTLED
from harness.ocpp.csms.policy import CsmsPolicy, Manner
from harness.ocpp.csms.station import Station
from harness.ocpp.csms.table import Table
from harness.ocpp.csms.visit import Answer, Refusal, Reply, Visit
from harness.ocppj.versions import Version

Payload = Mapping[str, Any]
_ORDINARY = Manner()


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a request, `delay` s late, sent `times` times (0: never)."""

    answer: Answer
    delay: float = 0.0
    times: int = 1


class CentralSystem:
    """All stations, and the numbers that must never repeat. `authority` is asked about certificates."""

    def __init__(self, authority: Authority | None = None) -> None:
        self.authority = authority or NoAuthority()
        self.stations: dict[str, Station] = {}
        self.counters = Table("counter", int)
        self._triggered: dict[str, set[str]] = {}
        self._certificate_names: dict[str, str] = {}
        self._used: dict[tuple[str, str], tuple[Manner, int]] = {}

    def station(self, identity: str) -> Station:
        """The station of that identity, new if it was never heard of."""
        if identity not in self.stations:
            self.stations[identity] = Station(identity)
        return self.stations[identity]

    def connected(self, identity: str, version: Version, now: datetime, certificate_name: str = "") -> None:
        """A station has connected; `certificate_name` is the CN it authenticated with (security profile 3)."""
        self.station(identity).stands(version=version, connected=True, heard_at=now)
        self._certificate_names[identity] = certificate_name
        self._triggered.pop(identity, None)

    def disconnected(self, identity: str) -> None:
        """A station is gone. Its transactions stay as they are: it goes on without us."""
        self.station(identity).stands(connected=False)

    def certificate_name(self, station: Station) -> str:
        """The CN that a station authenticated with; empty where it did not by a certificate."""
        return self._certificate_names.get(station.identity, "")

    def triggered(self, station: Station) -> set[str]:
        """The actions that a station was triggered to send on this connection."""
        return self._triggered.setdefault(station.identity, set())

    # --- requests of stations ---

    def answer(self, identity: str, action: str, request: Payload, policy: CsmsPolicy, now: datetime) -> Given:
        """Note a request (or SEND) of a station, and decide on the answer."""
        visit = Visit(self, self.station(identity), policy, now)
        visit.station.stands(heard_at=now)
        manner = self._manner(identity, action, policy)
        if manner.error:
            return Given(Refusal(manner.error, manner.description), manner.delay, manner.times)
        given = self._ordinary(visit, action, request)
        if isinstance(given, Reply):
            given = replace(given, payload=manner.over(given.payload))
            if action == "BootNotification":
                settle(visit, given.payload)
                given = given if given.payload.get("status") == "Accepted" else replace(given, orders=())
        return Given(given, manner.delay, manner.times)

    def _ordinary(self, visit: Visit, action: str, request: Payload) -> Answer:
        refused = refusal_before_acceptance(visit, action, request)
        if refused is not None:
            return refused
        known = ANSWERS_16 if visit.version == "1.6" else ANSWERS
        return known.get(action, unknown)(visit, request)

    def _manner(self, identity: str, action: str, policy: CsmsPolicy) -> Manner:
        """How this request is answered; a manner for the first so many requests runs out."""
        manner = policy.manners.get(action)
        if manner is None:
            return _ORDINARY
        known, used = self._used.get((identity, action), (manner, 0))
        used = used if known is manner else 0
        if manner.first is not None and used >= manner.first:
            return _ORDINARY
        self._used[identity, action] = (manner, used + 1)
        return manner

    # --- requests of the CSMS ---

    def asked(self, identity: str, action: str, request: Payload, policy: CsmsPolicy, now: datetime) -> None:
        """A request leaves the CSMS."""
        note = ASKED.get(action)
        if note is not None:
            note(Visit(self, self.station(identity), policy, now), request)

    def settled(
        self, identity: str, action: str, request: Payload, response: Payload, policy: CsmsPolicy, now: datetime
    ) -> None:
        """The station has answered a request of the CSMS with a CALLRESULT."""
        note = SETTLED.get(action)
        if note is not None:
            note(Visit(self, self.station(identity), policy, now), request, response)

    def afrr_stations(self) -> Iterator[Station]:
        """The connected stations that an aFRR signal concerns (Q08.FR.12)."""
        return (each for each in self.stations.values() if each.standing.connected and v2x.takes_afrr(each))

    # --- numbers ---

    def new_request_id(self) -> int:
        """A requestId nobody has had."""
        return self._next("request")

    def new_transaction_id(self) -> int:
        """A transactionId for 1.6."""
        return self._next("transaction")

    def new_remote_start_id(self) -> int:
        """A remoteStartId nobody has had."""
        return self._next("remote start")

    def new_control_id(self) -> str:
        """A controlId for a DER control."""
        return f"der-{self._next('control')}"

    def new_profile_id(self, station: Station) -> int:
        """A profile id that is free at a station, above those it keeps for itself (K01.FR.80)."""
        reserved = number_of(station, "SmartChargingCtrlr", "MaxExternalConstraintsId")
        number = self._next("profile")
        return number if reserved is None else number + int(reserved)

    def profile_id_for(
        self, station: Station, evse_id: int, purpose: str, stack_level: int, transaction_id: str = ""
    ) -> int:
        """The id of the profile that a new one takes the place of, else a new one (K01.FR.06, K01.FR.39)."""
        known = profiles.in_place(station, evse_id, purpose, stack_level, transaction_id)
        return self.new_profile_id(station) if known is None else known.profile_id

    def _next(self, name: str) -> int:
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]
