"""What charging profiles add up to: the values in force at an instant, and the composite schedule of a window (K01, K08, Q).

Pure functions of the installed profiles and the circumstances; they serve as the oracle for what a station reports and does.
Profiles are in the wire form of OCPP 2.x (`from_1_6` converts older ones). Powers in W, currents in A per phase; + = charge,
- = discharge. Instants are aware datetimes.

Layers: PriorityCharging takes the place of TxProfile, which takes that of TxDefaultProfile; within a purpose the highest
stack level that has an active period supplies all values. Maxima and external constraints cap that (the lowest limit, the
discharge limit nearest to zero, the fewest phases), a setpoint is clipped to what results, and LocalGeneration is added to
the limit at the end (SC.01, SC.04, K08.FR.04, .08, K01.FR.140).

Readings that are our own, for lack of a source: a limit in W is converted with the fewest phases in force; a cap without
values per phase gives each phase its share of the power, or its current; where a station-wide answer lacks the value of an
EVSE, that EVSE counts with the limit of its supply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil
from typing import Any, Literal

Unit = Literal["W", "A"]
Values = dict[str, Any]
"""The members of a ChargingSchedulePeriod that hold, without startPeriod."""

MAXIMUM = "ChargingStationMaxProfile"
EXTERNAL = "ChargingStationExternalConstraints"
PRIORITY = "PriorityCharging"
TX, TX_DEFAULT = "TxProfile", "TxDefaultProfile"
GENERATION = "LocalGeneration"

_SUFFIXES = ("", "_L2", "_L3")
_QUANTITIES = ("limit", "dischargeLimit", "setpoint", "setpointReactive")
_RECURRENCE = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}
_HOUR, _SECOND = timedelta(hours=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Installed:
    """A profile as the station holds it, on `evse` (0: the station).

    `updated_at`: dynUpdateTime of a dynamic profile. `delays` (s): what randomizedDelay drew for each period but the first.
    `selected`: which of up to three schedules the EV chose.
    """

    profile: Mapping[str, Any]
    evse: int
    updated_at: datetime | None = None
    delays: tuple[float, ...] = ()
    selected: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """A transaction; `started` is when its power path closed, from which relative schedules count."""

    transaction: str
    started: datetime


@dataclass(frozen=True, slots=True)
class Supply:
    """What feeds an EVSE, or the station: V between phase and neutral, phases, and what it can do at most (W)."""

    voltage: float = 230.0
    phases: int = 3
    limit: float | None = None
    discharge_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything besides the profiles. `supplies` names all EVSEs, and may name the station (0).

    `priority` are the EVSEs where priority charging is active; `external_first` is SmartChargingCtrlr.SetpointPriority;
    `zone` is the station's local time, for useLocalTime.
    """

    supplies: Mapping[int, Supply]
    running: Mapping[int, Running] = field(default_factory=dict)
    priority: frozenset[int] = frozenset()
    offline_since: datetime | None = None
    external_first: bool = True
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Part:
    """Values that hold from `start` (whole seconds into the window) to the start of the next part."""

    start: int
    values: Values


def composite(
    profiles: Sequence[Installed], now: Circumstances, evse: int, start: datetime, duration: int, unit: Unit
) -> tuple[Part, ...]:
    """The composite schedule of `duration` seconds, equal neighbours merged; a duration of 0 gives what holds at `start`."""
    parts = [Part(0, values_at(profiles, now, evse, start, unit, start))]
    for offset in _offsets(profiles, now, start, duration):
        values = values_at(profiles, now, evse, start + timedelta(seconds=offset), unit, start)
        if values != parts[-1].values:
            parts.append(Part(offset, values))
    return tuple(parts)


def values_at(
    profiles: Sequence[Installed],
    now: Circumstances,
    evse: int,
    at: datetime,
    unit: Unit,
    asked_at: datetime | None = None,
) -> Values:
    """What holds at an instant on one EVSE, or (0) at the whole station.

    Where no transaction runs the answer is as if one began at `asked_at`, by default `at` (K08.FR.06).
    """
    began = at if asked_at is None else asked_at
    if evse != 0:
        layers = _Layers(profiles, now, evse, at, began)
        return _merged(layers.all(), now.supplies[evse], layers.generation(), unit, now.external_first)
    return _station_values(profiles, now, at, unit, began)


