"""Files for a station under test: whether it moves them over HTTP, as the tester's file server does, and firmware: that of the
bench, or for the embedded device one that the tester signs."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding

from harness.actor.csms import Csms
from harness.actor.stage import Stage
from harness.errors import Inconclusive
from harness.pki.files import read_certificates
from harness.pki.firmware import SignedFirmware, signed_firmware

_OTHERS = {"FTP", "FTPS", "HTTPS", "SFTP"}
_IMAGE = b"v2x-harness firmware\n" * 64


async def demand_http(csms: Csms) -> None:
    """`Inconclusive` for a station that says how it moves files, and does not name HTTP."""
    listed = await csms.get_variable("OCPPCommCtrlr", "FileTransferProtocols")
    named = {each.strip() for each in (listed or "").split(",")}
    if named & _OTHERS and "HTTP" not in named:
        raise Inconclusive(f"the station moves files by {listed}; the harness serves them over HTTP")


async def installable(stage: Stage, csms: Csms) -> SignedFirmware:
    """Firmware that the station can run; a case that asks for it declares ``needs="firmware"``."""
    written = stage.description.bench.firmware
    if written is not None:
        chain = b"".join(each.public_bytes(Encoding.PEM) for each in read_certificates(written.certificate))
        return SignedFirmware(written.image.read_bytes(), written.signature, chain.decode("ascii"))
    return await vouched_for(stage, csms)


async def vouched_for(stage: Stage, csms: Csms) -> SignedFirmware:
    """An image of the tester that no station could run, whose signature holds and whose signer the station trusts, because
    the CSMS installs the tester's manufacturer root; `Inconclusive` where the station does not take that."""
    ca = stage.pki.ocpp.another_ca("Tester Manufacturer")
    root = {"certificateType": "ManufacturerRootCertificate", "certificate": ca.root_pem.decode("ascii")}
    installed = await csms.call("InstallCertificate", root)
    if not installed.accepted:
        raise Inconclusive(f"the station does not take the root of the tester's firmware: {installed}")
    return signed_firmware(ca, _IMAGE, stage.clock.wall())
