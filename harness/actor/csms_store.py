"""Where a CSMS keeps its books between two runs: one SQLite file, one row for each record, written as records change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.errors import BenchError
from harness.ocpp.csms.central import CentralSystem
from harness.ocpp.csms.table import Table

_LAYOUT = 1
_SYSTEM = ""
"""In place of an identity, for what belongs to no station."""


class CsmsStore:
    """An open file. `load` before the first message, `save` after each; what was saved survives a crash."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            found = self._file.execute("PRAGMA user_version").fetchone()[0]
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS record (station TEXT, kind TEXT, key TEXT, content TEXT,"
                " PRIMARY KEY (station, kind, key)) WITHOUT ROWID"
            )
        except sqlite3.Error as error:
            raise BenchError(f"{path} cannot be used to keep the CSMS's state: {error}; name another file") from error
        if found not in (0, _LAYOUT):
            self._file.close()
            raise BenchError(f"{path} was written by another release (layout {found}); name another file")
        self._file.execute(f"PRAGMA user_version={_LAYOUT}")

    def load(self, system: CentralSystem) -> None:
        """Fill a fresh system with what was saved; nobody is connected yet."""
        rows = self._file.execute("SELECT station, kind, key, content FROM record ORDER BY station, kind, key")
        for identity, kind, key, content in rows.fetchall():
            table = _table(system, identity, kind)
            if table is not None:
                table.restore(key, _adapter(table).validate_json(content))
        for station in system.stations.values():
            station.stands(connected=False)

    def save(self, system: CentralSystem, identity: str) -> None:
        """Write what has changed of one station, and the counters; all or nothing."""
        rows = list(self._changes(identity, system.station(identity).tables))
        rows += self._changes(_SYSTEM, (system.counters,))
        if not rows:
            return
        self._file.execute("BEGIN")
        for row in rows:
            if row[3] is None:
                self._file.execute("DELETE FROM record WHERE station=? AND kind=? AND key=?", row[:3])
            else:
                self._file.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", row)
        self._file.execute("COMMIT")

    def close(self) -> None:
        self._file.close()

    def _changes(self, identity: str, tables: Iterable[Table[Any]]) -> Iterable[tuple[str, str, str, str | None]]:
        for table in tables:
            adapter = _adapter(table)
            for key, record in table.changes():
                yield identity, table.name, key, None if record is None else adapter.dump_json(record).decode()


def _table(system: CentralSystem, identity: str, kind: str) -> Table[Any] | None:
    """The table a row belongs to; None for a kind that this release does not keep any more."""
    if identity == _SYSTEM:
        return system.counters if kind == system.counters.name else None
    return next((each for each in system.station(identity).tables if each.name == kind), None)


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(table: Table[Any]) -> TypeAdapter[Any]:
    """How records of a table become text and come back; made once for each kind, for making one is slow."""
    if table.name not in _ADAPTERS:
        _ADAPTERS[table.name] = TypeAdapter(table.kind)
    return _ADAPTERS[table.name]
