"""One EVSE with its connector: what is plugged in, who is authorised, what flows, and what the CSMS and the EV want."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.ocpp.station.wire import stamp

AvailabilityState = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
FLOWING = 10.0
"""W at the grid terminals above which energy counts as flowing; converters at rest stay below."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter of an EVSE shows at `at`: `power` (W, + = import), `reactive` (var, + = absorbed by the EVSE), energies
    (Wh, never falling), `voltage` (V) and `current` (A, + = towards the EV) at the outlet, `soc` in percent, `frequency` in Hz
    and `grid_voltage` (V per phase) of the mains, `upstream` (W, + = import) at the connection of the building."""

    at: float = 0.0
    power: float = 0.0
    energy_import: float = 0.0
    energy_export: float = 0.0
    reactive: float = 0.0
    voltage: float | None = None
    current: float | None = None
    soc: float | None = None
    frequency: float = 50.0
    grid_voltage: float = 230.0
    upstream: float | None = None


def takes_back(service: str) -> bool:
    """Whether a service takes energy back from the EV."""
    return "BPT" in service


@dataclass(frozen=True, slots=True)
class EvNeeds:
    """What a connected EV says of itself over ISO 15118-20. Powers in W and >= 0, energies in Wh; `departure` in station time."""

    evccid: str
    services: tuple[str, ...] = ("DC", "DC_BPT")
    control_mode: str = "DynamicControl"
    max_charge_power: float = 11_000.0
    max_discharge_power: float = 10_000.0
    min_charge_power: float = 0.0
    min_discharge_power: float = 0.0
    target_energy: float = 20_000.0
    min_energy: float = -5_000.0
    max_energy: float = 25_000.0
    min_v2x_energy: float | None = None
    max_v2x_energy: float | None = None
    departure: float | None = None
    max_schedule_tuples: int = 12

    def as_wire(self, requested: str) -> dict[str, Any]:
        """ChargingNeedsType with `requested` as the service."""
        parameters = {
            "minChargePower": self.min_charge_power,
            "maxChargePower": self.max_charge_power,
            "evTargetEnergyRequest": self.target_energy,
            "evMinEnergyRequest": self.min_energy,
            "evMaxEnergyRequest": self.max_energy,
        }
        if takes_back(requested):
            parameters["minDischargePower"] = self.min_discharge_power
            parameters["maxDischargePower"] = self.max_discharge_power
        for name, value in (
            ("evMinV2XEnergyRequest", self.min_v2x_energy),
            ("evMaxV2XEnergyRequest", self.max_v2x_energy),
        ):
            if value is not None:
                parameters[name] = value
        needs: dict[str, Any] = {
            "requestedEnergyTransfer": requested,
            "availableEnergyTransfer": list(self.services),
            "controlMode": self.control_mode,
            "mobilityNeedsMode": "EVCC",
            "v2xChargingParameters": parameters,
        }
        return needs if self.departure is None else {**needs, "departureTime": stamp(self.departure)}


@dataclass(frozen=True, slots=True)
class Control:
    """What the station makes an EVSE do now: `power` (W, + = charge) is what it aims at, within `limit` and `discharge_limit`
    (W, the latter <= 0), `setpoint` what the schedule asked for (None: no setpoint, the EV may take what it likes up to the
    limit). `reactive` in var, + = absorbed. `span` is what EVSE and EV can do at all, `tripped` says that the inverter has let
    go of the grid. `why` names what shaped it last."""

    power: float = 0.0
    limit: float = 0.0
    discharge_limit: float = 0.0
    setpoint: float | None = None
    reactive: float = 0.0
    mode: str = "ChargingOnly"
    asleep: bool = False
    preconditioning: bool = False
    tripped: bool = False
    span: tuple[float, float] = (-math.inf, math.inf)
    why: str = ""


@dataclass(slots=True)
class Evse:
    """State of one EVSE. `spent`: the EV that is plugged in has had its transaction. `token` is the idToken that authorised;
    `refused`: the last one that was presented to begin was not accepted.

    `service` is the energy transfer service agreed with the EV, "" before; `allowed` the services that the CSMS allows, None
    when it has not said.
    """

    number: int
    plugged: bool = False
    ev: EvNeeds | None = None
    spent: bool = False
    authorised: bool = False
    refused: bool = False
    token: dict[str, Any] | None = None
    group: str = ""
    remote_start: int | None = None
    operative: bool = True
    station_operative: bool = True
    faulted: bool = False
    locked: bool = False
    reservation: int | None = None
    reading: Reading = field(default_factory=Reading)
    control: Control = field(default_factory=Control)
    service: str = ""
    allowed: tuple[str, ...] | None = None
    told: str = ""
    waiting_to_plug_until: float | None = None
    blocked: str = ""

    @property
    def flowing(self) -> bool:
        """Energy moves, in either direction."""
        return self.plugged and abs(self.reading.power) > FLOWING

    @property
    def usable(self) -> bool:
        """A transaction may begin here."""
        return self.operative and self.station_operative and not self.faulted

    @property
    def availability(self) -> AvailabilityState:
        """The state of the connector."""
        if self.faulted:
            return "Faulted"
        if self.plugged:
            return "Occupied"
        if not self.usable:
            return "Unavailable"
        return "Available" if self.reservation is None else "Reserved"

    @property
    def bidirectional(self) -> bool:
        """The service agreed with the EV takes energy back, and the CSMS allows it."""
        return self.ev is not None and takes_back(self.service) and self.service in (self.allowed or ())

    def release(self) -> None:
        """Forget who was authorised and what was agreed."""
        self.authorised, self.token, self.group, self.remote_start = False, None, "", None
        self.service, self.allowed, self.blocked = "", None, ""
        self.waiting_to_plug_until = None
