"""Actors as fixtures: what a case may ask for by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.actor.evcc import Evcc
from harness.actor.meter import MeterProbe
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.stage import Stage
from harness.errors import UsageError
from harness.plugin.run import run_of
from harness.verdict.check import Check
from harness.verdict.declare import case_declaration


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Everything the case stands on, in an event loop of its own."""
    run = run_of(request.config)
    if run is None:
        raise UsageError("a case needs a device; name one with --device, or use `v2x-harness run`")
    with run.staged() as staged:
        yield staged


@pytest.fixture
def evcc(stage: Stage) -> Evcc:
    """The tester as the EV."""
    return stage.evcc


@pytest.fixture
def secc(stage: Stage) -> SeccUnderTest:
    """The SECC as the SUT."""
    return stage.secc


@pytest.fixture
def meter(stage: Stage) -> MeterProbe:
    """The bench meter; a case that asks for it needs one (``needs="meter"``)."""
    if stage.meter is None:
        raise UsageError('this bench has no meter; a case that asks for one declares needs="meter"')
    return stage.meter


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """Where the case leaves its findings."""
    declaration = case_declaration(request.function)
    if declaration is None:
        raise UsageError("only functions declared with test_case have findings")
    return Check(source=declaration.id, requirement=declaration.covers[0])
