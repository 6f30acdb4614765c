"""What single sections cannot know: that claims, values and addresses fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.device.bench import ACTIONS, GRID_VALUES, Bench, CommandAction, HttpAction, texts_of, unknown_values
from harness.device.certificates import Certificates, LinkCertificates
from harness.device.claims import Expression
from harness.device.pics import CSMS, ENERGY, EVCC, SECC, STATION, VOCABULARIES
from harness.device.pixit import DcPixit, Pixit
from harness.device.roles import CsmsAccess, Roles, StationAccess, V2gAccess
from harness.suggest import did_you_mean

Found = Iterator[tuple[tuple[str | int, ...], str, str]]
"""(path, message, remedy)"""


def cross_problems(sections: Mapping[str, Any]) -> Found:
    """Every contradiction between or within sections that were read well."""
    for needed, check in _CHECKS:
        if all(name in sections for name in needed):
            yield from check(*(sections[name] for name in needed))


def _roles(roles: Roles, bench: Bench) -> Found:
    if not roles.names:
        yield ("roles",), "names no role", "add one of secc, evcc, station, csms, aggregator"
    for name in ("secc", "evcc"):
        access = getattr(roles, name)
        if access is not None:
            yield from _reach(name, access, embedded=bench.embedded)


def _reach(role: str, access: V2gAccess, *, embedded: bool) -> Found:
    where = ("roles", role)
    if access.transport == "direct":
        for key in ("host", "port"):
            if getattr(access, key) is None and not embedded:
                yield (*where, key), "is missing", f"transport direct needs host and port; add `{key}: ...`"
    elif access.interface is None:
        remedy = (
            "SDP is multicast on one interface; add `interface: eth1`, or write transport: direct with host and port"
        )
        yield (*where, "interface"), "is missing", remedy
    elif access.host is not None or access.port is not None:
        key = "host" if access.host is not None else "port"
        yield (*where, key), "is not used with transport sdp", "remove it, or write transport: direct"
    if access.slac and access.interface is None:
        yield (*where, "slac"), "needs an interface", "add `interface: eth1`, the one with the PLC modem"


def _claims(roles: Roles, pics: Any) -> Found:
    for role in VOCABULARIES:
        claimed, listed = getattr(pics, role), role in roles.names
        if claimed and not listed:
            yield (
                ("pics", role),
                f"claims for a {role}, which roles does not list",
                f"add roles.{role}, or remove the claims",
            )
        if listed and not claimed:
            remedy = f"add `{role}: [...]` below pics; `v2x-harness explain {role.upper()}` lists what can be claimed"
            yield ("pics", role), "claims nothing, so no case applies", remedy
        if listed and claimed:
            yield from _coherent(role, pics)


def _vocabulary(pics: Any) -> Found:
    for role, vocabulary in VOCABULARIES.items():
        claimed = getattr(pics, role)
        for number, name in enumerate(claimed):
            where = ("pics", role, number)
            if vocabulary.find(name) is None:
                short = name.partition(".")[2] if name.upper().startswith(f"{role.upper()}.") else name
                yield where, f"{name} is no claim of a {role}", did_you_mean(short, vocabulary.names)
            elif name in claimed[:number]:
                yield where, f"{name} is claimed twice", "remove one"


def _coherent(role: str, pics: Any) -> Found:
    energy = ENERGY.get(role)
    if energy is not None and not energy.holds(pics.claims):
        yield ("pics", role), "claims no way to transfer energy", "add what it can do, such as DC or DC_BPT"
    for number, name in enumerate(getattr(pics, role)):
        item = VOCABULARIES[role].find(name)
        if item is None or item.needs is None:
            continue
        for missing in item.needs.missing(pics.claims):
            yield ("pics", role, number), f"{name} without {missing}", "claim that too, or remove this one"


def _security(roles: Roles, pics: Any) -> Found:
    for role, item in (("secc", SECC.TLS), ("evcc", EVCC.TLS)):
        access = getattr(roles, role)
        if access is None or not getattr(pics, role):
            continue
        if access.tls and item.name not in pics.claims:
            yield (
                ("roles", role, "tls"),
                f"uses TLS, but pics.{role} does not claim it",
                "claim TLS, or write tls: false",
            )
    yield from _versions("station", roles.station, pics)
    yield from _versions("csms", roles.csms, pics)


def _versions(role: str, access: StationAccess | CsmsAccess | None, pics: Any) -> Found:
    if access is None or not getattr(pics, role):
        return
    claimed = getattr(pics, role)
    for version in access.ocpp:
        name = f"OCPP_{version.replace('.', '')}"
        if name not in claimed:
            yield (
                ("roles", role, "ocpp"),
                f"offers OCPP {version}, but pics.{role} does not claim {name}",
                "make both agree",
            )
    name = f"SECURITY_{access.security_profile}"
    if name not in claimed:
        where = ("roles", role, "security_profile")
        yield where, f"is {access.security_profile}, but pics.{role} does not claim {name}", "make both agree"
    if access.security_profile in (1, 2) and access.password is None:
        yield ("roles", role, "password"), "is missing", f"security profile {access.security_profile} has a password"
    yield from _scheme(role, access)


def _scheme(role: str, access: StationAccess | CsmsAccess) -> Found:
    if not isinstance(access, CsmsAccess):
        return
    wanted = "wss" if access.security_profile >= 2 else "ws"
    if not access.url.startswith(f"{wanted}://"):
        yield (
            ("roles", role, "url"),
            f"security profile {access.security_profile} runs over {wanted}://",
            f"write {wanted}://",
        )


_DC: dict[str, Expression] = {
    "secc": SECC.DC | SECC.DC_BPT | SECC.MCS | SECC.MCS_BPT | SECC.ACDP | SECC.ACDP_BPT,
    "evcc": EVCC.DC | EVCC.DC_BPT | EVCC.MCS | EVCC.MCS_BPT | EVCC.ACDP | EVCC.ACDP_BPT,
}
_DC_BACK: dict[str, Expression] = {
    "secc": SECC.DC_BPT | SECC.MCS_BPT | SECC.ACDP_BPT,
    "evcc": EVCC.DC_BPT | EVCC.MCS_BPT | EVCC.ACDP_BPT,
}
_BACK: dict[str, Expression] = {
    "secc": _DC_BACK["secc"] | SECC.AC_BPT | SECC.AC_DER_IEC | SECC.AC_DER_SAE,
    "evcc": _DC_BACK["evcc"] | EVCC.AC_BPT | EVCC.AC_DER_IEC | EVCC.AC_DER_SAE,
    "station": STATION.V2X,
}


def _values(roles: Roles, pics: Any, pixit: Pixit) -> Found:
    for role in ("secc", "evcc", "station"):
        if role not in roles.names or not getattr(pics, role):
            continue
        needed = ["maximum_charge_power"]
        needed += ["maximum_voltage", "minimum_voltage", "maximum_charge_current"] if _meets(_DC, role, pics) else []
        needed += ["maximum_discharge_power"] if _meets(_BACK, role, pics) else []
        needed += ["maximum_discharge_current"] if _meets(_DC_BACK, role, pics) else []
        for name in needed:
            if getattr(getattr(pixit, role), name) <= 0:
                yield ("pixit", role, name), "is missing", f"the claims of this {role} need it; add `{name}: ...`"
    if roles.csms is not None and CSMS.REMOTE_START.holds(pics.claims) and pixit.csms.id_token is None:
        yield ("pixit", "csms", "id_token"), "is missing", "transactions need a token that the CSMS accepts"


def _meets(conditions: Mapping[str, Expression], role: str, pics: Any) -> bool:
    return role in conditions and conditions[role].holds(pics.claims)


_ORDERED = (
    ("minimum_voltage", "maximum_voltage"),
    ("minimum_charge_power", "maximum_charge_power"),
    ("minimum_discharge_power", "maximum_discharge_power"),
    ("minimum_soc", "target_soc"),
    ("target_soc", "maximum_soc"),
)


def _order(pixit: Pixit) -> Found:
    for role in ("secc", "evcc", "station"):
        values = getattr(pixit, role)
        for low, high in _ORDERED:
            if getattr(values, low, 0) > getattr(values, high, float("inf")):
                yield ("pixit", role, low), f"is above {high}", "exchange or correct the two values"
        if isinstance(values, DcPixit) and values.maximum_voltage and not _inside(values):
            yield ("pixit", role, "nominal_voltage"), "is not between minimum_voltage and maximum_voltage", "correct it"


def _inside(values: DcPixit) -> bool:
    return values.minimum_voltage <= values.nominal_voltage <= values.maximum_voltage


def _bench(bench: Bench) -> Found:
    for name, device in (("meter", bench.meter), ("grid_source", bench.grid_source)):
        wanted = {"http": "url", "command": "command"}
        for kind, key in wanted.items():
            given = getattr(device, key) is not None
            if device.kind == kind and not given:
                yield ("bench", name, key), "is missing", f"kind {kind} needs it; add `{key}: ...`"
            if device.kind != kind and given:
                yield ("bench", name, key), f"is not used with kind {device.kind}", f"write kind: {kind}, or remove it"
    for name, action in bench.trigger.actions.items():
        for message, remedy in unknown_values(texts_of(action), ACTIONS[name].values):
            yield ("bench", "trigger", "actions", name), message, remedy
    for message, remedy in unknown_values(texts_of(bench.grid_source), GRID_VALUES):
        yield ("bench", "grid_source"), message, remedy
    listed = {"http": HttpAction, "command": CommandAction}.get(bench.trigger.kind)
    if listed and not any(isinstance(each, listed) for each in bench.trigger.actions.values()):
        remedy = "add lines such as `plug: ...` below actions; what is not listed cannot be done"
        yield ("bench", "trigger", "actions"), f"kind {bench.trigger.kind} without a single action of that kind", remedy


def _certificates(certificates: Certificates) -> Found:
    for name in ("v2g", "ocpp", "openadr"):
        yield from _link_certificates(("certificates", name), getattr(certificates, name))


def _link_certificates(where: tuple[str, ...], link: LinkCertificates) -> Found:
    own = {key: getattr(link, key) for key in ("chain", "key") if getattr(link, key)}
    if link.generated and (own or link.roots):
        key = next(iter(own), "roots")
        yield (*where, key), "is not used with generated", "remove `generated`, or the files"
    for given, lacking in (("chain", "key"), ("key", "chain")):
        if given in own and lacking not in own:
            yield (*where, lacking), "is missing", f"a {given} needs a {lacking}; add `{lacking}: ...`"
    if isinstance(link.generated, str) and (known := _recipes()) is not None and link.generated not in known:
        yield (*where, "generated"), f"there is no recipe {link.generated}", did_you_mean(link.generated, known)


def _presented(roles: Roles, certificates: Certificates) -> Found:
    """TLS asks for a certificate of the tester in every role that it plays."""
    v2g, ocpp = certificates.v2g, certificates.ocpp
    for role in ("secc", "evcc"):
        access = getattr(roles, role)
        if access is not None and access.tls and not _presents(v2g):
            yield _nothing_presented(role, "v2g", "mutual TLS")
    if roles.station is not None and roles.station.security_profile >= 2 and not _presents(ocpp):
        yield _nothing_presented("station", "ocpp", "wss")
    if roles.csms is not None and roles.csms.security_profile == 3 and not _presents(ocpp):
        yield _nothing_presented("csms", "ocpp", "security profile 3")
    if roles.aggregator is not None and roles.aggregator.tls and not _presents(certificates.openadr):
        yield _nothing_presented("aggregator", "openadr", "https")


def _presents(link: LinkCertificates) -> bool:
    return bool(link.generated) or link.chain is not None


def _nothing_presented(role: str, link: str, why: str) -> tuple[tuple[str | int, ...], str, str]:
    remedy = f"add chain, key and roots below certificates.{link}, or `generated: true`"
    return ("certificates", link), f"names no certificate of the tester, but roles.{role} uses {why}", remedy


def _recipes() -> tuple[str, ...] | None:
    from harness.resources import resource

    return tuple(sorted({each.stem for each in resource("certs").iterdir() if each.suffix in (".yaml", ".toml")}))


_CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Found]], ...] = (
    (("roles", "bench"), _roles),
    (("pics",), _vocabulary),
    (("roles", "pics"), _claims),
    (("roles", "pics"), _security),
    (("roles", "pics", "pixit"), _values),
    (("pixit",), _order),
    (("bench",), _bench),
    (("certificates",), _certificates),
    (("roles", "certificates"), _presented),
)
