"""One link that several vehicles share, each with its own system id."""

from __future__ import annotations

from dronepatrol.link.framing import FrameSplitter
from dronepatrol.link.transport import Receiver, Transport
from dronepatrol.mavlink.addressing import target_system


class SharedLink:
    """Gives each vehicle its own end of one transport.

    What any of them sends goes out as it is. A frame that comes in is looked at once, and given only to the
    vehicle whose system id it names; what names none goes to all.
    """

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self._branches: dict[int, Branch] = {}
        self._splitter = FrameSplitter()
        inner.set_receiver(self._take)

    def branch(self, system: int) -> Branch:
        """Return a vehicle's end of the link."""
        if system in self._branches:
            raise ValueError(f"{self.inner.name}: system {system} is on this link already")
        self._branches[system] = Branch(self, system)
        return self._branches[system]

    def close(self) -> None:
        """Close the link for all."""
        self._branches.clear()
        self.inner.close()

    def leave(self, system: int) -> None:
        """Take one vehicle off the link; the last one closes it."""
        self._branches.pop(system, None)
        if not self._branches:
            self.inner.close()

    def _take(self, data: bytes) -> None:
        for frame in self._splitter.feed(data):
            target = target_system(frame)
            if target:
                branch = self._branches.get(target)
                if branch is not None:
                    branch.take(frame)
            else:
                for branch in tuple(self._branches.values()):
                    branch.take(frame)


class Branch:
    """One vehicle's end of a shared link."""

    def __init__(self, link: SharedLink, system: int) -> None:
        self.name = f"{link.inner.name}, system {system}"
        self.system = system
        self._link = link
        self._receiver: Receiver | None = None

    def send(self, data: bytes) -> None:
        """Send bytes on the shared link."""
        self._link.inner.send(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give every frame for this vehicle to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Leave the shared link."""
        self._receiver = None
        self._link.leave(self.system)

    def take(self, frame: bytes) -> None:
        """Hand a frame to the receiver (called by the shared link)."""
        if self._receiver is not None:
            self._receiver(frame)
