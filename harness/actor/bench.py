"""The bench at work: actions brought about as the device description says, each one an observation.

A bench that cannot do what it promised is broken (`BenchError`); the SUT is never blamed for that.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.device.bench import ACTIONS, CommandAction, HttpAction, NoAction, OperatorAction, Trigger
from harness.errors import BenchError, Inconclusive
from harness.link.observation import BenchAction, Observation
from harness.link.trace import Timeline

Controls = Mapping[str, Callable[..., Awaitable[None]]]
"""What the embedded reference device can be made to do, by action name; values come as keywords."""


class BenchActions:
    """Brings about actions; `controls` are those of the embedded reference device, empty without one, and `own` those that
    the tester brings about itself, whatever the description says."""

    def __init__(
        self, trigger: Trigger, timeline: Timeline, controls: Controls | None = None, own: Controls | None = None
    ) -> None:
        self._trigger, self._timeline, self._controls, self._own = trigger, timeline, controls or {}, own or {}

    async def do(self, name: str, **values: Any) -> Observation:
        """Bring about one action. The observation has its number from the beginning, for the device may react while the bench is
        still at it, and its time from the end, when it was done.

        Raises `Inconclusive` when this bench has no means for it, `BenchError` when its means failed.
        """
        action = self._trigger.action(name)
        if isinstance(action, NoAction) and name not in self._own:
            raise Inconclusive(f"this bench cannot {name}; describe it under bench.trigger.actions.{name}")
        begun = self._timeline.observe("bench", "bench", BenchAction(name, dict(values)))
        if name in self._own:
            await self._own[name](**values)
        elif isinstance(action, OperatorAction):
            await _ask_operator(action.ask or ACTIONS[name].meaning, values)
        elif isinstance(action, CommandAction):
            await run_command([part.format(**values) for part in action.arguments], action.timeout)
        elif isinstance(action, HttpAction):
            body = None if action.body is None else action.body.format(**values)
            await fetch(action.url.format(**values), action.timeout, action.method, body, action.headers)
        else:
            await self._of_reference(name, values)
        return replace(begun, at=self._timeline.clock.now())

    async def _of_reference(self, name: str, values: Mapping[str, Any]) -> None:
        if name not in self._controls:
            raise BenchError(
                f"bench.trigger.actions.{name} says reference, but no embedded reference device is running that can do"
                " it; use another kind"
            )
        await self._controls[name](**values)


async def _ask_operator(request: str, values: Mapping[str, Any]) -> None:
    said = "".join(f" [{name}: {value}]" for name, value in values.items())
    if not sys.stdin.isatty():
        raise BenchError(
            f"a person is needed, and there is no terminal to ask on: {request}{said} Run in one (plain pytest needs -s)"
        )
    print(f"\n>>> {request}{said}\n>>> Press Enter when it is done.", file=sys.stderr, flush=True)
    await _enter()


async def _enter() -> None:
    """Wait for a line on the terminal, in no thread: one that reads could not be interrupted."""
    loop = asyncio.get_running_loop()
    pressed = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), pressed.set)
    try:
        await pressed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    sys.stdin.readline()


async def run_command(arguments: list[str], timeout: float) -> str:
    """Run a program without a shell and return what it printed; raises `BenchError` when it fails or takes too long."""
    line = shlex.join(arguments)
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise BenchError(f"bench command {line} cannot be started: {error}") from error
    try:
        async with asyncio.timeout(timeout):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise BenchError(f"bench command {line} did not end within {timeout:g} s") from None
    if process.returncode:
        raise BenchError(
            f"bench command {line} ended with {process.returncode}: {err.decode(errors='replace').strip()}"
        )
    return out.decode(errors="replace")


async def fetch(
    url: str, timeout: float, method: str = "GET", body: str | None = None, headers: Mapping[str, str] | None = None
) -> str:
    """Call a web service of the bench and return its answer; raises `BenchError` when it does not answer 2xx."""
    request = urllib.request.Request(
        url, data=None if body is None else body.encode(), headers=dict(headers or {}), method=method
    )

    def call() -> str:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text: str = answer.read().decode(errors="replace")
            return text

    try:
        return await asyncio.to_thread(call)
    except (urllib.error.URLError, OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection with the answer
        raise BenchError(f"bench call {method} {url} failed: {error}") from error