def from_1_6(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A csChargingProfiles of 1.6 in the form of 2.x."""
    renamed = {name: value for name, value in profile.items() if name not in ("chargingProfileId", "chargingSchedule")}
    renamed["id"] = profile["chargingProfileId"]
    renamed["chargingSchedule"] = [{"id": 0, **profile["chargingSchedule"]}]
    if profile["chargingProfilePurpose"] == "ChargePointMaxProfile":
        renamed["chargingProfilePurpose"] = MAXIMUM
    if "transactionId" in profile:
        renamed["transactionId"] = str(profile["transactionId"])
    return renamed


# --- one profile ------------------------------------------------------------------------------------------------------


def active_period(held: Installed, now: Circumstances, evse: int, at: datetime, began: datetime) -> Values | None:
    """The values of a profile at an instant, with its chargingRateUnit; None when it has nothing to say then."""
    if not _is_valid(held, now, evse, at):
        return None
    schedule = _schedule(held)
    elapsed = _elapsed(held, now, evse, at, began)
    if elapsed is None or elapsed < 0 or elapsed >= schedule.get("duration", float("inf")):
        return None
    delays = held.delays if evse in now.running else ()
    started = [period for start, period in _starts(schedule, delays) if start <= elapsed]
    if not started:
        return None
    values = {name: value for name, value in started[-1].items() if name != "startPeriod"}
    return values | {"chargingRateUnit": schedule["chargingRateUnit"]}


def _schedule(held: Installed) -> Mapping[str, Any]:
    schedules: Sequence[Mapping[str, Any]] = held.profile["chargingSchedule"]
    return schedules[min(held.selected, len(schedules) - 1)]


def _starts(schedule: Mapping[str, Any], delays: tuple[float, ...]) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """Each period with the second at which it starts; delays concern all but the first (K01.FR.92)."""
    for place, period in enumerate(schedule["chargingSchedulePeriod"]):
        delay = delays[place - 1] if 0 < place <= len(delays) else 0.0
        yield period["startPeriod"] + delay, period


def _is_valid(held: Installed, now: Circumstances, evse: int, at: datetime) -> bool:
    profile = held.profile
    if profile["chargingProfilePurpose"] == TX:
        running = now.running.get(evse)
        if running is None or profile.get("transactionId", running.transaction) != running.transaction:
            return False
    valid_from, valid_to = _instant(profile.get("validFrom")), _instant(profile.get("validTo"))
    if (valid_from and at < valid_from) or (valid_to and at >= valid_to):
        return False
    stale = _stale_at(held)
    offline = _offline_end(held, now)
    return not (stale and at > stale) and not (offline and at > offline)


def _stale_at(held: Installed) -> datetime | None:
    """When a dynamic profile without update ends (K28.FR.13)."""
    duration = _schedule(held).get("duration")
    if held.profile["chargingProfileKind"] != "Dynamic" or duration is None or held.updated_at is None:
        return None
    return held.updated_at + timedelta(seconds=duration)


def _offline_end(held: Installed, now: Circumstances) -> datetime | None:
    """When a profile ends because the station is offline (K01.FR.101)."""
    most = held.profile.get("maxOfflineDuration")
    if most is None or now.offline_since is None:
        return None
    return now.offline_since + timedelta(seconds=most)


def _elapsed(held: Installed, now: Circumstances, evse: int, at: datetime, began: datetime) -> float | None:
    """Seconds since the schedule began, or began again; None when it has not."""
    kind = held.profile["chargingProfileKind"]
    if kind == "Dynamic":
        return 0.0  # one period, which holds as long as the profile is valid
    if kind == "Relative":
        running = now.running.get(evse)
        return (at - (running.started if running else began)).total_seconds()
    local = _schedule(held).get("useLocalTime", False)
    clock, first = _clock(at, now.zone if local else None), _first_start(held, local)
    since = clock - first
    if kind == "Recurring" and since >= timedelta(0):
        since %= _RECURRENCE[held.profile["recurrencyKind"]]
    return since.total_seconds()


def _first_start(held: Installed, local: bool) -> datetime:
    """startSchedule on the clock that its schedule follows; a local one ignores its offset (K01.FR.90)."""
    written = datetime.fromisoformat(_schedule(held)["startSchedule"])
    return written.replace(tzinfo=None) if local else _clock(_aware(written), None)


def _clock(at: datetime, zone: tzinfo | None) -> datetime:
    """An instant as a clock on the wall shows it: of a zone, or of UTC."""
    return at.astimezone(zone or UTC).replace(tzinfo=None)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else _aware(datetime.fromisoformat(text))


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# --- layers -----------------------------------------------------------------------------------------------------------


class _Layers:
    """The profiles that have something to say about one EVSE at one instant."""

    def __init__(
        self, profiles: Sequence[Installed], now: Circumstances, evse: int, at: datetime, began: datetime
    ) -> None:
        self._profiles, self._now, self._evse, self._at, self._began = profiles, now, evse, at, began

    def all(self) -> list[Values]:
        """The values of the EVSE first, then what caps them."""
        return [self.transaction() or {}, *self.caps(0), *self.caps(self._evse)]

    def own(self) -> list[Values]:
        """As `all`, without what concerns the station as a whole."""
        return [self.transaction() or {}, *self.caps(self._evse)]

    def transaction(self) -> Values | None:
        if self._evse in self._now.priority and (priority := self._top(PRIORITY, 0, self._evse)):
            return priority
        return self._top(TX, self._evse) or self._top(TX_DEFAULT, 0, self._evse)

    def caps(self, owner: int) -> list[Values]:
        found = []
        for purpose in (MAXIMUM, EXTERNAL) if owner == 0 else (EXTERNAL,):
            if (values := self._top(purpose, owner)) is not None:
                found.append(values | {"_external": purpose == EXTERNAL})
        return found

    def generation(self, *owners: int) -> list[Values]:
        """Extra capacity, of the station and of the EVSE, or of those named."""
        found = (self._top(GENERATION, owner) for owner in owners or (0, self._evse))
        return [values for values in found if values is not None]

    def _top(self, purpose: str, *owners: int) -> Values | None:
        """The values of the highest stack level that has some; on equal ones those of the EVSE before the station's."""
        best: tuple[int, int] | None = None
        top: Values | None = None
        for held in self._profiles:
            if held.profile["chargingProfilePurpose"] != purpose or held.evse not in owners:
                continue
            rank = (held.profile["stackLevel"], held.evse)
            if best is not None and rank <= best:
                continue
            values = active_period(held, self._now, self._evse, self._at, self._began)
            if values is not None:
                best, top = rank, values
        return top


# --- merging ----------------------------------------------------------------------------------------------------------


def _merged(
    layers: list[Values], supply: Supply, generation: list[Values], unit: Unit, external_first: bool = True
) -> Values:
    phases = min([supply.phases, *(each["numberPhases"] for each in layers if "numberPhases" in each)])
    told = any("numberPhases" in each for each in layers)
    converted = [_converted(each, unit, supply.voltage, phases) for each in layers]
    values = {name: value for name, value in converted[0].items() if not _is_quantity(name) and name[0] != "_"}
    values.pop("chargingRateUnit", None)
    values |= _capped(converted, "limit", min, unit, phases)
    values |= _capped(converted, "dischargeLimit", max, unit, phases)
    _cap_by_supply(values, supply, unit, phases)
    source = _setpoint_layer(converted, external_first)
    if source is not None:
        values |= {name: value for name, value in source.items() if name.startswith("setpoint")}
        if "operationMode" in source:
            values["operationMode"] = source["operationMode"]
    _clip_setpoints(values)
    _add_generation(values, [_converted(each, unit, supply.voltage, phases) for each in generation])
    if told:
        values["numberPhases"] = phases
    return values


def _is_quantity(name: str) -> bool:
    return name.removesuffix("_L2").removesuffix("_L3") in _QUANTITIES


def _converted(values: Values, unit: Unit, voltage: float, phases: int) -> Values:
    """The same values in the unit asked for; those per phase stay per phase."""
    written = values.get("chargingRateUnit", unit)
    if written == unit:
        return values
    changed = dict(values)
    for quantity in _QUANTITIES:
        per_phase = any(f"{quantity}{suffix}" in values for suffix in _SUFFIXES[1:])
        factor = voltage * (1 if per_phase else phases)
        for name in (f"{quantity}{suffix}" for suffix in _SUFFIXES):
            if name in values:
                changed[name] = values[name] * factor if unit == "W" else values[name] / factor
    return changed


def _capped(layers: Iterable[Values], quantity: str, closest: Any, unit: Unit, phases: int) -> Values:
    """The tightest of all layers, per phase where one of them is."""
    bounds = [each for each in layers if quantity in each]
    if not bounds:
        return {}
    suffixes = [suffix for suffix in _SUFFIXES if any(f"{quantity}{suffix}" in each for each in bounds)]
    if len(suffixes) == 1:
        return {quantity: closest(each[quantity] for each in bounds)}
    result: Values = {}
    for suffix in suffixes:
        result[f"{quantity}{suffix}"] = closest(_on_phase(each, quantity, suffix, unit, phases) for each in bounds)
    return result


def _on_phase(values: Values, quantity: str, suffix: str, unit: Unit, phases: int) -> float:
    """What a layer allows on one phase; one without values per phase gives each its share."""
    per_phase = any(f"{quantity}{each}" in values for each in _SUFFIXES[1:])
    whole = float(values[quantity])
    if per_phase:
        return float(values.get(f"{quantity}{suffix}", whole))
    return whole if unit == "A" else whole / phases


def _cap_by_supply(values: Values, supply: Supply, unit: Unit, phases: int) -> None:
    factor = 1.0 if unit == "W" else supply.voltage * phases
    for quantity, bound, closest in (("limit", supply.limit, min), ("dischargeLimit", supply.discharge_limit, max)):
        if bound is None:
            continue
        per_phase = [f"{quantity}{suffix}" for suffix in _SUFFIXES if f"{quantity}{suffix}" in values]
        share = bound / factor / (phases if unit == "W" and len(per_phase) > 1 else 1)
        for name in per_phase or [quantity]:
            values[name] = closest(values.get(name, share), share)


def _setpoint_layer(layers: list[Values], external_first: bool) -> Values | None:
    """Whose setpoint holds (Q06.FR.20 to .22); of several external ones the one nearest to zero."""
    own = layers[0] if "setpoint" in layers[0] else None
    external = [each for each in layers[1:] if each.get("_external") and "setpoint" in each]
    nearest = min(external, key=lambda each: abs(each["setpoint"]), default=None)
    return (nearest or own) if external_first else (own or nearest)


def _clip_setpoints(values: Values) -> None:
    for suffix in _SUFFIXES:
        name = f"setpoint{suffix}"
        if name not in values:
            continue
        values[name] = min(values[name], values.get(f"limit{suffix}", values[name]))
        values[name] = max(values[name], values.get(f"dischargeLimit{suffix}", values[name]))


def _add_generation(values: Values, generation: list[Values]) -> None:
    for each in generation:
        for suffix in _SUFFIXES:
            name = f"limit{suffix}"
            if name in values and name in each:
                values[name] += each[name]


def _station_values(
    profiles: Sequence[Installed], now: Circumstances, at: datetime, unit: Unit, began: datetime
) -> Values:
    """The sum over all EVSEs, capped by what concerns the station as a whole (K08.FR.03)."""
    station = _Layers(profiles, now, 0, at, began)
    parts = []
    for evse, supply in now.supplies.items():
        if evse != 0:
            layers = _Layers(profiles, now, evse, at, began)
            values = _merged(layers.own(), supply, layers.generation(evse), unit, now.external_first)
            parts.append({name: value for name, value in values.items() if name in _QUANTITIES})
    total: Values = {}
    for quantity in _QUANTITIES:
        known = [each[quantity] for each in parts if quantity in each]
        bounds = quantity in ("limit", "dischargeLimit")
        if known and (len(known) == len(parts) or not bounds):  # a bound that one of them lacks is none for all
            total[quantity] = sum(known)
    supply = now.supplies.get(0, Supply())
    return _merged([total, *station.caps(0)], supply, station.generation(0), unit, now.external_first)


# --- when values change -----------------------------------------------------------------------------------------------


def _offsets(profiles: Sequence[Installed], now: Circumstances, start: datetime, duration: int) -> list[int]:
    """The whole seconds into the window at which something may change."""
    end = start + timedelta(seconds=duration)
    found: set[int] = set()
    for held in profiles:
        for instant in _changes(held, now, start, end):
            offset = ceil((instant - start).total_seconds())
            found |= {each for each in (offset, offset + 1) if 0 < each < duration}
    return sorted(found)


def _changes(held: Installed, now: Circumstances, start: datetime, end: datetime) -> Iterator[datetime]:
    bounds = (_instant(held.profile.get("validFrom")), _instant(held.profile.get("validTo")))
    yield from (each for each in (*bounds, _stale_at(held), _offline_end(held, now)) if each is not None)
    kind, schedule = held.profile["chargingProfileKind"], _schedule(held)
    if kind == "Dynamic":
        return
    seconds = [begin for delays in (held.delays, ()) for begin, _period in _starts(schedule, delays)]
    seconds += [schedule["duration"]] if "duration" in schedule else []
    if kind == "Relative":
        for anchor in (start, *(running.started for running in now.running.values())):
            yield from (anchor + timedelta(seconds=each) for each in seconds)
        return
    local = schedule.get("useLocalTime", False)
    zone = now.zone if local else UTC
    for begin in _beginnings(held, local, _clock(start, zone), _clock(end, zone)):
        for each in seconds:
            yield from _instants(begin + timedelta(seconds=each), zone)
    if local:
        yield from _clock_changes(zone, start, end)


def _beginnings(held: Installed, local: bool, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the schedule begins, by its own clock, as far as the window is concerned."""
    first = _first_start(held, local)
    if held.profile["chargingProfileKind"] == "Absolute":
        yield first
        return
    recurrence = _RECURRENCE[held.profile["recurrencyKind"]]
    begin = first + max((start - first) // recurrence - 1, 0) * recurrence
    while begin < end + recurrence:
        yield begin
        begin += recurrence


def _instants(clock: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The one or two instants at which a clock on the wall shows this."""
    for fold in (0, 1):
        yield clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _clock_changes(zone: tzinfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the clocks of a zone are put forward or back."""
    at = start.astimezone(UTC)
    while at < end:
        later = at + _HOUR
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield _change_between(zone, at, later)
        at = later


def _change_between(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND / 100:
        middle = before + (after - before) / 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after
