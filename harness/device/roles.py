"""What the SUT is, and how each of its roles is reached. A role that is listed is under test."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from harness.device.section import (
    Endpoint,
    HttpUrl,
    Many,
    OneOrMore,
    Port,
    Section,
    Text,
    WebSocketUrl,
    item,
    required,
    split_endpoint,
    wrong,
)

Transport = Literal["sdp", "direct"]
TlsProfile = Literal["iso15118-20", "lab"]
OcppVersion = Literal["1.6", "2.0.1", "2.1"]
OpenAdrVersion = Literal["2.0b", "3.0", "3.1"]
SecurityProfile = Literal[0, 1, 2, 3]

_ISO20 = "ISO 15118-20:2022"


def _version_as_text(written: Any) -> Any:
    """YAML reads 2.1 as a number; the version is meant."""
    return str(written) if isinstance(written, float) else written


def _tls(written: Any) -> Any:
    if isinstance(written, bool) or written in get_args(TlsProfile):
        return written
    raise wrong(
        f"{written} is not one of true, false, {', '.join(get_args(TlsProfile))}", "true is the standard's profile"
    )


_T = TypeVar("_T")


def _no_repetition(written: tuple[_T, ...]) -> tuple[_T, ...]:
    if len(set(written)) != len(written):
        raise wrong("names something twice", "remove the repetition")
    return written


OcppVersions = Annotated[
    tuple[Annotated[OcppVersion, BeforeValidator(_version_as_text)], ...],
    OneOrMore,
    Field(min_length=1),
    AfterValidator(_no_repetition),
]


class V2gAccess(Section):
    """How a V2G role is reached, either side."""

    interface: Text | None = item(None, "Network interface that leads to the SUT; needed for SDP and SLAC.")
    transport: Transport = item(
        "sdp", "sdp: found by multicast on `interface`; direct: `host` and `port` are known.", _ISO20
    )
    host: Text | None = item(None, "Address for direct transport; a link-local one as fe80::1%eth1.")
    port: Port | None = item(None, "TCP port for direct transport.")
    tls: Annotated[bool | TlsProfile, BeforeValidator(_tls)] = item(
        True,
        "true or iso15118-20: TLS 1.3 with the profile of the standard; lab: TLS 1.3 with laboratory certificates "
        "(P-256, no OCSP); false: plain TCP.",
        "[V2G20-1264]",
    )
    slac: bool = item(
        False, "Match over the power line on `interface` before anything else (a PLC modem is there).", "ISO 15118-3"
    )

    @property
    def tls_profile(self) -> TlsProfile | None:
        """The TLS profile in words, None for plain TCP."""
        if isinstance(self.tls, bool):
            return "iso15118-20" if self.tls else None
        return self.tls


class SeccAccess(V2gAccess):
    """A charger's SECC; the harness plays the EV and connects to it."""


class EvccAccess(V2gAccess):
    """An EV; the harness plays the charger, answers SDP on `interface`, or listens on `host` and `port`."""


class StationAccess(Section):
    """A charging station; the harness plays the CSMS and listens for it."""

    ocpp: OcppVersions = required(
        "Versions that the harness offers, best first: 1.6, 2.0.1, 2.1.", "OCPP-J sub-protocols"
    )
    identity: Annotated[Text, Field(max_length=48)] = required(
        "The last part of the address that the station connects to."
    )
    security_profile: SecurityProfile = item(
        1, "0 to 3; see the PICS items STATION.SECURITY_0 and following.", "OCPP security profiles"
    )
    listen: Endpoint = item("127.0.0.1:9000", "Where the harness waits for the station.")
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9/_.-]*$")] = item("/ocpp", "Path before the identity.")
    password: Text | None = item(None, "Its password in profiles 1 and 2; reports never show it.")
    evses: Annotated[int, Field(ge=1, le=1000)] = item(1, "How many EVSEs it has.")

    @property
    def listen_on(self) -> tuple[str, int]:
        """(host, port)"""
        return split_endpoint(self.listen)


class CsmsAccess(Section):
    """A central system; the harness plays the station and connects to it."""

    ocpp: OcppVersions = required(
        "Versions that the harness offers, best first: 1.6, 2.0.1, 2.1.", "OCPP-J sub-protocols"
    )
    url: WebSocketUrl = required("Where stations connect to, without the identity.")
    identity: Annotated[Text, Field(max_length=48)] = required("The station that the CSMS knows the harness as.")
    security_profile: SecurityProfile = item(
        1, "0 to 3; see the PICS items CSMS.SECURITY_0 and following.", "OCPP security profiles"
    )
    password: Text | None = item(None, "The station's password in profiles 1 and 2; reports never show it.")
    evses: Annotated[int, Field(ge=1, le=1000)] = item(1, "How many EVSEs the played station has.")


class AggregatorAccess(Section):
    """An aggregator; the harness plays the operator (VTN) and listens for it."""

    openadr: Annotated[OpenAdrVersion, BeforeValidator(_version_as_text)] = required(
        "Version: 2.0b, 3.0 or 3.1.", "OpenADR"
    )
    listen: Endpoint = item("127.0.0.1:8080", "Where the harness waits for the aggregator.")
    tls: bool = item(True, "HTTPS; false only on loopback.")
    ven: Text = required("The name or id that the aggregator registers with.")
    client_id: Text | None = item(None, "OAuth client id (OpenADR 3).")
    client_secret: Text | None = item(None, "OAuth client secret (OpenADR 3); reports never show it.")
    program: Text = item("v2x", "Name of the program that the harness offers.")
    callback: HttpUrl | None = item(None, "Where the aggregator takes pushed events.")
    resources: Annotated[tuple[Text, ...], Many] = item((), "Names of the resources (sites, EVSEs) that it reports.")

    @property
    def listen_on(self) -> tuple[str, int]:
        """(host, port)"""
        return split_endpoint(self.listen)


class Roles(Section):
    """The roles under test, at least one."""

    secc: SeccAccess | None = item(None, "A charger's SECC (ISO 15118-20).")
    evcc: EvccAccess | None = item(None, "An EV's EVCC (ISO 15118-20).")
    station: StationAccess | None = item(None, "A charging station (OCPP).")
    csms: CsmsAccess | None = item(None, "A central system (OCPP).")
    aggregator: AggregatorAccess | None = item(None, "An aggregator (OpenADR).")

    @property
    def joined(self) -> bool:
        """Whether the SUT is a whole charger: a station towards the CSMS, an SECC towards the EV."""
        return self.secc is not None and self.station is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The roles that are under test."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def tested(self) -> tuple[str, ...]:
        """The roles that cases can be for; ``charger`` where one device is tested on both its sides at once."""
        return (*self.names, "charger") if self.joined else self.names
