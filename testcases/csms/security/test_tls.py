"""Who gets in over TLS (security profiles 2 and 3, OCPP 2.x A00)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, Stage, TesterStation, equals, one_of, still_serves, test_case

REFUSED = one_of(("Refused", "Closed"))


@test_case(
    "TC_CSMS_Tls_001",
    covers=("A00.FR.416", "TC_A_04_CSMS", "TC_A_07_CSMS"),
    pics=CSMS.SECURITY_2 | CSMS.SECURITY_3,
    detects="csms-tls-1-3-only",
    lasts=5.0,
)
async def test_tls_1_2_gets_in(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS serves stations that speak TLS 1.2 and no more.

    Given   a station with the right credentials, which checks the CSMS's certificate
    when    it connects with TLS 1.2 alone, and with whatever both sides know
    then    both connections are accepted, and the second is served
    """
    met = await station.knock(tls=station.tls_up_to_1_2)
    check.that(met, outcome, equals("Upgraded"), advice="TLS 1.2 with ECDHE and AES-GCM is what every station has.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "a connection with TLS 1.2")


@test_case(
    "TC_CSMS_Tls_002",
    covers=("A00.FR.403", "A00.FR.407", "TC_A_08_CSMS"),
    pics=CSMS.SECURITY_3,
    detects="csms-asks-no-certificate",
    lasts=5.0,
)
async def test_a_wrong_client_certificate_does_not_get_in(
    csms: CsmsUnderTest, station: TesterStation, check: Check, stage: Stage
) -> None:
    """CSMS drops a station without a certificate, and one whose certificate it cannot verify.

    Given   a station with a certificate that the CSMS trusts
    when    it connects without any certificate, with one of an unknown authority, and with its own
    then    the first two are refused, and the last is served
    """
    foreign = stage.pki.ocpp.foreign_client(csms.pixit.serial)
    for certificate, note in (((b"", b""), "no certificate"), (foreign, "one of an unknown authority")):
        met = await station.knock(certificate=certificate)
        check.that(met, outcome, REFUSED, advice=f"With {note} nobody gets in: demand and verify a client certificate.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "wrong certificates")


@test_case(
    "TC_CSMS_Tls_003",
    covers="OCPP:known-stations",
    pics=CSMS.SECURITY_3,
    detects="csms-knows-everybody",
    lasts=5.0,
)
async def test_a_certificate_is_not_enough(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses a station that nobody has registered, also with a good certificate.

    Given   a station with a certificate that the CSMS trusts
    when    it connects under an identity that nobody has registered, and under its own
    then    the first connection is refused, and the second is served
    """
    met = await station.knock(identity=f"NOBODY-{station.new_transaction()}")
    check.that(met, outcome, REFUSED, advice="Answer an unknown identity with HTTP 404, whatever certificate it shows.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "an unknown identity")


@test_case(
    "TC_CSMS_Tls_004",
    covers=("B01.FR.11", "B01.FR.12"),
    pics=CSMS.SECURITY_3 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects="csms-compares-no-serials",
    lasts=5.0,
)
async def test_the_serial_number_is_that_of_the_certificate(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS closes the connection of a station whose serial number is not that of its certificate.

    Given   a station with a certificate that names its serial number
    when    it boots with another serial number
    then    it is not accepted, and the connection is closed
    """
    await station.connect()
    told = await station.call(
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": {**station.settings.boot, "serialNumber": "ANOTHER-1"}},
    )
    not_accepted = one_of(("CALLERROR SecurityError", "Rejected", "Pending", "Closed", "Silence"))
    check.that(told.outcome, outcome, not_accepted, advice="Compare the serial number with the CN of the certificate.")
    ended = await station.gone(csms.pixit.answer_time)
    check.that(ended, outcome, equals("Closed"), requirement="B01.FR.12", advice="Close the connection of an impostor.")


@test_case(
    "TC_CSMS_Tls_005",
    covers=("A00.FR.416", "A00.FR.418", "TC_A_06_CSMS"),
    pics=CSMS.SECURITY_2 | CSMS.SECURITY_3,
    detects="csms-old-tls",
    lasts=5.0,
)
async def test_old_tls_does_not_get_in(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS drops a station that speaks TLS 1.1 and no better.

    Given   a station with the right credentials
    when    it offers TLS 1.0 and 1.1 alone, and then what it has
    then    the first connection is refused, and the second is served
    """
    met = await station.knock(tls=station.tls_up_to_1_1)
    check.that(met, outcome, REFUSED, requirement="TC_A_06_CSMS", advice="Take TLS 1.2 and newer only.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "a connection with old TLS")
