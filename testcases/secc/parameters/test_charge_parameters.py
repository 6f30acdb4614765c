"""Charge parameter discovery: the variant must fit the service, the values each other, and signs and exponents nobody."""

from typing import Any

from harness.messages.common_types import RationalNumberType
from harness.messages.dc import (
    BPT_DC_CPDReqEnergyTransferMode,
    DC_ChargeParameterDiscoveryReq,
    DC_ChargeParameterDiscoveryRes,
    DC_CPDReqEnergyTransferMode,
)
from harness.v2g.readings import discovery_envelope
from harness.vocabulary import (
    DC,
    DC_BPT,
    SECC,
    Axis,
    Check,
    Evcc,
    Exchange,
    Service,
    answer,
    equals,
    failure_of,
    rational,
    response_of,
    test_case,
)

WRONG = "FAILED_WrongChargeParameter"
CHARGE: dict[str, Any] = {
    "EVMaximumChargePower": rational(30_000),
    "EVMinimumChargePower": rational(0),
    "EVMaximumChargeCurrent": rational(75),
    "EVMinimumChargeCurrent": rational(0),
    "EVMaximumVoltage": rational(450),
    "EVMinimumVoltage": rational(300),
}
DISCHARGE: dict[str, Any] = {
    "EVMaximumDischargePower": rational(11_000),
    "EVMinimumDischargePower": rational(0),
    "EVMaximumDischargeCurrent": rational(30),
    "EVMinimumDischargeCurrent": rational(0),
}


async def ask_in(evcc: Evcc, service: Service, **fields: object) -> Exchange:
    """Go to charge parameter discovery of a service in a new session, and ask with other fields."""
    await evcc.close()
    evcc.policy = evcc.policy.replace(service=service)
    await evcc.reach(DC_ChargeParameterDiscoveryReq)
    return await evcc.ask(evcc.request(DC_ChargeParameterDiscoveryReq, **fields))


@test_case(
    "TC_SECC_Parameters_001",
    covers="[V2G20-2272]",
    pics=SECC.DC_BPT,
    detects="secc-takes-any-charge-parameters",
)
async def test_charge_only_parameters_are_refused_in_a_bidirectional_service(evcc: Evcc, check: Check) -> None:
    """SECC refuses charge parameters without discharge limits where DC_BPT was selected.

    Given   a session with DC_BPT, in which charge parameter discovery is due
    when    the EV sends DC_CPDReqEnergyTransferMode instead of its BPT variant
    then    the SECC answers FAILED_WrongChargeParameter
    """
    wrong = DC_CPDReqEnergyTransferMode(**CHARGE)
    asked = await ask_in(evcc, DC_BPT, DC_CPDReqEnergyTransferMode=wrong)

    refused = failure_of(DC_ChargeParameterDiscoveryReq, WRONG, when="to DC_CPDReqEnergyTransferMode in DC_BPT")
    check.that(
        asked.outcome,
        answer,
        refused,
        advice="The variant must fit the selected service; without it no limit is known.",
    )


@test_case(
    "TC_SECC_Parameters_002",
    covers="[V2G20-2272]",
    pics=SECC.DC,
    detects="secc-takes-any-charge-parameters",
)
async def test_bidirectional_parameters_are_refused_in_a_charge_only_service(evcc: Evcc, check: Check) -> None:
    """SECC refuses charge parameters with discharge limits where DC was selected.

    Given   a session with DC, in which charge parameter discovery is due
    when    the EV sends BPT_DC_CPDReqEnergyTransferMode
    then    the SECC answers FAILED_WrongChargeParameter
    """
    wrong = BPT_DC_CPDReqEnergyTransferMode(**CHARGE, **DISCHARGE)
    asked = await ask_in(evcc, DC, DC_CPDReqEnergyTransferMode=wrong)

    refused = failure_of(DC_ChargeParameterDiscoveryReq, WRONG, when="to BPT_DC_CPDReqEnergyTransferMode in DC")
    check.that(
        asked.outcome, answer, refused, advice="A session of service 2 never discharges, whatever the EV announces."
    )


