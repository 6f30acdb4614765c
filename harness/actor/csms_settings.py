"""What a CSMS is set up with: where it listens, whom it lets in, and how it behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ssl import TLSVersion

from harness.actor.ocpp_line import StationDoor, ocpp_tls, outdated
from harness.errors import DescriptionError
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.security import PROFILES, key_readings
from harness.ocppj.versions import Version


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
    certificates_demanded: bool = True
    minimum_tls: TLSVersion = TLSVersion.TLSv1_2
    maximum_tls: TLSVersion = TLSVersion.TLSv1_3
    compression: bool = True
    ping_interval: float = 0.0
    ping_patience: float = 20.0

    @property
    def scheme(self) -> str:
        """ws or wss."""
        return PROFILES[self.security_profile].scheme

    @property
    def door(self) -> StationDoor:
        """What stations come through. Raises `DescriptionError` where a certificate is missing."""
        profile = PROFILES[self.security_profile]
        if profile.tls and (not self.chain or (profile.client_certificate and not self.roots)):
            missing = "the roots of the stations' certificates" if self.chain else "a certificate chain with its key"
            raise DescriptionError(
                f"security profile {self.security_profile} needs {missing}",
                place="certificates.ocpp",
                remedy="name the files, or write generated: true",
            )
        tls = ocpp_tls(self.chain, self.key, self.roots)
        tls = outdated(tls) if self.minimum_tls < TLSVersion.TLSv1_2 else tls
        tls = replace(tls, minimum=self.minimum_tls, maximum=self.maximum_tls)
        asked = replace(profile, client_certificate=profile.client_certificate and self.certificates_demanded)
        return StationDoor(asked, self.versions, self._accepted, tls, self.compression, path=self.path)

    def _accepted(self, identity: str) -> tuple[bytes, ...] | None:
        """1.6 writes its key in hexadecimal and means octets; which version comes is not known before the upgrade."""
        if self.identities is not None and identity not in self.identities:
            return None
        known = [book[identity] for book in (self.passwords, self.old_passwords) if identity in book]
        return tuple(reading for each in known for reading in key_readings(each))


@dataclass(frozen=True, slots=True)
class CsmsSettings:
    """The whole set-up; settings faults reach into it by path, such as ``policy.heartbeat_interval``.

    `answer_time` is how long (s) a station has for its answer. `remembers`: after a start it goes on with the books that its
    store has kept; False begins afresh.
    """

    entrance: Entrance = field(default_factory=Entrance)
    policy: CsmsPolicy = field(default_factory=CsmsPolicy)
    answer_time: float = 30.0
    remembers: bool = True

    def listening(self, **choices: object) -> CsmsSettings:
        """The same set-up with another entrance in some respects."""
        return replace(self, entrance=replace(self.entrance, **choices))  # type: ignore[arg-type]
