"""Security profiles as data: headers, identities, passwords, and what a CSMS refuses a connection for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ocpp.security import (
    PROFILES,
    Credentials,
    Presented,
    authentication_fault,
    basic_header,
    identity_fault,
    identity_of,
    key_readings,
    password_fault,
    read_basic,
    station_url,
)

SECRET = b"correct horse battery"
PATH = "/ocpp/CS%2F1"


def shown(profile: int, *, password: bytes = SECRET, user: str = "CS/1", path: str = PATH) -> Presented:
    """What a sound station of this profile shows."""
    wanted = PROFILES[profile]
    header = basic_header(Credentials(user, password)) if wanted.basic else ""
    return Presented(wanted.tls, wanted.client_certificate, header, path)


@pytest.mark.parametrize("number", PROFILES)
def test_a_station_of_the_right_profile_is_let_in(number: int) -> None:
    assert authentication_fault(PROFILES[number], shown(number), (SECRET,)) is None


@pytest.mark.parametrize(
    ("expected", "presented"), [(1, 0), (1, 2), (1, 3), (2, 0), (2, 1), (2, 3), (3, 0), (3, 1), (3, 2)]
)
def test_a_station_of_another_profile_is_refused(expected: int, presented: int) -> None:
    fault = authentication_fault(PROFILES[expected], shown(presented), (SECRET,))
    assert fault is not None
    assert fault.status in (401, 403)
    assert f"profile {expected}" in str(fault)


@pytest.mark.parametrize(
    "presented",
    [
        shown(1, password=b"wrong"),
        shown(1, user="CS/2"),
        shown(1, path="/ocpp/CS2"),
        Presented(False, False, "Bearer abc", PATH),
        Presented(False, False, "Basic !!!", PATH),
        Presented(False, False, "Basic QQ==", PATH),
    ],
)
def test_wrong_credentials_are_refused_with_401(presented: Presented) -> None:
    fault = authentication_fault(PROFILES[1], presented, (SECRET,))
    assert fault is not None
    assert fault.status == 401
    assert SECRET.decode() not in str(fault)


def test_nobody_is_let_in_where_no_password_is_known() -> None:
    assert authentication_fault(PROFILES[1], shown(1)) is not None


@given(st.text().filter(lambda text: ":" not in text), st.binary())
def test_credentials_survive_the_header(identity: str, password: bytes) -> None:
    assert read_basic(basic_header(Credentials(identity, password))) == Credentials(identity, password)


@given(st.text())
def test_no_header_raises(header: str) -> None:
    assert read_basic(header) is None or isinstance(read_basic(f"Basic {header}"), (Credentials, type(None)))


@given(st.text(min_size=1))
def test_identities_survive_the_url(identity: str) -> None:
    url = station_url("wss://csms.example:9000/ocpp/", identity)
    assert identity_of(url.removeprefix("wss://csms.example:9000")) == identity


def test_identities_are_percent_encoded_whole() -> None:
    assert station_url("ws://csms/ocpp", "SITE 7/A") == "ws://csms/ocpp/SITE%207%2FA"


@pytest.mark.parametrize(("identity", "said"), [("", "no identity"), ("x" * 49, "49 characters"), ("a:b", "colon")])
def test_what_is_wrong_with_an_identity_is_said(identity: str, said: str) -> None:
    assert said in identity_fault(identity)


def test_an_identity_of_48_characters_is_right() -> None:
    assert identity_fault("x" * 48) == ""


def test_a_hexadecimal_key_has_two_readings_and_the_decoded_one_is_the_standards() -> None:
    assert key_readings("7369787465656e206f6374657473206974206973") == (
        b"sixteen octets it is",
        b"7369787465656e206f6374657473206974206973",
    )
    assert key_readings("no hex digits") == (b"no hex digits",)


@pytest.mark.parametrize(
    ("version", "password", "longest", "sound"),
    [
        ("1.6", b"\xff" * 16, 40, True),
        ("1.6", b"x" * 21, 40, False),
        ("2.0.1", b"x" * 15, 40, False),
        ("2.0.1", "ü".encode() * 40, 40, True),
        ("2.1", b"x" * 64, 64, True),
        ("2.1", b"x" * 65, 64, False),
        ("2.1", b"\xff" * 20, 40, False),
    ],
)
def test_password_lengths_are_those_of_the_version(version: str, password: bytes, longest: int, sound: bool) -> None:
    assert (password_fault(version, password, longest) == "") is sound  # type: ignore[arg-type]
