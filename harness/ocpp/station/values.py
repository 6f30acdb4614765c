"""Variables that the station computes, and meter values at the clock (OCPP 2.1 J01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness.ocpp.station.evse import Evse
from harness.ocpp.station.metering import meter_value
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.transactions import Transactions
from harness.ocpp.station.wire import Agenda

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_DAY = 86_400.0


def bind_live_values(station: Station) -> None:
    """Give every variable that the data calls live its function."""
    bind = station.variables.bind
    bind("SmartChargingCtrlr.Entries[ChargingProfiles]", lambda: str(len(station.profiles.held)))
    bind("SecurityCtrlr.SecurityProfile", lambda: str(station.network.profile))
    bind("SecurityCtrlr.CertificateEntries", lambda: str(len(station.certificates.roots)))
    bind("LocalAuthListCtrlr.Entries", lambda: str(len(station.tokens.entries)))
    bind("DisplayMessageCtrlr.DisplayMessages", lambda: str(len(station.display.messages)))
    bind("MonitoringCtrlr.ActiveMonitoringLevel", lambda: str(station.monitoring.level))
    bind("ChargingStation.Model", lambda: station.settings.model)
    bind("ChargingStation.VendorName", lambda: station.settings.vendor)
    bind("ChargingStation.AvailabilityState", lambda: station_state(station.evses))
    bind("ChargePoint.NumberOfConnectors", lambda: str(len(station.evses)))
    for number, evse in station.evses.items():
        bind("Connector.AvailabilityState", partial(_state, evse), number, 1)
        bind("EVSE.AvailabilityState", partial(_state, evse), number)
        bind("EVSE.ActiveTransactionId", partial(_transaction, station, number), number)
        bind("EVSE.ChargingState", partial(_charging, station, number), number)
        bind("FiscalMetering.EnergyImportRegister", partial(_energy, evse, "energy_import"), number)
        bind("FiscalMetering.EnergyExportRegister", partial(_energy, evse, "energy_export"), number)
        bind("ConnectedEV.Available", partial(_has_ev, evse), number)
        bind("ConnectedEV.VehicleID", partial(_vehicle, evse), number)
        for name in ("ConnectedEV.ProtocolAgreed", "ConnectedEV.ProtocolSupportedByEV[1]"):
            bind(name, partial(_protocol, evse), number)


def station_state(evses: Mapping[int, Evse]) -> str:
    """Available as long as one EVSE is; else the state of the first."""
    states = [evse.availability for evse in evses.values()]
    return "Available" if "Available" in states else states[0]


def _state(evse: Evse) -> str:
    return evse.availability


def _transaction(station: Station, number: int) -> str:
    running = station.transactions.of_evse.get(number)
    return "" if running is None else running.id


def _charging(station: Station, number: int) -> str:
    running = station.transactions.of_evse.get(number)
    return "Idle" if running is None else running.state


def _energy(evse: Evse, name: str) -> str:
    return f"{getattr(evse.reading, name):.1f}"


def _has_ev(evse: Evse) -> str:
    return "false" if evse.ev is None else "true"


def _vehicle(evse: Evse) -> str:
    return "" if evse.ev is None else evse.ev.evccid


def _protocol(evse: Evse) -> str:
    return "" if evse.ev is None else "urn:iso:std:iso:15118:-20:DC,1,0"


@dataclass(slots=True)
class ClockAligned:
    """Meter values on a grid of time counted from midnight UTC."""

    variables: DeviceModel
    agenda: Agenda
    evses: Mapping[int, Evse]
    transactions: Transactions
    _next: float | None = None
    _interval: float = 0.0

    def tick(self, now: float) -> None:
        """Take values when the clock says so."""
        interval = self.variables.number("AlignedDataCtrlr.Interval") if self._enabled() else 0.0
        if interval != self._interval:
            self._interval, self._next = interval, _next_on_grid(now, interval) if interval else None
        if self._next is None or now < self._next:
            return
        self._next = _next_on_grid(now, interval)
        measurands = self.variables.members("AlignedDataCtrlr.Measurands")
        busy = bool(self.transactions.of_evse)
        for evse in self.evses.values():
            self._take(evse, measurands, busy, now)

    def next_due(self) -> Iterator[float]:
        """The next instant of the grid."""
        if self._next is not None:
            yield self._next

    def triggered(self, evse: Evse) -> None:
        """Values that a TriggerMessage asks for."""
        self._put(evse, self.variables.members("AlignedDataCtrlr.Measurands"), "Trigger")

    def _take(self, evse: Evse, measurands: tuple[str, ...], busy: bool, now: float) -> None:
        idle_only = self.variables.flag("AlignedDataCtrlr.SendDuringIdle")
        if evse.number in self.transactions.of_evse and not idle_only:
            self.transactions.at_the_clock(evse, measurands, now)
        elif not (busy and idle_only):
            self._put(evse, measurands, "Sample.Clock")

    def _put(self, evse: Evse, measurands: tuple[str, ...], context: str) -> None:
        values = meter_value(evse.reading, evse.control, measurands, context)
        if values is not None:
            self.agenda.put("MeterValues", {"evseId": evse.number, "meterValue": [values]})

    def _enabled(self) -> bool:
        return self.variables.flag("AlignedDataCtrlr.Enabled")


def _next_on_grid(now: float, interval: float) -> float:
    midnight = now - now % _DAY
    return midnight + min((now - midnight) // interval * interval + interval, _DAY)
