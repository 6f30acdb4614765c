"""Firmware updates and log uploads: the sequence of states that the CSMS is told (OCPP 2.1 blocks L and N).

The station itself moves no file. It hands out `Job`s, and whoever runs it says how they ended.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from harness.ocpp.station.wire import Agenda, Payload, instant, status

INSTALLING = 5.0
"""Seconds that an installation takes."""
_LOGS = ("DiagnosticsLog", "SecurityLog")


@dataclass(frozen=True, slots=True)
class Job:
    """A file to fetch from, or to bring to, a location (URL)."""

    number: int
    kind: Literal["download", "upload"]
    location: str


@dataclass(slots=True)
class _Update:
    request_id: int
    firmware: Mapping[str, Any]
    state: str = "accepted"
    due: float | None = None
    job: int = 0
    tries: int = 1
    pause: float = 0.0


@dataclass(slots=True)
class Transfers:
    """At most one update and one upload at a time; a new request ends the former. `busy` says whether a transaction runs."""

    agenda: Agenda
    jobs: list[Job] = field(default_factory=list)
    update: _Update | None = None
    upload: tuple[int, int] | None = None
    installed: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- requests of the CSMS --------------------------------------------------------------------------------------------

    def update_firmware(self, request: Payload, now: float) -> dict[str, Any]:
        """UpdateFirmware (L01); signature and certificate must come along."""
        firmware = request["firmware"]
        if not {"signature", "signingCertificate"} <= firmware.keys():
            return status("InvalidCertificate")
        if _certificate(firmware["signingCertificate"]) is None:
            return status("InvalidCertificate")
        answer = "AcceptedCanceled" if self.update is not None else "Accepted"
        tries, pause = 1 + request.get("retries", 0), float(request.get("retryInterval", 0))
        due = max(instant(firmware["retrieveDateTime"]), now)
        self.update = _Update(request["requestId"], firmware, "scheduled", due, tries=tries, pause=pause)
        if due > now:
            self._tell("DownloadScheduled")
        return status(answer)

    def get_log(self, request: Payload, now: float) -> dict[str, Any]:
        """GetLog (N01)."""
        if request["logType"] not in _LOGS:
            return status("Rejected", "UnsupportedParam")
        answer = "AcceptedCanceled" if self.upload is not None else "Accepted"
        if self.upload is not None:
            self._tell_log("AcceptedCanceled", self.upload[0])
        job = Job(next(self._numbers), "upload", request["log"]["remoteLocation"])
        self.upload = (request["requestId"], job.number)
        self.jobs.append(job)
        self._tell_log("Uploading", request["requestId"])
        return status(answer) | {"filename": f"{request['logType']}-{request['requestId']}-{int(now)}.txt"}

    # --- time and events ---------------------------------------------------------------------------------------------------

    def tick(self, now: float, busy: bool) -> None:
        """Go on with an update that is due. Installing waits for the end of transactions (L01.FR.07)."""
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
            self.update, self.installed = None, True

    def done(self, number: int, data: bytes | None, now: float) -> None:
        """A job ended: with the octets it brought (empty for an upload), or None when it failed."""
        if self.upload is not None and self.upload[1] == number:
            self._tell_log("UploadFailure" if data is None else "Uploaded", self.upload[0])
            self.upload = None
        elif self.update is not None and self.update.job == number:
            self._downloaded(self.update, data, now)

    def next_due(self) -> Iterator[float]:
        """When an update goes on."""
        if self.update is not None and self.update.due is not None:
            yield self.update.due

    # --- inside --------------------------------------------------------------------------------------------------------------

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
        if not _verified(one.firmware, data):
            self._tell("InvalidSignature")
            self.update = None
            return
        self._tell("SignatureVerified")
        one.state, one.due = "downloaded", now

    def _tell(self, what: str) -> None:
        assert self.update is not None
        self.agenda.put(
            "FirmwareStatusNotification", {"status": what, "requestId": self.update.request_id}, lasting=True
        )

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
