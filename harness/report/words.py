"""The words that all reports share."""

from __future__ import annotations

import re
from datetime import datetime

from harness.verdict.verdict import Finding, Verdict

VERDICTS = {
    Verdict.NONE: "not exercised",
    Verdict.PASS: "passed",
    Verdict.INCONC: "inconclusive",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "error",
}

ROLES = {
    "secc": "SECC",
    "evcc": "EVCC",
    "station": "charging station",
    "cs": "charging station",
    "csms": "CSMS",
    "meter": "meter",
}


def topic_of(case: str) -> str:
    """What a case is about, from its permanent id: ``TC_SECC_DC_BPT_007`` is about ``DC BPT``."""
    return " ".join(case.split("_")[2:-1]) or "general"


def role_name(role: str) -> str:
    """A role as the field writes it."""
    return ROLES.get(role, role)


def anchor(text: str) -> str:
    """`text` as (part of) an id in a page."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)


def duration(seconds: float) -> str:
    """Such as ``0.4 s``, ``42 s``, ``3 min 5 s``, ``2 h 3 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(iso: str) -> str:
    """An ISO 8601 time as ``2026-05-04 03:02:01 UTC``; what is no time stays as it is."""
    try:
        return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return iso


def finding_text(finding: Finding) -> str:
    """A finding in one paragraph, for reports that hold text alone."""
    where = "" if finding.frame is None else f" Frame {finding.frame}"
    where += "" if finding.at is None else f"{',' if where else ' '} at {finding.at:.3f} s"
    kind = "provisional, the limit is not confirmed" if finding.provisional else str(finding.verdict)
    advice = f" {finding.advice}" if finding.advice else ""
    return (
        f"{finding.requirement or finding.source} ({finding.axis.value}, {kind}): "
        f"expected {finding.expected}; actual {finding.actual}.{where + '.' if where else ''}{advice}"
    )
