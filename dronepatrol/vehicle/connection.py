"""One link: frames in and out, recorded, given to whoever listens."""

from __future__ import annotations

from collections.abc import Callable

from dronepatrol.clock import unix_now_s
from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import (
    GROUND_STATION_COMPONENT,
    GROUND_STATION_SYSTEM,
    Message,
    dialect,
)
from dronepatrol.mavlink.framing import Frame, FrameReader
from dronepatrol.mavlink.key_file import ClientSigning, TimestampFile
from dronepatrol.vehicle.heard import LinkStatus, Roster
from dronepatrol.vehicle.line import Line
from dronepatrol.vehicle.quality import LinkQuality

Recorder = Callable[[bytes, float], None]
"""Takes one frame and the calendar time in seconds since 1970."""
_HEARTBEAT = dialect.MAVLINK_MSG_ID_HEARTBEAT


class Connection(Line):
    """Sends and receives messages over one transport.

    Parameters
    ----------
    transport
        The link; this object becomes its receiver.
    recorder
        Called with every frame, sent and heard.
    system, component
        Who we are on the link.

    Attributes
    ----------
    codec
        Numbers what we send, and signs it where it has a key (`dronepatrol.mavlink.signing`).
    reader
        Finds frames in what is heard, and counts what is none.
    quality
        How well frames come through, by system and component.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        recorder: Recorder | None = None,
        system: int = GROUND_STATION_SYSTEM,
        component: int = GROUND_STATION_COMPONENT,
    ) -> None:
        super().__init__()
        self.transport = transport
        self.codec = Codec(system, component)
        self.reader = FrameReader(self.codec)
        self.bytes_heard = 0
        self.frames_heard = 0
        self.roster = Roster()
        self.quality: dict[tuple[int, int], LinkQuality] = {}
        self._recorder = recorder
        self._signing: ClientSigning | None = None
        transport.set_receiver(self._receive)

    @property
    def name(self) -> str:
        """Name of the link."""
        return self.transport.name

    @property
    def own_system(self) -> int:
        """System id that we send under."""
        return self.codec.system

    def send(self, message: Message) -> None:
        """Send one message."""
        self._send_bytes(self.codec.pack(message))

    def send_frame(self, frame: Frame) -> None:
        """Pass on a frame as it is, or signed by us where the link asks for signatures."""
        if self.codec.signing_state.sign_outgoing and frame.known:
            self.send(frame.message)
        else:
            self._send_bytes(frame.raw)

    def sign_with(
        self, key: bytes, *, link_id: int = 0, timestamps: TimestampFile | None = None
    ) -> ClientSigning:
        """Sign what is sent from now on, and take nothing that is not signed with the same key.

        Parameters
        ----------
        key
            32 bytes; see `dronepatrol.mavlink.key_file.read_key`.
        link_id
            Number of this link; links of one station that share a key must differ.
        timestamps
            Keeps the latest time stamp between runs.
        """
        self._signing = ClientSigning(self.codec, key, unix_now_s(), link_id=link_id, timestamps=timestamps)
        return self._signing

    def tick(self) -> None:
        """Move the time stamp of signatures to the present."""
        if self._signing is not None:
            self._signing.advance(unix_now_s())

    def status(self) -> LinkStatus:
        """Return what was heard so far."""
        return LinkStatus(self.name, self.bytes_heard, self.frames_heard, self.roster.sorted())

    def close(self) -> None:
        """Close the link."""
        super().close()
        self.transport.close()

    def _send_bytes(self, raw: bytes) -> None:
        if self._recorder is not None:
            self._recorder(raw, unix_now_s())
        self.transport.send(raw)

    def _receive(self, data: bytes) -> None:
        self.bytes_heard += len(data)
        frames = self.reader.feed(data)
        if not frames:
            return
        self.frames_heard += len(frames)
        now_s = self._loop.time()
        unix_s = unix_now_s() if self._recorder is not None else 0.0
        for frame in frames:
            if self._recorder is not None:
                self._recorder(frame.raw, unix_s)
            sender = (frame.system, frame.component)
            quality = self.quality.get(sender)
            if quality is None:
                quality = self.quality[sender] = LinkQuality()
            quality.take(frame.seq, now_s)
            if frame.number == _HEARTBEAT:
                self.roster.take(frame)
            self.dispatch(frame)
            if self.closed:
                return
