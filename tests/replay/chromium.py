"""Drives Chromium by its DevTools protocol through a pipe: no driver program and no open port.

The protocol: JSON objects ended by a zero byte, in on descriptor 3 and out on descriptor 4
(Chromium's ``--remote-debugging-pipe``).
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
TIMEOUT_S = 30.0
MOVE_PIPES = (
    "import os, sys; read, write = map(int, sys.argv[1:3]); os.dup2(read, 60); os.dup2(write, 61);"
    "os.dup2(60, 3); os.dup2(61, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""Run before the browser: shells number no descriptors above nine alike."""


class Tab:
    """One page in a browser of its own.

    Attributes
    ----------
    problems
        Errors and warnings from the page: exceptions, the console, and the browser's own log.
    requests
        Addresses that the page asked for.
    """

    def __init__(self, profile: Path, size: tuple[int, int] = (1300, 850)) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        self._numbers = itertools.count(1)
        self._buffer = b""
        self._session: str | None = None
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-S",
                "-c",
                MOVE_PIPES,
                str(to_browser),
                str(from_browser),
                *command,
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            self._attach()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _attach(self) -> None:
        """Find the browser's first page and listen to it."""
        pages: list[str] = []
        while not pages:
            targets = self.call("Target.getTargets")["targetInfos"]
            pages = [target["targetId"] for target in targets if target["type"] == "page"]
        self._session = self.call("Target.attachToTarget", targetId=pages[0], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Tab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        self.call("Browser.close")
        self._process.wait(10)
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; what happens meanwhile is noted."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])
            self._note(answer)

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a page from disk and wait until it is there."""
        self._loaded = False
        # a change of fragment alone would load nothing
        self.call("Page.navigate", url="about:blank")
        self.problems.clear()
        self.requests.clear()
        self._loaded = False
        self.call("Page.navigate", url=f"{page.as_uri()}#{fragment}")
        while not self._loaded:
            self._note(self._receive())
        self.frames()

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page, wait for its promise, and return its value."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def frames(self) -> None:
        """Wait until the page has drawn twice."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def click(self, selector: str, x: float | None = None, y: float | None = None) -> None:
        """Press and release the mouse over an element, at its middle or at a place inside it."""
        place = self._move(selector, x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
        self.frames()

    def hover(self, selector: str, x: float | None = None, y: float | None = None) -> None:
        """Move the mouse over an element."""
        self._move(selector, x, y)
        self.frames()

    def press(self, key: str, modifiers: int = 0) -> None:
        """Press a key; modifier 8 is Shift."""
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, modifiers=modifiers)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=modifiers)
        self.frames()

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.frames()

    def screenshot(self, path: Path) -> Path:
        """Save what the page shows as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        return path

    def _move(self, selector: str, x: float | None, y: float | None) -> dict[str, float]:
        wanted = json.dumps(selector)
        self.run(f"document.querySelector({wanted}).scrollIntoView({{block: 'nearest'}})")
        box = self.run(f"document.querySelector({wanted}).getBoundingClientRect().toJSON()")
        place = {
            "x": box["x"] + (box["width"] / 2 if x is None else x),
            "y": box["y"] + (box["height"] / 2 if y is None else y),
        }
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
        return place

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + TIMEOUT_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(deadline - time.monotonic(), 0.0))
            chunk = os.read(self._read, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError("the browser does not answer")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Runtime.exceptionThrown":
                self.problems.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.problems.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.problems.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
