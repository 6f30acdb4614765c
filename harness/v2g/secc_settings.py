"""The configuration of a charger as its installer writes it. Plain data; nothing here switches behaviour for tests.

Powers in W, energies in Wh, currents in A, voltages in V, times in s; limits are magnitudes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness.grid.power_stage import Ratings
from harness.v2g import timers
from harness.v2g.services import Mode, Service


@dataclass(frozen=True, slots=True)
class Authorisation:
    """How users are authorised (EIM): everybody at once, when the site says so, or nobody.

    A user who has not been authorised after `patience` s counts as rejected.
    """

    policy: Literal["immediate", "on_site", "never"] = "immediate"
    patience: float = timers.EIM_WAIT.seconds


@dataclass(frozen=True, slots=True)
class MobilityNeeds:
    """What the site knows of its users, for EVs that let the SECC say it (MobilityNeedsMode 2). SOC in percent."""

    departure_time: int = 28_800
    minimum_soc: int = 30
    target_soc: int = 80
    acknowledge_within: int = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """Energy services by id and what their parameter sets say; value-added services by id.

    Each energy service is offered with a scheduled and a dynamic parameter set, and with a second dynamic one when
    `mobility_needs` are known. `renegotiable`: services may be chosen anew in a session.
    """

    services: tuple[int, ...] = (Service.DC, Service.DC_BPT)
    value_added: tuple[int, ...] = ()
    free: bool = True
    control_modes: tuple[int, ...] = (1, 2)
    connector: int = 2
    pricing: int = 0
    bpt_channel: int = 1
    generator_mode: int = 1
    mobility_needs: MobilityNeeds | None = None
    renegotiable: bool = True


@dataclass(frozen=True, slots=True)
class Schedules:
    """Schedules for scheduled control mode: up to three tuples, each less powerful than the one before, in `points`
    entries over `horizon` s or until departure. Without prices."""

    tuples: int = 2
    points: int = 4
    horizon: int = 86_400


@dataclass(frozen=True, slots=True)
class Meter:
    """The billing meter; a metering EVSE sends its readings in the first loop response."""

    id: str = "V2X-0001"
    metering: bool = True


@dataclass(frozen=True, slots=True)
class Timers:
    """What the SECC waits for. Defaults are those of the standard."""

    sequence: float = timers.SECC_SEQUENCE_TIMEOUTS[0].seconds
    sequence_in_loop: float = timers.SECC_SEQUENCE_TIMEOUTS[1].seconds
    close: float = timers.TCP_CLOSE.seconds
    resume: float = 86_400.0


@dataclass(frozen=True, slots=True)
class Tls:
    """How connections are secured. `lab` accepts the key exchange groups of test tools besides those of the profile."""

    enabled: bool = True
    minimum: Literal["1.2", "1.3"] = "1.3"
    client_certificate: bool = True
    lab: bool = False


@dataclass(frozen=True, slots=True)
class SeccSettings:
    """A charger with one DC outlet. `protocols` are the namespaces it speaks; `negative_discharge_limits` sends
    discharge limits as negative numbers, as some cars want them; `insulation` (ohm) is that of the installation.

    `after_failed` says what follows a FAILED response: the end of the session, as -20 demands, or, as ISO 15118-2 had it,
    the next request. `takeover` lets a new connection end the one before, for cars that come back without a close.
    """

    evse_id: str = "DEV2XE000001"
    protocols: tuple[str, ...] = (Mode.DC.value,)
    sdp: bool = True
    authorisation: Authorisation = field(default_factory=Authorisation)
    offer: Offer = field(default_factory=Offer)
    ratings: Ratings = field(default_factory=Ratings)
    schedules: Schedules = field(default_factory=Schedules)
    meter: Meter = field(default_factory=Meter)
    timers: Timers = field(default_factory=Timers)
    tls: Tls = field(default_factory=Tls)
    pause_allowed: bool = True
    standby_allowed: bool = True
    negative_discharge_limits: bool = False
    precharge_tolerance: float = 25.0
    insulation: float = 1_000_000.0
    after_failed: Literal["end", "continue"] = "end"
    takeover: bool = False
