"""A real browser on a page, driven over its debugging socket: what it shows, logs and asks the network for."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE = 60.0


def find_browser() -> str | None:
    """The path of a Chromium or Chrome, None when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page in the browser. `events` holds everything that the browser told since the tab was opened."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._socket, self._session = socket, session
        self._numbers = itertools.count(1000)

    def call(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(
            json.dumps({"id": number, "sessionId": self._session, "method": method, "params": parameters})
        )
        while (told := self._next()).get("id") != number:
            pass
        assert "error" not in told, told
        return told["result"]

    def show(self, page: Path) -> None:
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=page.as_uri())
        while not any(each.get("method") == "Page.loadEventFired" for each in self.events):
            self._next()

    def evaluate(self, expression: str) -> Any:
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def width(self, pixels: int, *, phone: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=pixels, height=900, deviceScaleFactor=1, mobile=phone)

    def told(self, method: str) -> list[dict[str, Any]]:
        return [each["params"] for each in self.events if each.get("method") == method]

    def _next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._socket.recv(timeout=_PATIENCE))
        if "method" in told:
            self.events.append(told)
        return told


@contextmanager
def browser_tab(program: str, profile: Path) -> Iterator[Tab]:
    """A headless browser with a profile of its own, ended at the end."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={profile}"]  # fmt: skip
    with subprocess.Popen([program, *flags, "about:blank"], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = iter(process.stderr.readline, "")
            address = next(found[1] for line in lines if (found := re.search(r"listening on (ws://\S+)", line)))
            with connect(address, max_size=None, open_timeout=_PATIENCE, ping_interval=None) as socket:
                yield _tab(socket)
        finally:
            process.terminate()


def _tab(socket: ClientConnection) -> Tab:
    target = _ask(socket, 1, "Target.createTarget", url="about:blank")["targetId"]
    session = _ask(socket, 2, "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    return Tab(socket, session)


def _ask(socket: ClientConnection, number: int, method: str, **parameters: Any) -> Any:
    socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
    while (told := json.loads(socket.recv(timeout=_PATIENCE))).get("id") != number:
        pass
    return told["result"]
