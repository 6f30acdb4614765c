"""All that a central system knows of one station, in tables that can be saved and read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.ocpp.csms import records as rec
from harness.ocpp.csms.table import Table
from harness.ocppj.versions import Version

READINGS_KEPT = 20_000
NOTES_KEPT = 5_000
_ONLY = "station"


class Station:
    """One station by its identity; a fresh one is unknown in every respect but that."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self._standing = Table("standing", rec.Standing)
        self.connectors = Table("connector", rec.Connector)
        self.transactions = Table("transaction", rec.Transaction)
        self.remote_starts = Table("remote_start", rec.RemoteStart, NOTES_KEPT)
        self.readings = Table("reading", rec.Reading, READINGS_KEPT)
        self.variables = Table("variable", rec.Variable)
        self.reports = Table("report", rec.Report)
        self.profiles = Table("profile", rec.Profile)
        self.limits = Table("limit", rec.ExternalLimit)
        self.needs = Table("needs", rec.Needs)
        self.ev_schedules = Table("ev_schedule", rec.EvSchedule)
        self.der_controls = Table("der_control", rec.DerControl)
        self.der_alarms = Table("der_alarm", rec.DerAlarm, NOTES_KEPT)
        self.jobs = Table("job", rec.Job)
        self.reservations = Table("reservation", rec.Reservation)
        self.displays = Table("display", rec.DisplayMessage)
        self.monitors = Table("monitor", rec.Monitor)
        self.notes = Table("note", rec.Noted, NOTES_KEPT)
        self.certificates = Table("certificate", rec.Installed)
        self.signings = Table("signing", rec.Signing)
        self.tariffs = Table("tariff", rec.Tariff)
        self.streams = Table("stream", rec.Stream)

    @property
    def tables(self) -> Iterator[Table[Any]]:
        """All tables, for saving and reading back."""
        return (each for each in vars(self).values() if isinstance(each, Table))

    @property
    def standing(self) -> rec.Standing:
        return self._standing.get(_ONLY) or rec.Standing()

    def stands(self, **changes: Any) -> None:
        """Change single facts of the standing."""
        self._standing[_ONLY] = replace(self.standing, **changes)

    @property
    def version(self) -> Version:
        """The OCPP version it speaks, or last spoke."""
        return self.standing.version

    def transaction_at(self, evse_id: int) -> rec.Transaction | None:
        """The running transaction of an EVSE, the latest if there are several."""
        found = [each for each in self.transactions.values() if each.running and each.evse_id == evse_id]
        return found[-1] if found else None

    @property
    def running(self) -> list[rec.Transaction]:
        """All running transactions, in order of beginning."""
        return [each for each in self.transactions.values() if each.running]

    @property
    def remote_tokens(self) -> list[str]:
        """The tokens with which the CSMS itself started transactions here."""
        return [each.id_token for each in self.remote_starts.values()]

    def note(self, action: str, content: rec.Part, now: datetime) -> None:
        """Keep what the station told as it is."""
        self.notes.append(rec.Noted(action, now, dict(content)))
