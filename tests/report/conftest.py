"""One bundle for all tests of reports in a process: playing it takes longer than looking at it."""

from __future__ import annotations

import pytest

from harness.evidence.bundle import Bundle
from harness.evidence.record import RunRecord
from harness.report.all import write_reports
from tests.report.sample import make_bundle


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, RunRecord]:
    """The sample bundle with all reports written, and its record."""
    bundle, run = make_bundle(tmp_path_factory.mktemp("reports"))
    write_reports(bundle, run)
    return bundle, run
