"""Service discovery, detail and selection: what the SECC offers, and what it takes."""

from harness.messages.common_messages import (
    SelectedServiceType,
    ServiceDetailReq,
    ServiceDetailRes,
    ServiceDiscoveryReq,
    ServiceIDListType,
    ServiceSelectionReq,
)
from harness.v2g.readings import offered_parameters, offered_services
from harness.vocabulary import (
    SECC,
    Axis,
    Check,
    ControlMode,
    Evcc,
    SeccUnderTest,
    Service,
    answer,
    equals,
    failure_of,
    no_service,
    response_of,
    satisfies,
    test_case,
)

NOBODYS_SERVICE = 59_999
"""A ServiceID that no service has: neither of the standard nor of the range that makers use."""


def claimed(secc: SeccUnderTest) -> list[Service]:
    """The DC energy services among the SECC's claims."""
    return [service for service in (Service.DC, Service.DC_BPT) if secc.claims(service.name)]


@test_case(
    "TC_SECC_ServiceDiscovery_001",
    covers=("[V2G20-1248]", "V2G20:response-matches-request"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-hides-bpt", "secc-empty-service-list"),
)
async def test_claimed_services_are_offered(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC offers all energy services that it claims to an EV that asks for everything.

    Given   an authorised session
    when    the EV sends ServiceDiscoveryReq without SupportedServiceIDs
    then    the SECC lists at least the DC services of its PICS
    """
    await evcc.reach(ServiceDiscoveryReq)
    asked = await evcc.ask(evcc.request(ServiceDiscoveryReq))

    check.that(asked.outcome, answer, response_of(ServiceDiscoveryReq, "OK"))
    wanted = set(claimed(secc))
    names = " and ".join(service.name for service in wanted)
    all_there = satisfies(f"{names} among the energy services", lambda found: wanted <= set(found))
    check.that(
        asked.outcome,
        offered_services,
        all_there,
        advice="Without SupportedServiceIDs everything is listed; a bidirectional EV charges one way where DC_BPT is missing.",
    )


@test_case(
    "TC_SECC_ServiceDiscovery_002",
    covers=("[V2G20-1248]", "[V2G20-1249]", "V2G20:exi-schema"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-fails-on-filter", "secc-hides-bpt"),
)
async def test_filter_of_the_ev_leaves_a_sound_list(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC answers a filtered service discovery with a sound list, also when nothing matches.

    Given   authorised sessions
    when    the EV names the claimed DC services in SupportedServiceIDs, and in another session one that nobody has
    then    the named services are listed in the first, and the second answer is complete by the schema
    """
    wanted = claimed(secc)
    for ids in (tuple(int(service) for service in wanted), (NOBODYS_SERVICE,)):
        await evcc.close()
        await evcc.reach(ServiceDiscoveryReq)
        filtered = evcc.request(ServiceDiscoveryReq, SupportedServiceIDs=ServiceIDListType(ServiceID=ids))
        asked = await evcc.ask(filtered)
        served = response_of(ServiceDiscoveryReq, "OK", when=f"and a list with an entry, for the filter {list(ids)}")
        check.that(
            asked.outcome, answer, served, advice="The schema wants one energy service at least, whatever the filter."
        )
        if NOBODYS_SERVICE not in ids:
            kept = satisfies(f"services {list(ids)}", lambda found: {int(each) for each in wanted} <= set(found))
            check.that(
                asked.outcome, offered_services, kept, advice="A service that the EV names and the SECC has stays."
            )


@test_case(
    "TC_SECC_ServiceDetail_001",
    covers=("[V2G20-2656]", "[V2G20-2663]", "V2G20:parameter-bpt", "FIELD-PARAMETER-TEMPLATE"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=(
        "secc-offers-only-dynamic",
        "secc-offers-only-scheduled",
        "secc-offers-scheduled-mobility-2",
        "secc-bpt-set-without-channel",
    ),
)
async def test_parameter_sets_are_complete(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC offers sound parameter sets for both control modes of every DC service.

    Given   an authorised session whose services were discovered
    when    the EV asks for the details of each claimed DC service
    then    there are sets for Scheduled and for Dynamic control; MobilityNeedsMode 2 comes with Dynamic only; sets of DC_BPT
            name BPTChannel and GeneratorMode, and no DC set names EVSENominalVoltage
    """
    await evcc.reach(ServiceDetailReq)
    for service in claimed(secc):
        asked = await evcc.ask(evcc.request(ServiceDetailReq, ServiceID=int(service)))
        seen, of = asked.outcome, f"of {service.name}"
        check.that(seen, answer, response_of(ServiceDetailReq, "OK", when=of))
        both = satisfies(
            f"sets {of} with ControlMode 1 and 2",
            lambda sets: {each.get("ControlMode") for each in sets.values()} >= set(ControlMode),
        )
        advice = "Offer each service with Scheduled and with Dynamic control; many EVs speak only one of them."
        check.that(seen, offered_parameters, both, requirement="[V2G20-2656]", advice=advice)
        dynamic = satisfies(
            f"MobilityNeedsMode 2 {of} only with ControlMode 2", lambda sets: all(map(mobility_fits, sets.values()))
        )
        check.that(seen, offered_parameters, dynamic, requirement="[V2G20-2663]")
        if service is Service.DC_BPT:
            named = satisfies(
                f"BPTChannel and GeneratorMode in every set {of}",
                lambda sets: all({"BPTChannel", "GeneratorMode"} <= set(each) for each in sets.values()),
            )
            advice = "Parameter names are case sensitive; a BPT set names both."
            check.that(seen, offered_parameters, named, requirement="V2G20:parameter-bpt", advice=advice)
        plain = satisfies(
            f"no EVSENominalVoltage {of}", lambda sets: not any("EVSENominalVoltage" in each for each in sets.values())
        )
        advice = "EVSENominalVoltage belongs to AC; sets made from an AC template confuse EVs."
        check.that(
            seen, offered_parameters, plain, requirement="FIELD-PARAMETER-TEMPLATE", advice=advice, axis=Axis.FIELD
        )


def mobility_fits(parameters: dict[str, object]) -> bool:
    """The SECC may know the driver's needs only where it steers."""
    return parameters.get("MobilityNeedsMode") != 2 or parameters.get("ControlMode") == ControlMode.DYNAMIC


@test_case(
    "TC_SECC_ServiceDetail_002",
    covers=("[V2G20-464]", "[V2G20-425]", "V2G20:failed-ends-session"),
    detects=("secc-accepts-unknown-service", "secc-fails-without-a-reason"),
)
async def test_details_of_an_unknown_service_are_refused(evcc: Evcc, check: Check) -> None:
    """SECC refuses to detail a service that it did not offer.

    Given   an authorised session whose services were discovered
    when    the EV asks for the details of a service that was not among them
    then    the SECC answers FAILED_ServiceIDInvalid, and does not serve the session any longer
    """
    await evcc.reach(ServiceDetailReq)
    asked = await evcc.ask(evcc.request(ServiceDetailReq, ServiceID=NOBODYS_SERVICE))

    refused = failure_of(ServiceDetailReq, "FAILED_ServiceIDInvalid", when="to an id that was not offered")
    check.that(
        asked.outcome, answer, refused, advice="Look the ServiceID up in the lists that were sent in this session."
    )
    later = await evcc.ask(evcc.request(ServiceDetailReq), within=0.5)
    check.that(later.outcome, answer, no_service("after a FAILED response"), requirement="V2G20:failed-ends-session")


@test_case(
    "TC_SECC_ServiceDetail_003",
    covers="V2G20:unique-services-in-detail",
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-changes-parameter-sets",
)
async def test_details_are_the_same_when_asked_twice(evcc: Evcc, check: Check) -> None:
    """SECC gives the same details when asked twice for the same service.

    Given   an authorised session whose services were discovered
    when    the EV asks twice for the details of the same service
    then    both responses list the same parameter sets
    """
    await evcc.reach(ServiceDetailReq)
    first = await evcc.insist(evcc.request(ServiceDetailReq))
    second = await evcc.ask(evcc.request(ServiceDetailReq))

    check.that(second.outcome, answer, response_of(ServiceDetailReq, "OK"), advice="An EV may ask for a service again.")
    if isinstance(second.response, ServiceDetailRes):
        same = equals(offered_parameters(first.outcome))
        check.that(
            second.outcome, offered_parameters, same, advice="What was offered in a session stays as it was said."
        )


@test_case(
    "TC_SECC_ServiceSelection_001",
    covers=("[V2G20-467]", "[V2G20-433]"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-takes-any-parameter-set", "secc-fails-without-a-reason"),
)
async def test_what_was_not_offered_cannot_be_selected(evcc: Evcc, check: Check) -> None:
    """SECC refuses services and parameter sets that it did not offer.

    Given   sessions in which service selection is due
    when    the EV selects a parameter set that the service does not have, a service that nobody has, and a value-added
            service in place of an energy service
    then    the SECC answers FAILED_ServiceSelectionInvalid (for the last also FAILED_NoEnergyTransferServiceSelected)
    """
    invalid, without_energy = "FAILED_ServiceSelectionInvalid", "FAILED_NoEnergyTransferServiceSelected"
    energy = int(evcc.policy.service)
    for service, parameter_set, codes in (
        (energy, 60_000, (invalid,)),
        (NOBODYS_SERVICE, None, (invalid, without_energy)),
        (int(Service.INTERNET), None, (invalid, without_energy)),
    ):
        await evcc.close()
        await evcc.reach(ServiceSelectionReq)
        due = evcc.request(ServiceSelectionReq).SelectedEnergyTransferService
        chosen_set = due.ParameterSetID if parameter_set is None else parameter_set
        chosen = SelectedServiceType(ServiceID=service, ParameterSetID=chosen_set)
        asked = await evcc.ask(evcc.request(ServiceSelectionReq, SelectedEnergyTransferService=chosen))
        refused = failure_of(ServiceSelectionReq, *codes, when=f"to service {service} with parameter set {chosen_set}")
        check.that(
            asked.outcome, answer, refused, advice="Check the pair of ServiceID and ParameterSetID, not each by itself."
        )
