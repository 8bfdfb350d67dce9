"""What ``dronepatrol sim`` shows while it serves: a live table, or lines for a log."""

from __future__ import annotations

import asyncio
import math

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dronepatrol.sim.serve import DroneStatus, Server

TABLE_S, LOG_S = 0.5, 0.1
"""Wall-clock seconds between two looks."""
SLOW_SHARE = 0.9
"""Of the speed asked for; below it the computer does not keep up."""


class View:
    """Shows nothing."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def show(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    def farewell(self) -> None:
        """Say nothing."""


class _Speaking(View):
    def __init__(self, server: Server, console: Console, speed: float) -> None:
        super().__init__(server)
        self._console = console
        self._speed = speed

    @property
    def _slow(self) -> bool:
        factor = self._server.simulation.pace.factor
        return math.isfinite(self._speed) and factor < SLOW_SHARE * self._speed

    def _factor_text(self) -> str:
        factor = self._server.simulation.pace.factor
        if math.isnan(factor):
            return "starting"
        asked = f" of {self._speed:g}" if self._slow else ""
        digits = 2 if factor < 10.0 else 0
        return f"{factor:.{digits}f}{asked} times real time"

    async def _pause(self, wall_s: float) -> None:
        await asyncio.sleep(wall_s * getattr(asyncio.get_running_loop(), "speed", 1.0))

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)
        self._console.file.flush()

    def farewell(self) -> None:
        """Say how long it ran."""
        simulation = self._server.simulation
        self._print(f"stopped after {simulation.time_s:.1f} simulated seconds, at {self._factor_text()}")


class TableView(_Speaking):
    """A table that changes in place, as high as the terminal allows."""

    async def show(self) -> None:
        """Draw until cancelled."""
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(self.table(), refresh=True)
                await self._pause(TABLE_S)

    def table(self) -> Table:
        """Return the table of this moment."""
        style = "bold red" if self._slow else "dim"
        table = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            header_style="bold",
            title=Text(f"{self._server.simulation.time_s:.0f} s, {self._factor_text()}", style=style),
            title_justify="left",
        )
        for name in ("system", "port", "clients"):
            table.add_column(name, justify="right")
        table.add_column("mode")
        table.add_column("state")
        for name in ("latitude", "longitude", "above home", "speed", "battery"):
            table.add_column(name, justify="right")
        statuses = self._server.statuses()
        room = max(self._console.height - 6, 1)
        for status in statuses[:room]:
            table.add_row(*_cells(status), style="" if status.clients or status.armed else "dim")
        if len(statuses) > room:
            table.caption = f"and {len(statuses) - room} more; a higher window shows them"
        return table


class LogView(_Speaking):
    """One line for each thing that changes."""

    def __init__(self, server: Server, console: Console, speed: float) -> None:
        super().__init__(server, console, speed)
        self._was: dict[int, DroneStatus] = {}
        self._was_slow = False

    async def show(self) -> None:
        """Print until cancelled."""
        for status in self._server.statuses():
            self._was[status.system] = status
            ports = ", ".join(str(port) for port in status.ports)
            lat_deg, lon_deg = status.position.lat_deg, status.position.lon_deg
            self._print(f"drone {status.system}: TCP {ports}; home {lat_deg:.6f}, {lon_deg:.6f}")
        while True:
            await self._pause(LOG_S)
            self._look()

    def _look(self) -> None:
        for status in self._server.statuses():
            was = self._was[status.system]
            self._was[status.system] = status
            for change in _changes(was, status):
                self._say(f"drone {status.system}: {change}")
        if self._slow != self._was_slow:
            self._was_slow = self._slow
            self._say(
                f"the computer does not keep up: {self._factor_text()}"
                if self._slow
                else f"back at {self._factor_text()}"
            )

    def _say(self, text: str) -> None:
        self._print(f"{self._server.simulation.time_s:9.1f} s  {text}")


def _changes(was: DroneStatus, now: DroneStatus) -> list[str]:
    changes = []
    if now.clients != was.clients:
        changes.append(f"{now.clients} client{'s' if now.clients != 1 else ''}")
    if now.mode != was.mode:
        changes.append(f"mode {now.mode}")
    if now.armed != was.armed:
        changes.append("armed" if now.armed else "disarmed")
    if now.landed != was.landed:
        changes.append("landed" if now.landed else "took off")
    return changes


def _cells(status: DroneStatus) -> tuple[str, ...]:
    state = "flying" if not status.landed else "armed" if status.armed else "disarmed"
    return (
        str(status.system),
        str(status.ports[0]),
        str(status.clients),
        status.mode,
        state,
        f"{status.position.lat_deg:.6f}",
        f"{status.position.lon_deg:.6f}",
        f"{status.altitude_home_m:.1f} m",
        f"{status.speed_mps:.1f} m/s",
        f"{100.0 * status.battery_share:.0f} %",
    )
