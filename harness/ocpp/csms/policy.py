"""Every free choice of a central system, with those of an ordinary one as defaults; a case replaces single decisions.

    csms.policy = csms.policy.replace(boot_status="Pending")
    csms.policy = csms.policy.answering("Authorize", idTokenInfo={"status": "Blocked"})
    csms.policy = csms.policy.manner("Heartbeat", delay=5.0, first=1)

Powers in W, + = charge, - = discharge; times in s.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.ocpp.csms.periods import V2xPlan
from harness.ocpp.csms.records import Token
from harness.ocppj import codes

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Manner:
    """How requests of one action are answered, where not in the ordinary way.

    `fields` replace members of the ordinary answer (None leaves a member out), `payload` the whole of it; `error` is the
    code of a CALLERROR, for which the request counts as not taken. The answer leaves `delay` s late and `times` times
    (0: never, 2: twice). `first`: holds for that many requests only; None: for all.
    """

    fields: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    payload: Mapping[str, Any] | None = None
    error: str = ""
    description: str = ""
    delay: float = 0.0
    times: int = 1
    first: int | None = None

    def over(self, ordinary: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload that is sent instead of the ordinary one."""
        if self.payload is not None:
            return self.payload
        merged = {**ordinary, **self.fields}
        return {name: value for name, value in merged.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Prices:
    """What energy costs: per kWh taken, and per kWh given back (a credit), in `currency`."""

    per_kwh: float
    per_kwh_back: float = 0.0
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class CsmsPolicy:
    """See the module.

    `boot_interval` is the retry interval given with Pending and Rejected. `unbooted`: whether a station that has not sent
    BootNotification on this CSMS is served all the same, as stations do not boot again on a mere reconnect. `unknown_token`
    is the status of tokens nobody listed; with no tokens listed at all every token is accepted. `allowed_energy_transfer`
    goes with Authorize where the token says nothing; None leaves it out. `needs_status` overrules the decision on
    NotifyEVChargingNeeds; the profile follows `profile_delay` s after the answer, unless it is None. `inventory` asks for the
    device model after a boot, `settings` are variables (component, variable, value) set after it.
    """

    boot_status: Literal["Accepted", "Pending", "Rejected"] = "Accepted"
    heartbeat_interval: int = 60
    boot_interval: int = 10
    unbooted: Literal["serve", "refuse"] = "serve"
    inventory: bool = False
    settings: tuple[tuple[str, str, str], ...] = ()
    tokens: tuple[Token, ...] = ()
    unknown_token: str = "Unknown"
    concurrent_transactions: bool = True
    allowed_energy_transfer: tuple[str, ...] | None = ("AC_three_phase", "AC_single_phase", "DC", "AC_BPT", "DC_BPT")
    plan: V2xPlan = field(default_factory=V2xPlan)
    needs_status: str = ""
    profile_delay: float | None = 0.0
    ev_schedule_status: str = ""
    transaction_limit: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    charging_priority: int | None = None
    prices: Prices | None = None
    report_cost: bool = False
    sign_requests: bool = True
    vendors: tuple[str, ...] = ()
    streams: bool = True
    vat_companies: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    manners: Mapping[str, Manner] = field(default_factory=lambda: _NOTHING)

    def replace(self, **decisions: Any) -> CsmsPolicy:
        """The same policy with some decisions replaced."""
        return dataclasses.replace(self, **decisions)

    def manner(self, action: str, manner: Manner | None = None, **choices: Any) -> CsmsPolicy:
        """The same policy that answers one action in another manner: given whole, or by its fields."""
        return self.replace(manners={**self.manners, action: manner or Manner(**choices)})

    def answering(self, action: str, **fields: Any) -> CsmsPolicy:
        """The same policy that says other values in the answers to one action."""
        return self.manner(action, fields=fields)

    def refusing(self, action: str, code: str = codes.INTERNAL_ERROR, *, first: int | None = None) -> CsmsPolicy:
        """The same policy that answers one action with a CALLERROR."""
        return self.manner(action, error=code, first=first)

    def silent_on(self, action: str, *, first: int | None = None) -> CsmsPolicy:
        """The same policy that takes one action and never answers it."""
        return self.manner(action, times=0, first=first)

    def ordinarily(self, action: str) -> CsmsPolicy:
        """The same policy that answers one action in the ordinary way again."""
        return self.replace(manners={name: each for name, each in self.manners.items() if name != action})
