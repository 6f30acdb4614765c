"""What an SECC offers, made from its settings: service lists, parameter sets, schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harness.messages import common_messages as cm
from harness.quantity import rational
from harness.v2g.secc_settings import Offer, SeccSettings
from harness.v2g.services import BIDIRECTIONAL, ControlMode, MobilityNeedsMode, Service
from harness.v2g.session import Session

_STEPS_DOWN = (1.0, 0.75, 0.5)


def restricted(offer: Offer, services: frozenset[int] | None) -> Offer:
    """The offer with those energy services alone that the site lets be offered; one that would leave none is not followed."""
    left = tuple(each for each in offer.services if services is None or each in services)
    return replace(offer, services=left or offer.services)


def offered_services(offer: Offer, wanted: frozenset[int] | None) -> dict[str, Any]:
    """The fields of a ServiceDiscoveryRes, of the `wanted` services where some of them exist.

    The list of energy services must not be empty, so a filter that leaves none of them is not applied to it.
    """
    energy = [each for each in offer.services if wanted is None or each in wanted] or offer.services
    extra = [each for each in offer.value_added if wanted is None or each in wanted]
    return {
        "ServiceRenegotiationSupported": offer.renegotiable,
        "EnergyTransferServiceList": _listed(energy, offer.free),
        "VASList": _listed(extra, offer.free) if extra else None,
    }


def _listed(ids: Any, free: bool) -> cm.ServiceListType:
    return cm.ServiceListType(Service=tuple(cm.ServiceType(ServiceID=int(each), FreeService=free) for each in ids))


def details_of(offer: Offer, service: int) -> cm.ServiceParameterListType:
    """The parameter sets of an offered service."""
    sets = _internet_sets() if service == Service.INTERNET else _energy_sets(offer, service)
    if service == Service.PARKING_STATUS:
        sets = iter([{"IntendedService": 1, "ParkingStatusType": 1}])
    numbered = (_parameter_set(number, values) for number, values in enumerate(sets, start=1))
    return cm.ServiceParameterListType(ParameterSet=tuple(numbered))


def _energy_sets(offer: Offer, service: int) -> Iterator[dict[str, Any]]:
    back = {"BPTChannel": offer.bpt_channel, "GeneratorMode": offer.generator_mode}
    for mode in offer.control_modes:
        known = mode == ControlMode.DYNAMIC and offer.mobility_needs is not None
        needs = (MobilityNeedsMode.EVCC, MobilityNeedsMode.EVCC_AND_SECC) if known else (MobilityNeedsMode.EVCC,)
        for need in needs:
            yield {
                "Connector": offer.connector,
                "ControlMode": int(mode),
                "MobilityNeedsMode": int(need),
                "Pricing": offer.pricing,
                **(back if service in BIDIRECTIONAL else {}),
            }


def _internet_sets() -> Iterator[dict[str, Any]]:
    yield from ({"Protocol": protocol, "Port": port} for protocol, port in (("http", 80), ("https", 443)))


def _parameter_set(number: int, values: dict[str, Any]) -> cm.ParameterSetType:
    def parameter(name: str, value: Any) -> cm.ParameterType:
        kind = {"finiteString": value} if isinstance(value, str) else {"intValue": value}
        return cm.ParameterType(Name=name, **kind)

    return cm.ParameterSetType(ParameterSetID=number, Parameter=tuple(parameter(*each) for each in values.items()))


def schedule_tuples(
    request: cm.ScheduleExchangeReq, session: Session, settings: SeccSettings, unix: int
) -> tuple[cm.ScheduleTupleType, ...]:
    """Schedules that start now and last until departure: full power first, then steps down. Discharging is negative."""
    wanted = request.Scheduled_SEReqControlMode
    lasting = wanted.DepartureTime if wanted is not None and wanted.DepartureTime else settings.schedules.horizon
    points = min(settings.schedules.points, request.MaximumSupportingPoints, max(1, lasting))
    ratings = settings.ratings

    def schedule(power: float) -> cm.ChargingScheduleType:
        lengths = [lasting // points] * (points - 1)
        lengths.append(lasting - sum(lengths))
        entries = tuple(cm.PowerScheduleEntryType(Duration=each, Power=rational(round(power))) for each in lengths)
        listed = cm.PowerScheduleEntryListType(PowerScheduleEntry=entries)
        return cm.ChargingScheduleType(PowerSchedule=cm.PowerScheduleType(TimeAnchor=unix, PowerScheduleEntries=listed))

    return tuple(
        cm.ScheduleTupleType(
            ScheduleTupleID=number,
            ChargingSchedule=schedule(ratings.max_charge_power * share),
            DischargingSchedule=schedule(-ratings.max_discharge_power * share) if session.bidirectional else None,
        )
        for number, share in enumerate(_STEPS_DOWN[: settings.schedules.tuples], start=1)
    )
