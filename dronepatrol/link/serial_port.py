"""Links over a serial device: a telemetry radio or a flight controller's USB port."""

from __future__ import annotations

import asyncio
import errno
from glob import glob
from typing import Any

from dronepatrol.errors import LinkError, MissingExtraError
from dronepatrol.link.transport import Receiver

WAITING_BYTES = 16384
"""What may wait for a slow device: some seconds at 57600 baud; more is dropped, as a full radio drops it."""
READ_BYTES = 4096
DEFAULT_BAUD = 57600
"""What telemetry radios come with."""


class SerialLink:
    """A serial device, read and written as the loop finds it ready.

    Use `open_serial` to make one.

    Attributes
    ----------
    connected
        False once the device has gone away.
    dropped
        Pieces that found no room.
    """

    def __init__(self, name: str, port: Any) -> None:
        self.name = name
        self.connected = True
        self.dropped = 0
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._receiver: Receiver | None = None
        self._waiting = bytearray()
        self._descriptor: int = port.fileno()
        self._loop.add_reader(self._descriptor, self._read)

    def send(self, data: bytes) -> None:
        """Write bytes now or when the device has room."""
        if not self.connected:
            return
        if len(self._waiting) + len(data) > WAITING_BYTES:
            self.dropped += 1
            return
        if not self._waiting:
            self._loop.add_writer(self._descriptor, self._write)
        self._waiting += data

    def set_receiver(self, receiver: Receiver) -> None:
        """Give incoming bytes to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Leave the device."""
        self._receiver = None
        if self.connected:
            self.connected = False
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
            self._port.close()

    def _read(self) -> None:
        try:
            data = self._port.read(READ_BYTES)
        except OSError:
            # pyserial's own exception is an OSError: the device was pulled out.
            self.close()
            return
        if data and self._receiver is not None:
            self._receiver(data)

    def _write(self) -> None:
        try:
            written = self._port.write(bytes(self._waiting))
        except OSError:
            self.close()
            return
        del self._waiting[: written or 0]
        if not self._waiting:
            self._loop.remove_writer(self._descriptor)


def open_serial(device: str, baud: int = DEFAULT_BAUD) -> SerialLink:
    """Open a serial device on the running loop.

    Raises
    ------
    MissingExtraError
        pyserial is not installed.
    LinkError
        The device is not there, not permitted, busy, or does not know the speed.
    """
    try:
        import serial
    except ImportError:
        raise MissingExtraError("pyserial", "serial", f"the serial link {device}") from None
    name = f"serial://{device}?baud={baud}"
    try:
        port = serial.Serial(device, baud, timeout=0, write_timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        raise LinkError(f"{name}: {device_remedy(device, baud, error)}") from error
    return SerialLink(name, port)


def device_remedy(device: str, baud: int, error: Exception) -> str:
    """Return why a device cannot be opened and what to do about it."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        found = sorted(glob("/dev/ttyACM*") + glob("/dev/ttyUSB*") + glob("/dev/serial/by-id/*"))
        present = f"present: {', '.join(found)}" if found else "no serial device was found; is it plugged in?"
        return f"there is no such device; {present}"
    if number == errno.EACCES:
        return (
            f"not permitted; join the group that owns {device} (often: sudo usermod -aG dialout $USER) "
            "and log in again"
        )
    if number in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
        return "another program uses the device; end it (ModemManager likes to grab autopilots)"
    if isinstance(error, ValueError):
        return f"the device does not know {baud} baud; radios use 57600, USB takes any such as 115200"
    return f"cannot be opened ({getattr(error, 'strerror', None) or error}); check the device"
