"""What a CSMS says of tokens (OCPP 2.x block C, 1.6 Authorize)."""

from harness.ocpp.readings import outcome, reading, status
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, one_of, satisfies, test_case

_TWO = CSMS.OCPP_21 | CSMS.OCPP_201
UNKNOWN = one_of(("Invalid", "Unknown"))
REFUSED = satisfies("any status but Accepted", lambda said: said != "Accepted")


@test_case(
    "TC_CSMS_Tokens_001",
    covers=("E01.FR.12", "TC_C_08_CSMS"),
    detects=("csms-refuses-tokens",),
    pics=_TWO,
    lasts=2.0,
)
async def test_a_known_token_is_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a token that it knows.

    Given   a booted station
    when    it asks for a token of a customer
    then    the status in idTokenInfo is Accepted
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    told = await station.call("Authorize", {"idToken": csms.token})
    check.that(told.outcome, status, equals("Accepted"), advice="Look up pixit.csms.id_token among the customers.")


@test_case(
    "TC_CSMS_Tokens_002",
    covers=("TC_C_02_CSMS",),
    pics=_TWO,
    detects=("csms-accepts-unknown-tokens", "csms-accepts-blocked-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_an_unknown_token_is_not_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS says of a token that it does not know that it is Invalid or Unknown.

    Given   a booted station
    when    it asks for a token that nobody has, and for one that was made up on the spot
    then    the status of each is Invalid or Unknown
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    made_up = {**csms.invalid_token, "idToken": f"NOBODY-{station.new_transaction()}"}
    for token in (csms.invalid_token, made_up):
        told = await station.call("Authorize", {"idToken": token})
        check.that(told.outcome, status, UNKNOWN, advice="Whom nobody knows charges at nobody's cost: refuse.")


@test_case(
    "TC_CSMS_Tokens_003",
    covers=("TC_C_06_CSMS",),
    pics=_TWO,
    detects=("csms-accepts-blocked-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_a_blocked_token_is_not_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS says of a blocked token that it is Blocked.

    Given   a booted station
    when    it asks for a token that the CSMS has blocked
    then    the status is Blocked
    """
    token = csms.token_that_is("blocked")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    told = await station.call("Authorize", {"idToken": token})
    check.that(told.outcome, status, equals("Blocked"), advice="Say why it is refused: the driver is told so.")


@test_case(
    "TC_CSMS_Tokens_004",
    covers=("TC_C_07_CSMS",),
    pics=_TWO,
    detects=("csms-accepts-blocked-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_an_expired_token_is_not_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS says of an expired token that it is Expired.

    Given   a booted station
    when    it asks for a token that has expired
    then    the status is Expired
    """
    token = csms.token_that_is("expired")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    told = await station.call("Authorize", {"idToken": token})
    check.that(told.outcome, status, equals("Expired"), advice="Hold the end of validity against the clock.")


@test_case(
    "TC_CSMS_Tokens_005",
    covers=("E01.FR.12", "TC_C_08_CSMS"),
    pics=_TWO,
    detects=("csms-minds-case", "csms-refuses-tokens"),
    lasts=2.0,
)
async def test_case_does_not_matter(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS knows a token whether it is written in capitals or not.

    Given   a booted station whose reader writes tokens in the other case than the CSMS has them
    when    it asks for a known token in capitals, and in small letters
    then    the status of both is Accepted
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for text in (csms.token["idToken"].upper(), csms.token["idToken"].lower()):
        told = await station.call("Authorize", {"idToken": {**csms.token, "idToken": text}})
        check.that(told.outcome, status, equals("Accepted"), advice="idToken is compared without regard to case.")


@test_case(
    "TC_CSMS_Tokens_006",
    covers=("E01.FR.12", "TC_C_39_CSMS"),
    pics=_TWO,
    detects=("csms-leaves-groups-out", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_a_group_is_told(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS tells the group of a token, with Authorize and with the events of a transaction.

    Given   a booted station
    when    it asks for a token of a group, and begins a transaction with it
    then    both answers accept the token and name the same groupIdToken
    """
    token = csms.token_that_is("group")
    some = satisfies("the id of a group", lambda said: isinstance(said, str) and said)
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    told = await station.call("Authorize", {"idToken": token})
    group = reading("idTokenInfo.groupIdToken.idToken")
    check.that(told.outcome, group, some, advice="Stations let members of a group stop each other's transactions.")
    begun = await station.event("Started", "Authorized", 0, station.new_transaction(), evse=1, idToken=token)
    check.that(begun.outcome, group, equals(group(told.outcome)), requirement="E01.FR.12", advice="Name it here too.")


@test_case(
    "TC_CSMS_Tokens_007",
    covers=("OCPP:id-tags",),
    pics=CSMS.OCPP_16,
    detects=("csms-accepts-unknown-tokens", "csms-refuses-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_tags_of_1_6_are_judged(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a known tag of OCPP 1.6, and says Invalid of an unknown one.

    Given   a booted charge point
    when    it asks for a known tag and for an unknown one
    then    the status in idTagInfo is Accepted for the first, and Invalid for the second
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    known = await station.call("Authorize", {"idTag": csms.token["idToken"]})
    check.that(known.outcome, reading("idTagInfo.status"), equals("Accepted"), advice="Look up the tag.")
    unknown = await station.call("Authorize", {"idTag": csms.invalid_token["idToken"]})
    check.that(unknown.outcome, reading("idTagInfo.status"), equals("Invalid"), advice="1.6 has no Unknown.")


@test_case(
    "TC_CSMS_Tokens_008",
    covers=("OCPP:payload", "TC_C_02_CSMS"),
    pics=CSMS.OCPP_21,
    detects=("csms-refuses-long-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_a_long_token_is_judged(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS judges tokens of 255 characters, as OCPP 2.1 allows them.

    Given   a booted station
    when    it asks for an unknown token of 255 characters
    then    the status is Invalid or Unknown, and the request is not refused as broken
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    token = {"idToken": f"{station.new_transaction()}-".ljust(255, "X"), "type": "Central"}
    told = await station.call("Authorize", {"idToken": token})
    check.that(told.outcome, status, UNKNOWN, advice="idToken has up to 255 characters since 2.1, 36 before.")


@test_case(
    "TC_CSMS_Tokens_009",
    covers=("E01.FR.11", "TC_E_16_CSMS"),
    pics=_TWO,
    detects=("csms-accepts-unknown-tokens", "csms-judges-no-event-tokens", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_a_bad_token_in_an_event_is_refused(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS judges the token of a transaction that began without it, and takes the end that follows.

    Given   a booted station that began a transaction from its cache
    when    it tells the event with a token that the CSMS does not know, and ends the transaction for that
    then    the event is answered with a status that is not Accepted, and the end is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begun = await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.invalid_token)
    check.that(begun.outcome, status, REFUSED, advice="Check the token of every event that carries one.")
    ended = await station.event("Ended", "Deauthorized", 1, name, info={"stoppedReason": "DeAuthorized"})
    check.that(ended.outcome, outcome, equals("answered"), requirement="TC_E_16_CSMS", advice="Take the end.")


@test_case(
    "TC_CSMS_Tokens_010",
    covers=("E01.FR.12", "TC_C_08_CSMS"),
    pics=CSMS.OCPP_201,
    detects=("csms-refuses-tokens", "csms-accepts-unknown-tokens", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_tokens_of_a_2_0_1_station_are_judged(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS judges tokens for stations of OCPP 2.0.1, and tells them nothing that 2.0.1 does not have.

    Given   a booted station that speaks OCPP 2.0.1
    when    it asks for a known token and for an unknown one
    then    the first is Accepted, the second Invalid or Unknown, and neither answer has allowedEnergyTransfer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for token, wanted in ((csms.token, equals("Accepted")), (csms.invalid_token, UNKNOWN)):
        told = await station.call("Authorize", {"idToken": token})
        check.that(told.outcome, status, wanted)
        members = set(told.response or ())
        check.holds(
            members <= {"idTokenInfo", "certificateStatus", "customData"},
            expected="the members of 2.0.1",
            actual=", ".join(sorted(members)),
            seen=told.outcome,
            requirement="OCPP:payload",
            advice="Write each answer in the version of its connection.",
        )
