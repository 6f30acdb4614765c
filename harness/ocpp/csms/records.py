"""What a central system notes down: frozen values, one class for each kind of thing.

Times are wall time (UTC). Payload parts that are kept whole keep the wire's own names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from harness.ocppj.versions import Version

Part = dict[str, Any]
"""A part of a payload, as it came over the wire."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a station stands with the CSMS. `status` is that of its last BootNotification, empty before the first."""

    version: Version = "2.1"
    status: str = ""
    boots: int = 0
    booted_at: datetime | None = None
    boot_reason: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    connected: bool = False
    heard_at: datetime | None = None
    local_list_version: int = 0
    retry_after: datetime | None = None  # K01.FR.59: not before this the next profile


@dataclass(frozen=True, slots=True)
class Connector:
    """State of one connector as the station last reported it; `error` is the errorCode of 1.6."""

    evse_id: int
    connector_id: int
    status: str
    at: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """An id token that the CSMS knows. `allowed_energy_transfer`: None leaves that to the policy."""

    id_token: str
    type: str = "ISO14443"
    status: str = "Accepted"
    group: str = ""
    expires: datetime | None = None
    priority: int | None = None
    allowed_energy_transfer: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction. Registers are the first and last that were reported, in Wh.

    `last_seq` is the highest seqNo seen and `missing` those below it that never came. `live` is False when its start was
    never seen. `odd` lists what does not fit together, in words.
    """

    transaction_id: str
    evse_id: int | None = None
    connector_id: int | None = None
    id_token: str = ""
    id_token_type: str = ""
    authorised: str = ""
    evcc_id: str = ""
    charging_state: str = ""
    operation_mode: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    updated_at: datetime | None = None
    stopped_reason: str = ""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    last_seq: int = -1
    missing: tuple[int, ...] = ()
    offline_events: int = 0
    priority_charging: bool = False
    allowed: tuple[str, ...] | None = None
    evse_sleep: bool = False
    limit: Part = field(default_factory=dict)
    limit_told: bool = False
    import_begin: float | None = None
    import_end: float | None = None
    export_begin: float | None = None
    export_end: float | None = None
    cost_details: Part = field(default_factory=dict)
    odd: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Begun and not ended."""
        return self.ended_at is None

    @property
    def imported(self) -> float:
        """Wh taken from the grid."""
        return _span(self.import_begin, self.import_end)

    @property
    def exported(self) -> float:
        """Wh given back."""
        return _span(self.export_begin, self.export_end)


def _span(begin: float | None, end: float | None) -> float:
    return 0.0 if begin is None or end is None else end - begin


@dataclass(frozen=True, slots=True)
class RemoteStart:
    """A start that the CSMS asked for; its profile belongs to the transaction that comes of it. `used`: it has come."""

    remote_start_id: int | None
    id_token: str
    evse_id: int | None
    profile: Part
    used: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One sampled value in base units (W, Wh, A, V, var, Hz; Percent for SoC)."""

    at: datetime
    measurand: str
    value: float
    unit: str = ""
    phase: str = ""
    location: str = "Outlet"
    context: str = "Sample.Periodic"
    evse_id: int | None = None
    transaction_id: str = ""
    signed: Part = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variable:
    """One attribute of a variable of the device model; in 1.6 a configuration key (component empty)."""

    component: Part
    variable: Part
    attribute: str = "Actual"
    value: str | None = None
    mutability: str = "ReadWrite"
    characteristics: Part = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of one report, by requestId. `parts` are the seqNos seen, `last` that of the final part."""

    request_id: int
    kind: str
    parts: tuple[int, ...] = ()
    last: int | None = None
    asked: bool = True

    @property
    def complete(self) -> bool:
        """All parts from 0 to the last are there."""
        return self.last is not None and set(range(self.last + 1)) <= set(self.parts)


def purpose_of(written: str) -> str:
    """The purpose of a profile in the words of 2.x; 1.6 has another word for one."""
    return "ChargingStationMaxProfile" if written == "ChargePointMaxProfile" else written


