"""Chromium without a window, driven over its own pipe: no port, no driver program, no library."""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--remote-debugging-pipe",
)
_PATIENCE = 60.0


class BrowserError(Exception):
    """The browser answered with an error, or not at all."""


class Browser:
    """A running Chromium. It reads commands from its descriptor 3 and answers on 4, each message ended by NUL."""

    def __init__(self, path: str, profile: Path) -> None:
        read_commands, self._write = os.pipe()
        self._read, write_answers = os.pipe()
        command = [path, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{read_commands} 4>&{write_answers}', "bash", *command],
            pass_fds=(read_commands, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_commands)
        os.close(write_answers)
        self._ids = itertools.count(1)
        self._buffer = b""
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the browser."""
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Send a command and give its result. Events that come in between are kept in `events`."""
        number = next(self._ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        until = time.monotonic() + _PATIENCE
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, method: str, session: str) -> dict[str, Any]:
        """Give the next event of this kind, one that has come already included."""
        until = time.monotonic() + _PATIENCE
        while True:
            for event in self.events:
                if event.get("method") == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event
            self.events.append(self._next(until))

    def open(
        self, file: Path, *, width: int = 1280, height: int = 900, script: bool = True, dark: bool = False
    ) -> Page:
        """Open a page and wait until it is loaded. script: whether its own JavaScript runs."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, context, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        page.set_dark(dark)
        if not script:
            page.call("Emulation.setScriptExecutionDisabled", value=True)
        began = time.monotonic()
        page.call("Page.navigate", url=file.as_uri())
        self.wait_for("Page.loadEventFired", session)
        page.opened_in = time.monotonic() - began
        return page

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                raise BrowserError("the browser does not answer")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@dataclass
class Page:
    """An open page. opened_in: seconds until it was loaded."""

    browser: Browser
    target: str
    context: str
    session: str
    opened_in: float = 0.0

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to the page."""
        return self.browser.call(method, self.session, **parameters)

    def run(self, expression: str) -> Any:
        """Give the value of a JavaScript expression; a promise is awaited. Raises BrowserError when it throws."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise BrowserError(json.dumps(done["exceptionDetails"]))
        return done["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            text = key if len(key) == 1 else {"Enter": "\r"}.get(key, "")
            code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
            event = {"key": key, "code": key if len(key) > 1 else "", "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
            self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def set_dark(self, dark: bool) -> None:
        """Say what the system prefers."""
        value = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def complaints(self) -> list[str]:
        """Give what the browser reported: exceptions, console errors, refused loads, and requests to anywhere."""
        self.run("1")
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, what = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                found.append(json.dumps(what["exceptionDetails"]))
            elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
                found.append(json.dumps(what["args"]))
            elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
                found.append(what["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                url = what["request"]["url"]
                if not url.startswith(("file:", "data:")):
                    found.append(f"asked for {url}")
        return found

    def close(self) -> None:
        """Close the page and forget its events."""
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
        self.browser.events = [event for event in self.browser.events if event.get("sessionId") != self.session]
