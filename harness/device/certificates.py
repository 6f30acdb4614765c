"""What the tester itself presents and trusts: per link, its own files or a PKI made from a recipe."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.device.section import ExistingFile, Many, Section, Text, item


class Credentials(Section):
    """A certificate chain, leaf first, and the key of the leaf; PEM or DER files."""

    chain: ExistingFile = item(..., "Certificate chain, leaf first, without the root.")
    key: ExistingFile = item(..., "Private key of the leaf.")
    password: Text | None = item(None, "Password of the key file; reports never show it.")


class LinkCertificates(Section):
    """For one link: `generated`, or `chain`, `key` and `roots`."""

    generated: bool | Annotated[Text, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = item(
        False,
        "A recipe of certs/ by name (true: standard), made for each run. Where the SUT must know the roots beforehand, "
        "make them once with `v2x-harness certs make` and name the files instead.",
    )
    chain: ExistingFile | None = item(
        None, "What the tester presents: certificate chain, leaf first, without the root."
    )
    key: ExistingFile | None = item(None, "Private key of the leaf.")
    password: Text | None = item(None, "Password of the key file; reports never show it.")
    roots: Annotated[tuple[ExistingFile, ...], Many] = item(
        (), "Roots that the tester trusts the SUT's chain to end in."
    )

    @property
    def recipe(self) -> str | None:
        """The recipe's name; None where own files are used or nothing is presented."""
        if isinstance(self.generated, str):
            return self.generated
        return "standard" if self.generated else None


class V2gCertificates(LinkCertificates):
    """For ISO 15118: what the tester presents in TLS, and what it signs with."""

    contract: Credentials | None = item(None, "Contract certificate for Plug and Charge.")
    provisioning: Credentials | None = item(None, "OEM provisioning certificate for contract installation.")


class Certificates(Section):
    """Per link."""

    v2g: V2gCertificates = item(V2gCertificates(), "ISO 15118: as EV the vehicle certificate, as charger the SECC's.")
    ocpp: LinkCertificates = item(
        LinkCertificates(), "OCPP: as CSMS the server's certificate, as station the client's."
    )
    openadr: LinkCertificates = item(LinkCertificates(), "OpenADR: the operator's server certificate.")
