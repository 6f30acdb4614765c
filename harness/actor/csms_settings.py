"""What a CSMS is set up with: where it listens, whom it lets in, and how it behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ssl import TLSVersion

from harness.errors import DescriptionError
from harness.link.tls import TlsProfile
from harness.link.upgrade import MESSAGE_LIMIT, Rejection
from harness.link.websocket import Upgrade
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.security import (
    PROFILES,
    REALM,
    SERVER_SUITES,
    Presented,
    authentication_fault,
    identity_fault,
    identity_of,
    key_readings,
)
from harness.ocppj.versions import SUBPROTOCOLS, Version


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where stations come in, and which may.

    `passwords` are those of the stations by identity, needed in profiles 1 and 2; `identities` names the stations that are
    known, None lets any in. `old_passwords` are accepted besides, while a change is under way (A01.FR.04). `chain`, `key`
    and `roots` (PEM) are the server's, needed in profiles 2 and 3. Pings leave every `ping_interval` s (0: none) and must be
    answered within `ping_patience` s.
    """

    versions: tuple[Version, ...] = ("2.1", "2.0.1", "1.6")
    security_profile: int = 0
    port: int = 0
    path: str = "/ocpp"
    passwords: Mapping[str, str] = field(default_factory=dict)
    old_passwords: Mapping[str, str] = field(default_factory=dict)
    identities: frozenset[str] | None = None
    chain: bytes = b""
    key: bytes = b""
    roots: bytes = b""
    minimum_tls: TLSVersion = TLSVersion.TLSv1_2
    maximum_tls: TLSVersion = TLSVersion.TLSv1_3
    compression: bool = True
    keep_without_subprotocol: bool = False
    message_limit: int = MESSAGE_LIMIT
    ping_interval: float = 0.0
    ping_patience: float = 20.0

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """The sub-protocols that are spoken."""
        return tuple(SUBPROTOCOLS[version] for version in self.versions)

    @property
    def tls(self) -> TlsProfile | None:
        """How TLS is served; None for profiles without. Raises `DescriptionError` where a certificate is missing."""
        profile = PROFILES[self.security_profile]
        if not profile.tls:
            return None
        if not self.chain or (profile.client_certificate and not self.roots):
            missing = "roots of the stations' certificates" if self.chain else "certificate chain with its key"
            raise DescriptionError(
                f"security profile {self.security_profile} needs a {missing}",
                place="certificates.ocpp",
                remedy="name the files, or write generated: true",
            )
        return TlsProfile(
            chain=self.chain,
            key=self.key,
            roots=self.roots,
            minimum=self.minimum_tls,
            maximum=self.maximum_tls,
            require_client_certificate=profile.client_certificate,
            ciphers=":".join(SERVER_SUITES),
            lab=True,  # OCPP leaves the key exchange groups open
        )

    def refusal(self, upgrade: Upgrade, *, tls: bool, client_certificate: bool) -> Rejection | None:
        """Why a station is not let in, as HTTP says it (A00.FR.002, .207; OCPP-J 3.2); None lets it in."""
        identity = identity_of(upgrade.path)
        wrong = identity_fault(identity)
        place = upgrade.path.partition("?")[0].rpartition("/")[0].rstrip("/")
        unknown = self.identities is not None and identity not in self.identities
        if wrong or unknown or place != self.path.rstrip("/"):
            return Rejection(404, wrong or (f"no station {identity!r} is known" if unknown else f"nothing at {place}"))
        shown = Presented(tls, client_certificate, upgrade.header("Authorization"), upgrade.path)
        fault = authentication_fault(PROFILES[self.security_profile], shown, self._accepted(identity))
        if fault is None:
            return None
        headers = (("WWW-Authenticate", REALM),) if fault.status == 401 else ()
        return Rejection(fault.status, str(fault), headers)

    def _accepted(self, identity: str) -> tuple[bytes, ...]:
        """1.6 writes its key in hexadecimal and means octets; which version comes is not known before the upgrade."""
        known = [book[identity] for book in (self.passwords, self.old_passwords) if identity in book]
        return tuple(reading for each in known for reading in key_readings(each))


@dataclass(frozen=True, slots=True)
class CsmsSettings:
    """The whole set-up; settings faults reach into it by path, such as ``policy.heartbeat_interval``.

    `answer_time` is how long (s) a station has for its answer.
    """

    entrance: Entrance = field(default_factory=Entrance)
    policy: CsmsPolicy = field(default_factory=CsmsPolicy)
    answer_time: float = 30.0

    def listening(self, **choices: object) -> CsmsSettings:
        """The same set-up with another entrance in some respects."""
        return replace(self, entrance=replace(self.entrance, **choices))  # type: ignore[arg-type]
