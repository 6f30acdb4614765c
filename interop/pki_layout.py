"""Where the `iso15118` simulator looks for its certificates, and in which form.

    <PKI_PATH>/iso15118_2/certs/cpoCertChain.pem            SECC leaf, CPO sub-CA 2, CPO sub-CA 1, in this order, PEM
    <PKI_PATH>/iso15118_2/certs/oemRootCACert.pem           roots it trusts for the vehicle certificate, PEM
    <PKI_PATH>/iso15118_2/private_keys/seccLeaf.key         key of the SECC leaf, PEM (PKCS#8 or SEC1)
    <PKI_PATH>/iso15118_2/private_keys/seccLeafPassword.txt password of that key; must exist, empty when there is none

The folder is called iso15118_2 for -20 sessions too. PKI_PATH is joined as it stands. Any curve does for the
certificates (P-521 and P-256 were tried); the key agreement of the simulator is fixed to secp256r1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_CERTS = Path("iso15118_2/certs")
_KEYS = Path("iso15118_2/private_keys")


def lay_out(folder: Path, *, secc_chain: bytes, secc_key: bytes, vehicle_roots: bytes) -> Path:
    """Write PEM texts where the simulator reads them, and give the value for PKI_PATH.

    `secc_chain` is leaf first and without the root; `secc_key` is not encrypted.
    """
    files: Mapping[Path, bytes] = {
        _CERTS / "cpoCertChain.pem": secc_chain,
        _CERTS / "oemRootCACert.pem": vehicle_roots,
        _KEYS / "seccLeaf.key": secc_key,
        _KEYS / "seccLeafPassword.txt": b"",
    }
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(content)
    return folder
