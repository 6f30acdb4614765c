"""How a verdict shows in pytest, and what travels from a worker to whoever shows progress."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import HarnessError, Inconclusive, Nonconformity
from harness.evidence.record import CaseRecord
from harness.verdict.verdict import Finding, Verdict

CASE_PROPERTY = "v2x-case"
"""Name of the user property of a test report that holds `summary_of` its case."""


def summary_of(record: CaseRecord) -> dict[str, Any]:
    """What a line of progress needs, as plain data."""
    first = next(iter(decisive(record)), None)
    return {
        "id": record.id,
        "verdict": str(record.verdict),
        "elapsed": record.elapsed,
        "says": str(first) if first else record.error.strip().rpartition("\n")[2],
        "rules": sorted({found.source for found in record.rule_findings if found.fails}),
    }


def decisive(record: CaseRecord) -> list[Finding]:
    """The findings that made the verdict."""
    return [found for found in record.findings if found.weight is record.verdict]


def outcome_of(record: CaseRecord) -> BaseException | None:
    """What to raise so that pytest shows the verdict; None for a pass."""
    if record.verdict is Verdict.NONE:
        return pytest.skip.Exception("; ".join(found.actual for found in record.findings) or "nothing was checked")
    lines = "\n".join(f"{found}\n    {found.advice}".rstrip() for found in decisive(record))
    if record.verdict is Verdict.PASS:
        return None
    if record.verdict is Verdict.FAIL:
        return Nonconformity(f"{record.id}: {record.purpose}\n{lines}", tuple(record.findings))
    if record.verdict is Verdict.ERROR:
        return HarnessError(f"{record.id}: {record.error}")
    return Inconclusive(f"{record.id}: {lines or 'nothing was checked'}")
