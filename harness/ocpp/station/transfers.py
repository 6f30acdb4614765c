"""Firmware updates and log uploads: the sequence of states that the CSMS is told (OCPP 2.1 blocks L and N).

The station itself moves no file. It hands out `Job`s, and whoever runs it says how they ended. `events` are the types of
security events that came of it.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from harness.ocpp.station.logbook import Logbook
from harness.ocpp.station.wire import Agenda, Payload, instant, status

INSTALLING = 5.0
"""Seconds that an installation takes."""
_LOGS = ("DiagnosticsLog", "SecurityLog")


@dataclass(frozen=True, slots=True)
class Job:
    """A file to fetch from, or to bring to, a location (URL). `content` is what is brought."""

    number: int
    kind: Literal["download", "upload"]
    location: str
    content: bytes = b""


@dataclass(slots=True)
class _Update:
    request_id: int | None
    firmware: Mapping[str, Any]
    state: str = "accepted"
    due: float | None = None
    job: int = 0
    tries: int = 1
    pause: float = 0.0


@dataclass(slots=True)
class _Upload:
    request_id: int
    location: str
    content: bytes
    job: int = 0
    tries: int = 1
    pause: float = 0.0
    due: float | None = None


@dataclass(slots=True)
class Transfers:
    """At most one update and one upload at a time; a new request ends the former. `trusts` says whether a certificate of the
    manufacturer vouches for a signing certificate at a time."""

    agenda: Agenda
    logbook: Logbook
    trusts: Callable[[x509.Certificate, float], bool]
    jobs: list[Job] = field(default_factory=list)
    update: _Update | None = None
    upload: _Upload | None = None
    events: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- requests of the CSMS --------------------------------------------------------------------------------------------

    def update_firmware(self, request: Payload, now: float) -> dict[str, Any]:
        """UpdateFirmware (L01); signature and certificate must come along."""
        firmware = request["firmware"]
        if not {"signature", "signingCertificate"} <= firmware.keys():
            return status("InvalidCertificate")
        signer = _certificate(firmware["signingCertificate"])
        if signer is None or not self.trusts(signer, now):
            self.events.append("InvalidFirmwareSigningCertificate")
            return status("InvalidCertificate")
        answer = "AcceptedCanceled" if self.update is not None else "Accepted"
        tries, pause = 1 + request.get("retries", 0), float(request.get("retryInterval", 0))
        due = max(instant(firmware["retrieveDateTime"]), now)
        self.update = _Update(request["requestId"], firmware, "scheduled", due, tries=tries, pause=pause)
        if due > now:
            self._tell("DownloadScheduled")
        return status(answer)

    def update_unsigned(self, request: Payload, now: float) -> dict[str, Any]:
        """UpdateFirmware of 1.6, which has neither signature nor requestId."""
        firmware = request["firmware"]
        tries, pause = 1 + request.get("retries", 0), float(request.get("retryInterval", 0))
        due = max(instant(firmware["retrieveDateTime"]), now)
        self.update = _Update(None, firmware, "scheduled", due, tries=tries, pause=pause)
        return status("Accepted")

    def get_log(self, request: Payload, now: float) -> dict[str, Any]:
        """GetLog (N01)."""
        if request["logType"] not in _LOGS:
            return status("Rejected", "UnsupportedParam")
        answer = "AcceptedCanceled" if self.upload is not None else "Accepted"
        if self.upload is not None:
            self._tell_log("AcceptedCanceled", self.upload.request_id)
        content = self.logbook.text(request["logType"], request["log"])
        tries, pause = 1 + request.get("retries", 0), float(request.get("retryInterval", 0))
        place = request["log"]["remoteLocation"].rstrip("/")
        name = f"{request['logType']}-{request['requestId']}-{int(now)}.txt"
        self.upload = _Upload(request["requestId"], f"{place}/{name}", content, tries=tries, pause=pause)
        self._bring(self.upload)
        return status(answer) | {"filename": name}

    # --- time and events ---------------------------------------------------------------------------------------------------

    def tick(self, now: float, busy: bool) -> None:
        """Go on with what is due. Installing waits for the end of transactions (L01.FR.07)."""
        if self.upload is not None and self.upload.due is not None and now >= self.upload.due:
            self._bring(self.upload)
        one = self.update
        if one is None or one.due is None or now < one.due:
            return
        if one.state == "scheduled":
            self._begin(one)
        elif one.state == "downloaded":
            later = instant(one.firmware.get("installDateTime", one.firmware["retrieveDateTime"]))
            if later > now:
                one.due = later
                self._tell("InstallScheduled")
            elif busy:
                one.due = now + 1.0
            else:
                one.state, one.due = "installing", now + INSTALLING
                self._tell("Installing")
        elif one.state == "installing":
            self._tell("Installed")
            self.update = None
            self.events.append("FirmwareUpdated")

    def done(self, number: int, data: bytes | None, now: float) -> None:
        """A job ended: with the octets it brought (empty for an upload), or None when it failed."""
        if self.upload is not None and self.upload.job == number:
            self._brought(self.upload, data is not None, now)
        elif self.update is not None and self.update.job == number:
            self._downloaded(self.update, data, now)

    def next_due(self) -> Iterator[float]:
        """When an update or an upload goes on."""
        for one in (self.update, self.upload):
            if one is not None and one.due is not None:
                yield one.due

    # --- inside --------------------------------------------------------------------------------------------------------------

    def _bring(self, one: _Upload) -> None:
        job = Job(next(self._numbers), "upload", one.location, one.content)
        one.job, one.due = job.number, None
        self.jobs.append(job)
        self._tell_log("Uploading", one.request_id)

    def _brought(self, one: _Upload, done: bool, now: float) -> None:
        one.tries -= 1
        if not done and one.tries > 0:
            one.due = now + one.pause
            return
        self._tell_log("Uploaded" if done else "UploadFailure", one.request_id)
        self.upload = None

    def _begin(self, one: _Update) -> None:
        job = Job(next(self._numbers), "download", one.firmware["location"])
        one.state, one.due, one.job = "downloading", None, job.number
        self.jobs.append(job)
        self._tell("Downloading")

    def _downloaded(self, one: _Update, data: bytes | None, now: float) -> None:
        if data is None:
            one.tries -= 1
            if one.tries > 0:
                one.state, one.due = "scheduled", now + one.pause
                return
            self._tell("DownloadFailed")
            self.update = None
            return
        self._tell("Downloaded")
        if "signature" in one.firmware and not _verified(one.firmware, data):
            self._tell("InvalidSignature")
            self.update = None
            self.events.append("InvalidFirmwareSignature")
            return
        if "signature" in one.firmware:
            self._tell("SignatureVerified")
        one.state, one.due = "downloaded", now

    def _tell(self, what: str) -> None:
        assert self.update is not None
        number = self.update.request_id
        said = {"status": what} | ({} if number is None else {"requestId": number})
        self.agenda.put("FirmwareStatusNotification", said, lasting=True)

    def _tell_log(self, what: str, request_id: int) -> None:
        self.agenda.put("LogStatusNotification", {"status": what, "requestId": request_id})


def _certificate(text: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return None


def _verified(firmware: Mapping[str, Any], data: bytes) -> bool:
    """Whether the signature over the file holds under the signing certificate (ECDSA, or RSA-PSS, both with SHA-256)."""
    certificate = _certificate(firmware["signingCertificate"])
    if certificate is None:
        return False
    key = certificate.public_key()
    try:
        signature = base64.b64decode(firmware["signature"], validate=True)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(signature, data, pss, hashes.SHA256())
        else:
            return False
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
