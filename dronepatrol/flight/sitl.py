"""ArduPilot's own simulator as the fleet: one process per drone.

Start-up options as observed on ArduCopter 4.7: ``-I k`` moves all ports by 10 k, ``--sysid`` numbers
the vehicle, and the simulation begins when a client connects to the first port.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from dronepatrol.errors import FlightError, InputError, LinkError
from dronepatrol.flight.connected import OutsideFleet
from dronepatrol.link.tcp import connect_tcp
from dronepatrol.link.transport import Transport
from dronepatrol.model.plan import Plan
from dronepatrol.model.station import Station

FIRST_PORT = 5760
PORTS_PER_INSTANCE = 10
LAST_INSTANCE = 200
START_S = 30.0
"""Longest wall-clock wait for a process to open its port."""
STOP_S = 5.0
"""Time a process has to end before it is killed."""


@dataclass(slots=True)
class _Instance:
    """One running simulator."""

    drone_id: str
    number: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return FIRST_PORT + PORTS_PER_INSTANCE * self.number


class SitlFleet(OutsideFleet):
    """Runs the ArduCopter simulator for each drone that flies.

    Parameters
    ----------
    binary
        The simulator's executable.
    plan
        Gives drones and their stations.
    folder
        Each process works in ``folder/DRONE``; its output goes to ``sitl.log`` there, and the dataflash
        logs are copied to ``folder/DRONE-N.BIN`` at the end.
    speedup
        Times the wall clock.
    defaults
        Parameter file; None for the one that ships, which is enough to fly.

    Raises
    ------
    InputError
        The executable cannot be run.
    """

    def __init__(
        self,
        binary: Path,
        plan: Plan,
        folder: Path,
        *,
        speedup: float = 1.0,
        defaults: Path | None = None,
    ) -> None:
        super().__init__()
        found = shutil.which(str(binary))
        if found is None:
            remedy = "name the arducopter binary of a SITL build"
            raise InputError("no executable file", file=binary, remedy=remedy)
        if defaults is not None and not defaults.is_file():
            raise InputError("no such parameter file", file=defaults)
        self._binary = Path(found).resolve()
        self._plan = plan
        self._folder = folder
        self._speedup = speedup
        self._defaults = defaults
        self._systems = {drone.id: number for number, drone in enumerate(plan.mission.drones, 1)}
        self._instances: list[_Instance] = []

    def system_of(self, drone_id: str) -> int:
        """Return the system id that a drone's process was started with."""
        return self._systems[drone_id]

    async def open(self, drone_id: str) -> Transport:
        """Start a drone's process and connect to it.

        Raises
        ------
        FlightError
            The process ends at once, or its port does not open.
        """
        instance = self._start(drone_id)
        self._instances.append(instance)
        loop = asyncio.get_running_loop()
        speed = getattr(loop, "speed", 1.0)
        deadline_s = loop.time() + START_S * speed
        while True:
            if instance.process.poll() is not None:
                raise FlightError(self._failure(instance, f"ended with code {instance.process.returncode}"))
            try:
                link = await connect_tcp("127.0.0.1", instance.port, timeout_s=START_S * speed)
            except LinkError:
                if loop.time() > deadline_s:
                    raise FlightError(self._failure(instance, f"did not open port {instance.port}")) from None
                await asyncio.sleep(0.2 * speed)
                continue
            self.links.append(link)
            return link

    async def close(self) -> None:
        """Close the links, stop every process that was started here, and keep its dataflash logs."""
        await super().close()
        for instance in self._instances:
            instance.process.terminate()
        for instance in self._instances:
            try:
                instance.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                instance.process.kill()
                instance.process.wait()
            self._keep_logs(instance)

    def _start(self, drone_id: str) -> _Instance:
        number = _free_instance({instance.number for instance in self._instances})
        folder = (self._folder / drone_id).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        station = self._plan.mission.station(self._plan.mission.drone(drone_id).station_id)
        command = [
            str(self._binary),
            *("--model", "+"),
            *("--speedup", f"{self._speedup:g}"),
            *("--defaults", str(self._write_defaults(folder))),
            *("--home", _home(station)),
            f"-I{number}",
            *("--sysid", str(self.system_of(drone_id))),
        ]
        try:
            with (folder / "sitl.log").open("wb") as output:
                process = subprocess.Popen(
                    command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
                )
        except OSError as error:
            raise InputError(f"cannot be run: {error.strerror or error}", file=self._binary) from error
        return _Instance(drone_id, number, folder, process)

    def _write_defaults(self, folder: Path) -> Path:
        target = folder / "defaults.parm"
        if self._defaults is not None:
            shutil.copyfile(self._defaults, target)
        else:
            with as_file(files(__package__) / "sitl_defaults.parm") as shipped:
                shutil.copyfile(shipped, target)
        return target

    def _failure(self, instance: _Instance, what: str) -> str:
        lines = (instance.folder / "sitl.log").read_text("utf-8", "replace").strip().splitlines()
        last = f"; it printed last: {lines[-1]}" if lines else ""
        return f"the simulator of {instance.drone_id} {what}{last}"

    def _keep_logs(self, instance: _Instance) -> None:
        for path in sorted((instance.folder / "logs").glob("*.BIN")):
            number = path.stem.lstrip("0") or "0"
            shutil.copyfile(path, self._folder / f"{instance.drone_id}-{number}.BIN")


def _home(station: Station) -> str:
    position = station.position
    return f"{position.lat_deg:.7f},{position.lon_deg:.7f},{station.elevation_amsl_m:g},0"


def _free_instance(taken: set[int]) -> int:
    """Return the lowest instance number whose ports nobody uses."""
    for number in range(LAST_INSTANCE):
        first = FIRST_PORT + PORTS_PER_INSTANCE * number
        if number not in taken and all(_is_free(port) for port in (first, first + 2, first + 3)):
            return number
    raise FlightError("no free ports for another simulator from 5760 on; stop some that run")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
