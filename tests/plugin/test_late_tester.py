"""What was found while the tester was too slow for its own EV blames nobody."""

from __future__ import annotations

import pytest

from harness.actor.driven_ev import BenchCar
from harness.v2g.evcc import EvPolicy
from harness.verdict.verdict import Verdict
from tests.selftest.perform import performed

_CASE = "TC_CHARGER_Setpoint_001"


def test_findings_of_a_case_that_a_slow_tester_spoilt_are_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = BenchCar.policy

    def slow(car: BenchCar, policy: EvPolicy) -> EvPolicy:
        return ordinary(car, policy).replace(loop_period=0.9)  # the SECC gives up after 0.5 s

    monkeypatch.setattr(BenchCar, "policy", slow)
    record = performed.__wrapped__(_CASE)
    assert record.verdict is Verdict.INCONC
    assert record.findings
    assert {found.verdict for found in record.findings} == {Verdict.INCONC}
    assert any("the tester was late" in found.actual for found in record.findings)
