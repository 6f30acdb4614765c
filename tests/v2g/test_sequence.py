"""The table of message order: complete, without dead ends, and read the same for both roles."""

from __future__ import annotations

import pytest

from harness.messages import common_messages as cm
from harness.v2g.sequence import FINAL, TABLES, Outcome, State, outcome, response_to, step_for
from harness.v2g.services import ControlMode, Mode, Service
from tests.v2g import dialogue as d

ROWS = TABLES[Mode.DC]


def test_every_state_that_is_not_final_allows_a_request_without_tolerance_or_is_only_tolerated_itself():
    strict = {row.state for row in ROWS if not row.tolerated}

    assert set(State) - FINAL - strict == {State.STANDBY_BEFORE_START}


def test_no_request_is_legal_in_a_final_state():
    assert not [row for row in ROWS if row.state in FINAL]


def test_every_state_is_reached_from_the_first():
    reached, before = {State.APP_PROTOCOL}, set()
    while reached != before:
        before = set(reached)
        reached |= {after for row in ROWS if row.state in before for after in row.leads_to.values()}

    assert reached == set(State)


def test_the_end_is_reached_from_every_state():
    ends, before = set(FINAL), set()
    while ends != before:
        before = set(ends)
        ends |= {row.state for row in ROWS if set(row.leads_to.values()) & before}

    assert ends == set(State)


def test_a_request_has_at_most_one_row_in_a_state():
    seen = [(row.state, row.request, row.progress) for row in ROWS]

    assert len(seen) == len(set(seen))


def test_every_request_of_the_table_has_a_response_type():
    assert all(response_to(row.request).__name__ == row.request.__name__[:-3] + "Res" for row in ROWS)


@pytest.mark.parametrize("mode", ControlMode)
@pytest.mark.parametrize("service", [Service.DC, Service.DC_BPT])
def test_the_main_line_passes_from_protocol_to_end(service, mode):
    state = State.APP_PROTOCOL
    for request, response in d.whole_session(service, mode):
        step = step_for(Mode.DC, state, request)
        assert step is not None and not step.tolerated, (state, type(request).__name__)
        state = step.leads_to.get(outcome(request, response), state)

    assert state is State.ENDED


def test_a_warning_in_authorization_asks_for_another_request():
    request, response = d.authorization_exchanges()[1]
    warned = d.ok(cm.AuthorizationRes, d.Code.WARNING_EIMAuthorizationFailure, EVSEProcessing=d.FINISHED)

    assert outcome(request, response) is Outcome.DONE
    assert outcome(request, warned) is Outcome.REFUSED


def test_power_delivery_is_legal_by_its_progress():
    assert step_for(Mode.DC, State.CHARGE_LOOP, d.delivery(d.Progress.Stop)).tolerated is False
    assert step_for(Mode.DC, State.STOPPED, d.delivery(d.Progress.Start)) is None
    assert step_for(Mode.DC, State.CABLE_CHECK, d.delivery(d.Progress.Start)) is None