@test_case(
    "TC_SECC_Parameters_003",
    covers="[V2G20-2272]",
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-takes-contradictory-limits", "secc-fails-without-a-reason"),
)
async def test_contradictory_parameters_do_not_go_unnoticed(evcc: Evcc, check: Check) -> None:
    """SECC notices charge parameters that contradict each other.

    Given   sessions in which charge parameter discovery is due
    when    the EV sends a minimum voltage above the maximum, a minimum power above the maximum, a negative current limit
    then    the SECC answers FAILED_WrongChargeParameter; to go on with safe values is tolerated, another code is not
    """
    for fields, how in (
        ({"EVMinimumVoltage": 460, "EVMaximumVoltage": 300}, "EVMinimumVoltage above EVMaximumVoltage"),
        (
            {"EVMinimumChargePower": 9000, "EVMaximumChargePower": 3000},
            "EVMinimumChargePower above EVMaximumChargePower",
        ),
        ({"EVMaximumChargeCurrent": -20}, "a negative EVMaximumChargeCurrent"),
    ):
        seen = (await ask_in(evcc, evcc.policy.service, **fields)).outcome
        tolerable = response_of(DC_ChargeParameterDiscoveryReq, WRONG, "OK", when=f"to {how}")
        advice = "Check minimum against maximum and the signs before a limit is used."
        check.that(seen, answer, tolerable, advice=advice)
        right = failure_of(DC_ChargeParameterDiscoveryReq, WRONG, when=f"to {how}")
        check.that(seen, answer, right, advice=f"{advice} What goes on here must at least be safe.", axis=Axis.FIELD)


@test_case(
    "TC_SECC_Parameters_004",
    covers=("[V2G20-1034]", "FIELD-DISCHARGE-LIMIT-SIGN"),
    pics=SECC.DC_BPT,
    detects=("secc-refuses-negative-discharge-limits", "secc-mirrors-discharge-sign"),
)
async def test_discharge_limits_mean_the_same_with_either_sign(evcc: Evcc, check: Check) -> None:
    """SECC takes positive and negative discharge limits for the same, and keeps its own sign.

    Given   two sessions with DC_BPT, in which charge parameter discovery is due
    when    the EV sends its discharge limits as positive magnitudes in one, and as negative values in the other
    then    both are accepted, with the same limits of the EVSE
    """
    positive = await ask_in(evcc, DC_BPT, EVMaximumDischargePower=11_000, EVMaximumDischargeCurrent=30)
    negative = await ask_in(evcc, DC_BPT, EVMaximumDischargePower=-11_000, EVMaximumDischargeCurrent=-30)

    advice = "Both signs are in the field (the standard is read both ways): take the magnitude, and keep to one sign yourself."
    accepted = response_of(DC_ChargeParameterDiscoveryReq, when="to discharge limits of either sign")
    field: dict[str, Any] = {"requirement": "FIELD-DISCHARGE-LIMIT-SIGN", "axis": Axis.FIELD, "advice": advice}
    check.every((positive.outcome, negative.outcome), answer, accepted, **field)
    if isinstance(positive.response, DC_ChargeParameterDiscoveryRes) and answer(negative.outcome).code == "OK":
        same = equals(discovery_envelope(positive.outcome))
        check.that(negative.outcome, discovery_envelope, same, advice=advice, axis=Axis.FIELD)


@test_case(
    "TC_SECC_Parameters_005",
    covers=("V2G20:exi-schema", "FIELD-RATIONAL-EXPONENT"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-misreads-exponents",),
)
async def test_a_value_is_the_same_in_every_notation(evcc: Evcc, check: Check) -> None:
    """SECC reads the same value from every pair of exponent and value.

    Given   sessions in which charge parameter discovery is due
    when    the EV sends the same limits in three notations, such as 400 V as (2, 4), (0, 400) and (-1, 4000)
    then    each is answered alike, with the same limits of the EVSE
    """
    first = await ask_in(evcc, evcc.policy.service, **notation(low=0, high=0))
    check.that(first.outcome, answer, response_of(DC_ChargeParameterDiscoveryReq))
    for low, high in ((-1, 2), (-2, 1), (2, -1)):
        again = await ask_in(evcc, evcc.policy.service, **notation(low, high))
        how = f"to maxima with exponent {high} and minima with exponent {low}"
        advice = "Value times ten to the power of Exponent, with the sign of the exponent; compare numbers, not pairs."
        check.that(again.outcome, answer, response_of(DC_ChargeParameterDiscoveryReq, when=how), advice=advice)
        if answer(again.outcome).code == "OK" and answer(first.outcome).code == "OK":
            check.that(again.outcome, discovery_envelope, equals(discovery_envelope(first.outcome)), advice=advice)


def notation(low: int, high: int) -> dict[str, object]:
    """300 V to 400 V and 100 W to 300 W, the minima with one exponent and the maxima with the other."""
    return {
        "EVMinimumVoltage": RationalNumberType(Exponent=low, Value=round(300 * 10**-low)),
        "EVMaximumVoltage": RationalNumberType(Exponent=high, Value=round(400 * 10**-high)),
        "EVMinimumChargePower": RationalNumberType(Exponent=low, Value=round(100 * 10**-low)),
        "EVMaximumChargePower": RationalNumberType(Exponent=high, Value=round(300 * 10**-high)),
    }
