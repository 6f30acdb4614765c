"""Decisions of an SECC, without a socket: refusals are complete, currents keep every limit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.exi import codec_for
from harness.grid.power_stage import Ratings
from harness.messages import SCHEMAS, ac
from harness.messages.common_types import responseCodeType as Code
from harness.v2g.dispatch import Wish, deliver, evse_envelope
from harness.v2g.envelope import Envelope
from harness.v2g.filler import minimal
from harness.v2g.secc import Halt, Measured, Site, Situation, answer, refusing
from harness.v2g.secc_settings import SeccSettings
from harness.v2g.sequence import TABLES, response_to
from harness.v2g.services import ControlMode, Mode
from harness.v2g.session import Session
from tests.v2g import dialogue as d

NOW = Situation(SeccSettings(), 1_700_000_000, Site(authorised=True), Measured(), fresh_id=bytes(range(1, 9)))


def requests():
    """One of each request, and one of each variant of those that have variants."""
    varied = [d.parameter_exchange(service)[0] for service in (2, 6)]
    varied += [d.loop_request(service, mode) for service in (2, 6) for mode in ControlMode]
    varied += [d.schedule_exchange(mode)[0] for mode in ControlMode]
    varied.append(
        minimal(
            ac.AC_ChargeParameterDiscoveryReq, AC_CPDReqEnergyTransferMode=minimal(ac.BPT_AC_CPDReqEnergyTransferMode)
        )
    )
    known = {type(each) for each in varied}
    plain = {row.request for row in TABLES[Mode.DC]} - known
    return [*varied, *(minimal(kind) for kind in sorted(plain, key=lambda kind: kind.__name__))]


def schema_of(message):
    names = ("AppProtocol", "CommonMessages", "DC", "AC")
    return next(SCHEMAS[name] for name in names if type(message) in SCHEMAS[name].messages)


@pytest.mark.parametrize("request_", requests(), ids=lambda each: type(each).__name__)
def test_every_refusal_is_the_right_response_and_complete_by_its_schema(request_):
    refusal = refusing(request_, Code.FAILED_SequenceError, Session(), NOW)
    codec = codec_for(schema_of(refusal))

    assert type(refusal) is response_to(type(request_))
    assert codec.decode(codec.encode(refusal)) == refusal


def test_before_the_protocol_is_negotiated_there_is_no_response():
    assert answer(d.ask(d.cm.AuthorizationSetupReq), (), Session(), NOW) == (type(answer(d.sap(), (), Session(), NOW)))(
        None, Halt()
    )


amounts = st.floats(0, 100_000)
limits = st.none() | amounts


@given(
    st.floats(-300, 300), st.floats(150, 500), limits, limits, limits, limits, st.none() | st.floats(0, 30_000), st.booleans()
)  # fmt: skip
def test_a_delivery_keeps_every_limit_of_both_sides(
    current, voltage, charge, charge_current, discharge, discharge_current, site, both
):
    ev = Envelope(
        max_charge_power=charge,
        max_charge_current=charge_current,
        max_discharge_power=discharge,
        max_discharge_current=discharge_current,
    )
    evse = evse_envelope(Ratings(), site, bidirectional=both)
    given_ = deliver(Wish(current, 500.0), ev, evse, bidirectional=both, voltage=voltage)
    way = "charge" if given_.current >= 0 else "discharge"
    for side in (ev, evse):
        power, amperes = getattr(side, f"max_{way}_power"), getattr(side, f"max_{way}_current")
        assert abs(given_.current) * voltage <= (math.inf if power is None else power) + 1e-6
        assert abs(given_.current) <= (math.inf if amperes is None else amperes) + 1e-9
    assert abs(given_.current) <= abs(current) and given_.current * current >= 0
    assert both or given_.current >= 0


def test_a_dead_band_below_the_minimum_stays_at_zero():
    ev = Envelope(max_charge_power=9000.0, min_charge_power=2000.0)
    evse = evse_envelope(Ratings(), None, bidirectional=True)

    assert deliver(Wish(4.0, 450.0), ev, evse, bidirectional=True, voltage=400.0).current == 0
    assert deliver(Wish(5.0, 450.0), ev, evse, bidirectional=True, voltage=400.0).current == 5
