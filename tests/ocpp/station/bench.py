"""A station without a network: a scripted CSMS answers it, and an ideal plant follows it at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.actor.station import device_model
from harness.fault.fault import Fault
from harness.ocpp.exchange import RpcExchange
from harness.ocpp.station.evse import EvNeeds, Reading
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.station import Station
from harness.ocpp.station.wire import stamp
from harness.ocppj.frame import Call, CallError, CallResult, Frame, encode

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z."""
TAG = {"idToken": "TAG1", "type": "ISO14443"}
OTHER = {"idToken": "TAG2", "type": "ISO14443"}
EV = EvNeeds("EV-1", max_charge_power=11_000.0, max_discharge_power=10_000.0)
Reply = Callable[[Mapping[str, Any]], "dict[str, Any] | str"]


@dataclass
class Bench:
    """`replies` replaces answers of the CSMS by action (a text is a CALLERROR code, "" stays silent); `mains` are what the
    meters see besides the power."""

    version: str = "2.1"
    variables: dict[str, str] = field(default_factory=dict)
    evses: int = 1
    replies: dict[str, Reply] = field(default_factory=dict)
    mains: dict[str, float] = field(default_factory=dict)
    load: float | None = None
    boots: bool = True
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        settings = StationSettings(self.version, variables=self.variables, evses=self.evses)  # type: ignore[arg-type]
        for fault in self.faults:
            settings = fault.on_settings(settings)
        self.station = Station(settings, device_model())
        self.now, self.sent, self.wrong = NOON, [], []
        self._ids: Iterator[int] = itertools.count(1)
        self._judge = RpcExchange(self.version)  # type: ignore[arg-type]
        self._power = dict.fromkeys(range(1, self.evses + 1), 0.0)
        self._energy = {number: [0.0, 0.0] for number in self._power}
        self.soc, self.held = 50.0, 0.0
        self.bent: list[str] = []
        for number in self._power:
            self._step(number)
        if self.boots:
            self.connect()

    # --- the CSMS ---

    def connect(self) -> None:
        self.station.connected(self.now)
        self.talk()

    def disconnect(self) -> None:
        self.station.disconnected(self.now)
        self._judge.disconnected()

    def ask(self, action: str, payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A request of the CSMS and the station's answer to it; a CALLERROR comes as its code under ``error``."""
        call = Call(f"c{next(self._ids)}", action, payload or {})
        self._observe(call, "csms")
        (heard,) = self._through(call, "in")
        made = self.station.heard(heard, self.now)
        assert made is not None
        answers = self._through(made, "out")
        for answer in answers:
            self._observe(answer, "station")
        self.talk()
        if not answers:
            return {"error": "silence"}
        return {"error": answer.code} if isinstance(answer, CallError) else dict(answer.payload)

    def _through(self, frame: Any, direction: Any) -> list[Any]:
        """A frame, or what faults make of it; delays are kept in `held`."""
        frames = [frame]
        for fault in self.faults:
            frames = [each for one in frames for each in fault.on_message(one, direction)]
        self.held += sum(fault.delay(each, direction) for fault in self.faults for each in frames)
        if direction == "out":
            self.bent += [each.frame_name for each in frames if self._is_bent(each)]
        return frames

    def _is_bent(self, frame: Any) -> bool:
        octets = encode(frame).encode()
        return any(list(fault.on_octets(octets, frame)) != [octets] for fault in self.faults)

    def talk(self) -> None:
        """Let the station say what it has to say, and answer it."""
        while self.station.online and (made := self.station.next_frame(self.now)) is not None:
            for frame in self._through(made, "out"):
                self._observe(frame, "station")
                self.sent.append((self.now, frame.action, frame.payload))
                self._answer(frame)

    def said(self, action: str) -> list[Mapping[str, Any]]:
        """All that the station said with an action, in order."""
        return [payload for _at, each, payload in self.sent if each == action]

    def events(self, kind: str = "") -> list[Mapping[str, Any]]:
        return [event for event in self.said("TransactionEvent") if kind in ("", event["eventType"])]

    def forget(self) -> None:
        self.sent.clear()

    def _answer(self, frame: Any) -> None:
        made = self.replies.get(frame.action, default_reply)
        reply = made(frame.payload) if made is not default_reply else default_reply(frame.payload, frame.action, self)
        if reply == "":
            return
        answer: Frame = (
            CallError(frame.message_id, reply, "", {}, frame.action)
            if isinstance(reply, str)
            else CallResult(frame.message_id, reply, frame.action)
        )
        self._observe(answer, "csms")
        (heard,) = self._through(answer, "in")
        back = self.station.heard(heard, self.now)
        if back is not None:
            self._observe(back, "station")

    def _observe(self, frame: Any, sender: Any) -> None:
        heard = self._judge.observe(frame, sender, self.now)
        if sender == "station":
            self.wrong += [
                f"{getattr(frame, 'action', frame)}: {each}" for each in heard.violations if not each.tolerated
            ]

    # --- people and physics ---

    def plug_in(self, ev: EvNeeds | None = EV, evse: int = 1) -> None:
        self.station.driver.plug_in(evse, ev, self.time)
        self.talk()

    def unplug(self, evse: int = 1) -> None:
        self._power[evse] = 0.0
        self.station.driver.unplug(evse, self.time)
        self.talk()

    def present(self, token: Mapping[str, Any] = TAG, evse: int = 1) -> None:
        self.station.driver.present(evse, token, self.time)
        self.talk()

    def charge(self, ev: EvNeeds | None = EV, evse: int = 1) -> str:
        """An ordinary transaction that runs; its id."""
        self.plug_in(ev, evse)
        self.present(evse=evse)
        self.run(2)
        return self.station.transactions.of_evse[evse].id

    def charge_if_possible(self) -> None:
        """As `charge`, whatever comes of it."""
        self.plug_in()
        self.present()
        self.run(2)

    @property
    def time(self) -> float:
        return self.station.time(self.now)

    def power(self, evse: int = 1) -> float:
        return self.station.evses[evse].control.power

    def run(self, seconds: float) -> None:
        """Let time pass, a second at a time."""
        until = self.now + seconds
        while self.now < until - 1e-9:
            self.now = min(self.now + 1.0, until)
            for number in self._power:
                self._step(number)
            self.station.tick(self.now)
            self._judge.expire(self.now)
            self.talk()

    def _step(self, number: int) -> None:
        evse, before = self.station.evses[number], self._power[number]
        self._energy[number][before < 0] += abs(before) / 3600
        self.soc += before / 3600 / 60_000 * 100
        upstream = None if self.load is None else self.load + sum(self._power.values())
        reading = Reading(
            power=before,
            energy_import=self._energy[number][0],
            energy_export=self._energy[number][1],
            soc=self.soc if evse.plugged else None,
            upstream=upstream,
            voltage=400.0,
            current=before / 400.0,
        )
        self.station.read(number, self._metered(replace(reading, **self.mains)), self.now)
        self._power[number] = self._carried("power", evse.control.power) if evse.plugged else 0.0

    def _metered(self, reading: Reading) -> Reading:
        names = ("energy_import", "energy_export", "frequency", "grid_voltage", "upstream")
        values = {name: getattr(reading, name) for name in names}
        carried = {name: self._carried(name, value) for name, value in values.items() if value is not None}
        return replace(reading, power=self._carried("meter_power", reading.power), **carried)

    def _carried(self, signal: str, value: float) -> float:
        for fault in self.faults:
            value = fault.on_signal(signal, value, self.now)
        return value

    def true_power(self, evse: int = 1) -> float:
        return self._power[evse]

    def at(self, seconds: float) -> str:
        """An instant so many seconds from now, as the wire carries it."""
        return stamp(self.now + seconds)


def default_reply(_payload: Mapping[str, Any], action: str = "", bench: Bench | None = None) -> dict[str, Any]:
    """What an easy-going CSMS answers."""
    now = stamp(bench.now) if bench else stamp(NOON)
    allowed = {"allowedEnergyTransfer": ["DC", "DC_BPT"]} if bench is not None and bench.version == "2.1" else {}
    replies: dict[str, dict[str, Any]] = {
        "BootNotification": {"currentTime": now, "interval": 300, "status": "Accepted"},
        "Heartbeat": {"currentTime": now},
        "Authorize": {"idTokenInfo": {"status": "Accepted"}, **allowed},
        "NotifyEVChargingNeeds": {"status": "Accepted"},
        "NotifyEVChargingSchedule": {"status": "Accepted"},
        "SignCertificate": {"status": "Accepted"},
        "PullDynamicScheduleUpdate": {"status": "Rejected"},
        "DataTransfer": {"status": "UnknownVendorId"},
    }
    if bench is not None and bench.version == "1.6":
        replies["Authorize"] = {"idTagInfo": {"status": "Accepted"}}
        replies["StartTransaction"] = {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}
    return replies.get(action, {})
