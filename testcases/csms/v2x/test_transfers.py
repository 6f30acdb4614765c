"""Which energy transfers a CSMS allows: at the authorisation, for the needs of an EV, and later (OCPP 2.1 use cases Q01, Q02)."""

from collections.abc import Mapping
from typing import Any

from harness.ocpp.readings import came, reading, status
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Inconclusive,
    Observation,
    TesterStation,
    equals,
    one_of,
    satisfies,
    test_case,
    v2x_needs,
)

BIDIRECTIONAL = frozenset({"AC_BPT", "AC_BPT_DER", "AC_DER", "DC_BPT", "DC_ACDP_BPT"})
RARE = ("WPT", "DC_ACDP_BPT", "DC_ACDP", "AC_DER", "AC_BPT_DER")


def transfers_named(seen: Observation) -> list[str] | None:
    """The bidirectional transfers in a list of allowed ones, wherever it stands."""
    found = reading("allowedEnergyTransfer")(seen)
    return sorted(BIDIRECTIONAL & set(found)) if isinstance(found, list) else None


def transfers_allowed(seen: Observation) -> list[str]:
    """As `transfers_named`; none where there is no list."""
    return transfers_named(seen) or []


def a_transfer_outside(allowed: Mapping[str, Any] | None) -> str:
    """A transfer that the answer to an Authorize does not allow."""
    named = (allowed or {}).get("allowedEnergyTransfer")
    found = next((each for each in RARE if named and each not in named), None)
    if found is None:
        raise Inconclusive(f"the CSMS allows {named or 'no list'}, so no transfer is known that it does not allow")
    return found


@test_case(
    "TC_CSMS_Transfer_001",
    covers="Q01.FR.01",
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-names-no-transfer", "csms-refuses-tokens"),
    lasts=15.0,
)
async def test_a_driver_who_may_discharge_is_told_so(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS names the bidirectional transfers that a driver may use, at the authorisation or during the transaction.

    Given   a booted station with ISO 15118 and V2X, and a token that may discharge
    when    the token is authorised; and where the answer leaves the list out, an EV that could discharge asks for charging
    then    a list of allowed transfers with a bidirectional one comes, with the answer or as NotifyAllowedEnergyTransfer
    """
    await station.power_up(within=csms.pixit.boot_time)
    told = (await station.call("Authorize", {"idToken": csms.token})).outcome
    check.that(told, status, equals("Accepted"))
    if transfers_named(told) is None:
        await station.begin_transaction(csms.token)
        await station.tell_needs(v2x_needs("DC"))
        told = await station.expect("NotifyAllowedEnergyTransfer", within=csms.pixit.reaction_time)
    wanted = satisfies("a bidirectional transfer", bool)
    advice = "Look whether this token may discharge, and whether the list goes to stations with ISO 15118 and V2X."
    check.that(told, transfers_named, wanted, advice=advice)


@test_case(
    "TC_CSMS_Transfer_002",
    covers=("Q01.FR.04", "K18.FR.22", "K19.FR.15"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-accepts-any-transfer", "csms-has-no-profile-instead"),
    lasts=15.0,
)
async def test_a_transfer_that_is_not_allowed_is_rejected(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS rejects needs with an energy transfer that it does not allow, and sends no profile for them.

    Given   a running transaction of a token whose allowed transfers the CSMS has named
    when    the station tells of an EV that asks for another one
    then    the needs are answered with Rejected, and no profile for the transaction follows
    """
    await station.power_up(within=csms.pixit.boot_time)
    allowed = (await station.call("Authorize", {"idToken": csms.token})).response
    asked = a_transfer_outside(allowed)
    await station.begin_transaction(csms.token)
    told = await station.tell_needs(v2x_needs(asked, available=(asked,)))
    advice = "NoChargingProfile is for needs without a schedule; a transfer that is not allowed is Rejected."
    check.that(told.outcome, status, equals("Rejected"), advice=advice)
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    check.that(sent, came, equals("Silence"), advice="Send a profile only for needs that were accepted.")


@test_case(
    "TC_CSMS_Transfer_003",
    covers="Q02.FR.05",
    pics=CSMS.V2X & CSMS.ISO_15118,
    needs="send_request",
    detects=("csms-tells-transfers-of-another", "csms-forgets-transfers"),
    lasts=15.0,
)
async def test_a_withdrawn_transfer_is_told_and_refused_from_then_on(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS tells a station of a transaction's new list of transfers, and keeps to it.

    Given   a running transaction of a token that may discharge
    when    the CSMS is made to allow charging alone, and the EV then still asks for DC_BPT
    then    NotifyAllowedEnergyTransfer names the transaction and the new list, and the needs are rejected
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    new = {"transactionId": transaction, "allowedEnergyTransfer": ["DC"]}
    sent = await csms.sends("NotifyAllowedEnergyTransfer", new)
    check.that(sent, reading("transactionId"), equals(transaction))
    check.that(sent, reading("allowedEnergyTransfer"), equals(["DC"]))
    told = await station.tell_needs(v2x_needs("DC_BPT"))
    later = equals("Rejected").because("Q02.FR.05 with Q01.FR.04", confirmed=False)
    check.that(told.outcome, status, later, requirement="Q01.FR.04", advice="The list told last overrules the first.")


@test_case(
    "TC_CSMS_Transfer_004",
    covers=("Q02.FR.05", "Q01.FR.07"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    needs="send_request",
    detects=("csms-tells-transfers-of-another", "csms-rejects-needs", "csms-promises-profiles"),
    lasts=20.0,
)
async def test_an_ev_may_discharge_as_soon_as_that_is_allowed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes an EV that began with charging alone for a bidirectional one, once it has allowed that.

    Given   a transaction whose EV has asked for DC, though it could do DC_BPT
    when    the CSMS is made to allow DC_BPT, and the EV asks for it
    then    the new needs are accepted, and a TxProfile for the transaction follows
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    await station.tell_needs(v2x_needs("DC"))
    new = {"transactionId": transaction, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    sent = await csms.sends("NotifyAllowedEnergyTransfer", new)
    check.that(sent, reading("transactionId"), equals(transaction))
    told = await station.tell_needs(v2x_needs("DC_BPT"))
    check.that(told.outcome, status, one_of(("Accepted", "Processing")), requirement="Q01.FR.07")
    profile = await station.expect(
        "SetChargingProfile", within=csms.pixit.reaction_time, chargingProfilePurpose="TxProfile"
    )
    check.that(profile, reading("chargingProfile.transactionId"), equals(transaction), requirement="K18.FR.07")


@test_case(
    "TC_CSMS_Transfer_005",
    covers=("Q01.FR.01", "Q01.FR.04"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-allows-everybody", "csms-accepts-any-transfer"),
    lasts=15.0,
)
async def test_a_driver_who_may_only_charge_is_not_discharged(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS allows a driver who may only charge no bidirectional transfer, and rejects needs with one.

    Given   a booted station, and a token that is for charging alone
    when    the token is authorised and begins a transaction, and the EV asks for DC_BPT
    then    no list names a bidirectional transfer, and the needs are rejected
    """
    await station.power_up(within=csms.pixit.boot_time)
    token = csms.token_that_is("charge_only")
    told = (await station.call("Authorize", {"idToken": token})).outcome
    check.that(told, status, equals("Accepted"))
    check.that(told, transfers_allowed, equals([]), advice="The list is of this driver's contract.")
    await station.begin_transaction(token)
    asked = await station.tell_needs(v2x_needs("DC_BPT"))
    check.that(asked.outcome, status, equals("Rejected"), requirement="Q01.FR.04")
