"""Security profiles 0 to 3 of OCPP as data: what each side presents when a station connects (OCPP 2.1 part 2, A00).

Profile 0 is no official one: plain WebSocket without any credentials, for the lab. Nothing here opens a connection.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from harness.ocppj.versions import Version


@dataclass(frozen=True, slots=True)
class SecurityProfile:
    """What a handshake of this profile shows. `basic`: the station sends a Basic Authorization header at every connect."""

    number: int
    tls: bool
    basic: bool
    client_certificate: bool

    @property
    def scheme(self) -> str:
        """The scheme of the CSMS's URL."""
        return "wss" if self.tls else "ws"


PROFILES: Mapping[int, SecurityProfile] = {
    0: SecurityProfile(0, tls=False, basic=False, client_certificate=False),
    1: SecurityProfile(1, tls=False, basic=True, client_certificate=False),
    2: SecurityProfile(2, tls=True, basic=True, client_certificate=False),
    3: SecurityProfile(3, tls=True, basic=False, client_certificate=True),
}

SERVER_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
)
"""The TLS 1.2 suites that a CSMS offers at least, in OpenSSL's notation; a station offers the ECDSA pair or the RSA pair."""

OLD_SUITES = ("ECDHE-ECDSA-AES128-SHA", "AES128-SHA", "@SECLEVEL=0")
"""What besides makes TLS 1.0 and 1.1 possible, which no sound party agrees to."""

IDENTITY_LENGTH = 48
REALM = 'Basic realm="OCPP", charset="UTF-8"'
"""The challenge (WWW-Authenticate) that comes with HTTP 401."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of HTTP Basic. The user is the station's identity; a password of 1.6 is any octets."""

    identity: str
    password: bytes


def basic_header(credentials: Credentials) -> str:
    """The value of the Authorization header."""
    return "Basic " + base64.b64encode(credentials.identity.encode() + b":" + credentials.password).decode("ascii")


def read_basic(header: str) -> Credentials | None:
    """The credentials in an Authorization header; None when it holds none, or none that can be read."""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return Credentials(user.decode(), password) if colon else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def station_url(endpoint: str, identity: str) -> str:
    """Where a station connects: the CSMS's endpoint, and its own identity percent-encoded behind it."""
    return f"{endpoint.rstrip('/')}/{quote(identity, safe='')}"


def identity_of(path: str) -> str:
    """The identity at the end of a request path; empty when the path ends without one."""
    return unquote(urlsplit(path).path.rpartition("/")[2])


def endpoint_of(path: str) -> str:
    """The part of a request path before the identity, without the slash between them."""
    return unquote(urlsplit(path).path.rpartition("/")[0])


def identity_fault(identity: str) -> str:
    """What is wrong with an identity, in words; empty when nothing is."""
    if not identity:
        return "no identity at the end of the path"
    if len(identity) > IDENTITY_LENGTH:
        return f"the identity has {len(identity)} characters, expected at most {IDENTITY_LENGTH}"
    return "the identity has a colon, which separates user and password" if ":" in identity else ""


def key_readings(key: str) -> tuple[bytes, ...]:
    """All passwords that devices send for a 1.6 AuthorizationKey, the standard's first."""
    plain = key.encode()
    try:
        decoded = bytes.fromhex(key) if not set(key) & set(" \t\n") else plain
    except ValueError:
        decoded = plain
    return (plain,) if decoded == plain else (decoded, plain)


def password_fault(version: Version, password: bytes, longest: int = 40) -> str:
    """What is wrong with a password, in words; empty when nothing is. `longest` is what the 2.x variable allows (40..64)."""
    size = len(password) if version == "1.6" else _characters(password)
    if size is None:
        return "the password is no UTF-8"
    most = 20 if version == "1.6" else longest
    if 16 <= size <= most:
        return ""
    unit = "octets" if version == "1.6" else "characters"
    return f"the password has {size} {unit}, expected 16 to {most}"


def _characters(password: bytes) -> int | None:
    try:
        return len(password.decode())
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class Presented:
    """What a station showed when it connected."""

    tls: bool
    client_certificate: bool
    authorization: str
    path: str


@dataclass(frozen=True, slots=True)
class AuthenticationFault:
    """Why a connection does not fit the profile. `status` is the HTTP status that refuses it."""

    expected: str
    actual: str
    status: int = 401

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.actual}"


def authentication_fault(
    profile: SecurityProfile, shown: Presented, accepted: tuple[bytes, ...] = ()
) -> AuthenticationFault | None:
    """What a CSMS refuses a connection for; None when it fits the profile.

    `accepted` are the passwords of the station named in the path, of which one must be sent.
    """
    if shown.tls != profile.tls:
        wanted, got = ("TLS", "none") if profile.tls else ("no TLS", "TLS")
        return AuthenticationFault(f"{wanted} (security profile {profile.number})", got, 403)
    if profile.client_certificate and not shown.client_certificate:
        return AuthenticationFault("a TLS client certificate (security profile 3)", "none", 403)
    return _basic_fault(profile, shown, accepted) if profile.basic else None


def _basic_fault(profile: SecurityProfile, shown: Presented, accepted: tuple[bytes, ...]) -> AuthenticationFault | None:
    wanted = f"a Basic Authorization header (security profile {profile.number})"
    if not shown.authorization:
        return AuthenticationFault(wanted, "none")
    credentials = read_basic(shown.authorization)
    if credentials is None:
        return AuthenticationFault(wanted, "an Authorization header that cannot be read")
    identity = identity_of(shown.path)
    if credentials.identity != identity:
        return AuthenticationFault(f"user {identity!r}, as in the path", f"user {credentials.identity!r}")
    if credentials.password not in accepted:
        return AuthenticationFault("the station's password", "another one")
    return None
