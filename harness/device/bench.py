"""The bench around the device: who plugs in, who authorises, what measures the power, what makes the grid.

The harness calls actions; this file says what each one is and how a description brings it about. It does none of them.
"""

from __future__ import annotations

import shlex
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from harness.device.section import ExistingFile, HttpUrl, Many, Section, Text, item, required, wrong
from harness.device.units import PowerTolerance, Seconds, Tolerance
from harness.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class ActionKind:
    """What an action brings about. `values` may stand in braces in a command, address or body: ``{watts}``."""

    meaning: str
    values: tuple[str, ...] = ()


ACTIONS: dict[str, ActionKind] = {
    "plug": ActionKind("Plug the cable of an EVSE into an EV; bench.evs says which EVs there are.", ("ev", "evse")),
    "unplug": ActionKind("Pull the cable out.", ("evse",)),
    "authorise": ActionKind("Let the user be authorised (card, app, free charging)."),
    "reject_authorisation": ActionKind("Let an authorisation be refused."),
    "present": ActionKind("Hold an id token to the reader of an EVSE.", ("token", "type", "evse")),
    "power_cycle": ActionKind("Switch the device off and on again."),
    "setpoint": ActionKind(
        "Make the charger aim for a power at its grid terminals: + charges, - discharges.", ("watts",)
    ),
    "limit": ActionKind("Make the charger hold its power below a limit, in either direction.", ("watts",)),
    "release": ActionKind("Take back what `setpoint`, `limit` and `site` asked for."),
    "site": ActionKind(
        "Let a system on site set a limit (both directions) or a setpoint, or a schedule of them, for an EVSE or the station (0): "
        "`kind` is limit or setpoint, `periods` a JSON list of [start in s, W], `lasting` the s after which a value ends (0: never).",
        ("kind", "evse", "periods", "lasting"),
    ),
    "generation": ActionKind("Let generation on site offer a power on top of all limits; 0 takes it back.", ("watts",)),
    "building_load": ActionKind("Make the rest of the building draw a power (W, - = feed).", ("watts",)),
    "priority": ActionKind("Let the driver ask for priority charging, or no longer.", ("active",)),
    "break_down": ActionKind("Make an EVSE faulty.", ("evse",)),
    "repair": ActionKind("Repair an EVSE.", ("evse",)),
    "notify": ActionKind("Make the SECC send an EVSENotification within a delay (s).", ("notification", "delay")),
    "send_request": ActionKind("Make the CSMS send a request with a payload (JSON).", ("message", "payload")),
    "opt_out": ActionKind("Let a customer of the aggregator leave the current event."),
}

EVS: dict[str, str] = {
    "any": "An EV with which everything works that the device claims: bidirectional where it is.",
    "charge_only": "An EV that can only be charged.",
    "basic": "An EV without ISO 15118, on the control pilot alone.",
    "nearly_full": "An EV that takes no more than a few minutes of energy.",
    "nearly_empty": "An EV that gives no energy before it has been charged.",
    "scheduled": "An EV of ISO 15118-20 that chooses a schedule (scheduled mode) instead of being steered.",
}
"""The EVs that cases may ask for by ``ev_<name>``; `any` is there wherever something can be plugged in."""

GRID_VALUES = ("volts", "hertz")
"""What may stand in braces where a grid source is set."""

ActionName = Literal[
    "plug",
    "unplug",
    "authorise",
    "reject_authorisation",
    "present",
    "power_cycle",
    "setpoint",
    "limit",
    "release",
    "site",
    "generation",
    "building_load",
    "priority",
    "break_down",
    "repair",
    "notify",
    "send_request",
    "opt_out",
]


class OperatorAction(Section):
    """A person does it; the harness asks on the terminal and waits."""

    kind: Literal["operator"] = "operator"
    ask: Text | None = item(None, "What the person is asked; by default the action's own meaning.")