@dataclass(frozen=True, slots=True)
class Profile:
    """A charging profile as the station should have it. `source` is CSO for those the CSMS sent.

    `update` are the values of the last UpdateDynamicSchedule or pull, taken by the station at `updated_at`; `wanted` are
    those that it gets when it pulls next.
    """

    profile_id: int
    evse_id: int
    content: Part
    installed_at: datetime
    source: str = "CSO"
    update: Part = field(default_factory=dict)
    updated_at: datetime | None = None
    wanted: Part = field(default_factory=dict)

    @property
    def purpose(self) -> str:
        """In the words of 2.x."""
        return purpose_of(self.content["chargingProfilePurpose"])

    @property
    def dynamic(self) -> bool:
        return bool(self.content["chargingProfileKind"] == "Dynamic")

    @property
    def transaction_id(self) -> str:
        return str(self.content.get("transactionId", ""))


@dataclass(frozen=True, slots=True)
class ExternalLimit:
    """A limit that somebody else than the CSMS set (NotifyChargingLimit)."""

    evse_id: int
    source: str
    grid_critical: bool
    local_generation: bool
    schedules: tuple[Part, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Needs:
    """What the EV at an EVSE said it needs. `answered` is the status given; `pending`: its profile is still owed."""

    evse_id: int
    needs: Part
    at: datetime
    most_tuples: int | None = None
    answered: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class EvSchedule:
    """The schedule that the EV said it will follow (NotifyEVChargingSchedule)."""

    evse_id: int
    time_base: datetime | None
    content: Part
    answered: str


@dataclass(frozen=True, slots=True)
class DerControl:
    """A DER control as the station should have it. `state`: accepted, started, superseded, ended."""

    control_id: str
    control_type: str
    is_default: bool
    content: Part
    priority: int | None = None
    start: datetime | None = None
    duration: float | None = None
    state: str = "accepted"
    reported: bool = False

    @property
    def end(self) -> datetime | None:
        """When a scheduled control runs out."""
        if self.start is None or self.duration is None:
            return None
        return self.start + timedelta(seconds=self.duration)


@dataclass(frozen=True, slots=True)
class DerAlarm:
    """A grid event that forced a deviation; `ended_at` is None while it lasts."""

    control_type: str
    at: datetime
    fault: str = ""
    ended_at: datetime | None = None
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that takes long: firmware, log, diagnostics, customer information. `statuses` in the order of coming."""

    request_id: int | None
    kind: str
    statuses: tuple[str, ...] = ()
    data: str = ""

    @property
    def status(self) -> str:
        return self.statuses[-1] if self.statuses else ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation that the station accepted. `state`: active, used, Expired, Removed, NoTransaction, cancelled."""

    reservation_id: int
    evse_id: int | None
    id_token: str
    expires: datetime | None
    state: str = "active"


@dataclass(frozen=True, slots=True)
class DisplayMessage:
    """A message that the station shows."""

    message_id: int
    content: Part


@dataclass(frozen=True, slots=True)
class Monitor:
    """A variable monitor at the station."""

    monitor_id: int
    component: Part
    variable: Part
    content: Part


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else a station told, kept whole: security events, notified events, settlements, battery swaps."""

    action: str
    at: datetime
    content: Part


@dataclass(frozen=True, slots=True)
class Installed:
    """A certificate that the station holds, by its hash data. `use` is InstallCertificate's or GetInstalled's type."""

    use: str
    hash_data: Part


@dataclass(frozen=True, slots=True)
class Signing:
    """A certificate request of a station; `status` is what the station said of the certificate it got."""

    request_id: int | None
    kind: str
    at: datetime
    status: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff that the station keeps: default of an EVSE (0: all), or of one transaction."""

    tariff_id: str
    content: Part
    evse_id: int | None = None
    transaction_id: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """A periodic event stream that the station opened."""

    stream_id: int
    content: Part
    samples: int = 0
    pending: int = 0