class CommandAction(Section):
    """A program does it; exit code 0 means done."""

    kind: Literal["command"] = "command"
    command: Annotated[Text, AfterValidator(lambda written: _splits(written))] = required(
        "Program and arguments, as in a shell but without one."
    )
    timeout: Seconds = item(30.0, "How long it may take.")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command line, split."""
        return tuple(shlex.split(self.command))


class HttpAction(Section):
    """A web service does it; any 2xx answer means done."""

    kind: Literal["http"] = "http"
    url: HttpUrl = required("Address.")
    method: Literal["GET", "POST", "PUT", "DELETE"] = item("POST", "HTTP method.")
    body: str | None = item(None, "What is sent, usually JSON; literal braces are doubled.")
    headers: dict[str, str] = item({}, "Additional headers.")
    timeout: Seconds = item(30.0, "How long it may take.")


class ReferenceAction(Section):
    """The reference device that runs inside the harness does it."""

    kind: Literal["reference"] = "reference"


class NoAction(Section):
    """It cannot be done on this bench; cases that need it are not testable and listed as such."""

    kind: Literal["none"] = "none"


Action = Annotated[
    OperatorAction | CommandAction | HttpAction | ReferenceAction | NoAction, Field(discriminator="kind")
]
AnyAction = OperatorAction | CommandAction | HttpAction | ReferenceAction | NoAction
TriggerKind = Literal["operator", "http", "command", "reference", "none"]
_SHORT: dict[str, str] = {"url": "http", "command": "command", "ask": "operator"}
_BARE = ("operator", "reference", "none")


class Trigger(Section):
    """How things are brought about at the device: a default kind, and single actions that differ."""

    kind: TriggerKind = item(
        "operator",
        "Who does what is not listed under actions; reference: the SUT is the reference device inside the harness.",
    )
    actions: dict[ActionName, Action] = item({}, "What differs, or needs an address or a command.")

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        if not isinstance(written, dict) or not isinstance(written.get("actions"), dict):
            return written
        kind = written.get("kind", "operator")
        return {**written, "actions": {name: _expanded(each, kind) for name, each in written["actions"].items()}}

    def action(self, name: str) -> AnyAction:
        """How `name` is brought about; raises `KeyError` for a name that is no action."""
        if name not in ACTIONS:
            raise KeyError(name)
        if name in self.actions:
            return self.actions[name]
        bare: dict[str, AnyAction] = {"operator": OperatorAction(), "reference": ReferenceAction()}
        return bare.get(self.kind, NoAction())

    @property
    def available(self) -> frozenset[str]:
        """The actions that this bench can bring about."""
        return frozenset(name for name in ACTIONS if not isinstance(self.action(name), NoAction))


def _expanded(written: Any, kind: str) -> Any:
    """A bare word or line instead of a mapping, and a mapping that shows its kind by its keys."""
    if isinstance(written, str):
        if written in _BARE:
            return {"kind": written}
        if kind == "http" or written.startswith(("http://", "https://")):
            return {"kind": "http", "url": written}
        return {"kind": "command", "command": written}
    if isinstance(written, dict) and "kind" not in written:
        shown = next((kind_of for key, kind_of in _SHORT.items() if key in written), kind)
        return {"kind": shown, **written}
    return written


def unknown_values(texts: Iterable[str], known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(message, remedy) for everything in braces in `texts` that none of the `known` values stands for."""
    for text in texts:
        try:
            used = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
        except ValueError as broken:
            yield f"{text!r}: {broken}", "double literal braces: {{ and }}"
            continue
        for field in used:
            if field not in known:
                remedy = did_you_mean(field, known) if known else "no value can stand here; double literal braces"
                yield f"unknown value {{{field}}}", remedy


def texts_of(action: AnyAction | GridSource) -> tuple[str, ...]:
    """Every text of an action, or of a grid source, in which values may stand in braces."""
    if isinstance(action, CommandAction):
        return (action.command,)
    if isinstance(action, HttpAction):
        return (action.url, action.body or "", *action.headers.values())
    if isinstance(action, GridSource):
        return (action.url or "", action.command or "")
    return ()


def _splits(written: str) -> str:
    try:
        parts = shlex.split(written)
    except ValueError as broken:
        raise wrong(f"{written!r} is no command line: {broken}", "close the quotes") from None
    if not parts:
        raise wrong("the command is empty", "write a program and its arguments")
    return written


class Meter(Section):
    """What measures at the EVSE's grid terminals: W, + import, - export.

    `http` answers a GET, `command` prints a line, both with JSON such as ``{"power": -3000.0, "energy_import": 12.5}``
    (W, Wh; optional voltage V and current A of the DC outlet, and reactive var, + absorbed).
    """

    kind: Literal["reference", "http", "command", "none"] = item(
        "none", "reference: of the embedded device; none: only the device's own word."
    )
    url: HttpUrl | None = item(None, "Address, for http.")
    command: Annotated[Text, AfterValidator(_splits)] | None = item(None, "Program and arguments, for command.")
    interval: Seconds = item(1.0, "How often it is read.")
    accuracy: PowerTolerance = item(Tolerance(amount=10.0, share=0.01), "Its own uncertainty, such as 1 % or 10 W.")
    inverted: bool = item(False, "true where the instrument counts export as positive.")


class GridSource(Section):
    """What makes the grid: the public one, a laboratory source, or that of the reference device.

    `http` and `command` are called with values for ``{volts}`` (per phase, to neutral) and ``{hertz}``.
    """

    kind: Literal["mains", "reference", "http", "command"] = item(
        "mains", "mains: the public grid, which no case can change."
    )
    url: HttpUrl | None = item(None, "Address, for http.")
    command: Annotated[Text, AfterValidator(_splits)] | None = item(None, "Program and arguments, for command.")
    settling_time: Seconds = item(0.1, "How long it takes to a new voltage or frequency.")
    phases: Annotated[int, Field(ge=1, le=3)] = item(3, "Number of phases.")


class Firmware(Section):
    """An image that the station accepts and runs; without one, an update is tested as far as it can be refused."""

    image: ExistingFile = required("The file, as the station fetches it.")
    signature: Text = required("Its signature in base64, as UpdateFirmware carries it.")
    certificate: ExistingFile = required("The certificate of the signer, PEM or DER.")


EvName = Literal["any", "charge_only", "basic", "nearly_full", "nearly_empty", "scheduled"]


class Bench(Section):
    """The whole bench."""

    evs: Annotated[tuple[EvName, ...], Many] = item(
        ("any",), "The EVs (or EV simulators) that can be plugged in: " + ", ".join(EVS) + "."
    )

    meter: Meter = item(Meter(), "What measures.")
    grid_source: GridSource = item(GridSource(), "What makes the grid.")
    trigger: Trigger = item(Trigger(), "How things are brought about.")
    firmware: Firmware | None = item(None, "Firmware that a station under test can be updated with.")

    @property
    def embedded(self) -> bool:
        """Whether the SUT is the reference device inside the harness, which needs no address to be reached by."""
        return self.trigger.kind == "reference"
