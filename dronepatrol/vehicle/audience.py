"""Those who want to know what is heard of a vehicle: functions that are called, and streams that are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from dronepatrol.mavlink.dialect import Message
from dronepatrol.mavlink.framing import Frame
from dronepatrol.vehicle.events import VehicleEvent
from dronepatrol.vehicle.line import Remove
from dronepatrol.vehicle.readings import MAKERS, Reading
from dronepatrol.vehicle.state import VehicleState, message_number
from dronepatrol.vehicle.streams import DEFAULT_LIMIT, Outlets, Stream

R = TypeVar("R", bound=Reading)
TextListener = Callable[[int, str], None]
"""Takes the severity (MAV_SEVERITY) and the text of a status text."""


class Audience:
    """Hands on what is heard to everyone who asked for it."""

    def __init__(self) -> None:
        self._text_listeners: list[TextListener] = []
        self._message_listeners: list[Callable[[Message], None]] = []
        self._event_listeners: list[Callable[[VehicleEvent], None]] = []
        self._readings: dict[int, dict[type[Reading], Outlets[Reading]]] = {}
        self._messages: dict[int, Outlets[Message]] = {}
        self._events: Outlets[VehicleEvent] = Outlets()

    def readings(self, kind: type[R], *, limit: int = DEFAULT_LIMIT) -> Stream[R]:
        """Return a stream of readings of a kind (see `dronepatrol.vehicle.readings`)."""
        outlets = self._readings.setdefault(MAKERS[kind][0], {}).setdefault(kind, Outlets())
        return cast("Stream[R]", outlets.open(limit))

    def messages(self, name: str, *, limit: int = DEFAULT_LIMIT) -> Stream[Message]:
        """Return a stream of messages of a type, by its name, with MAVLink's own fields and units."""
        return self._messages.setdefault(message_number(name), Outlets()).open(limit)

    def events(self, *, limit: int = DEFAULT_LIMIT) -> Stream[VehicleEvent]:
        """Return a stream of what happens to the vehicle (see `dronepatrol.vehicle.events`)."""
        return self._events.open(limit)

    def on_event(self, listener: Callable[[VehicleEvent], None]) -> Remove:
        """Give every event to a function; call the result to stop."""
        self._event_listeners.append(listener)
        return lambda: self._event_listeners.remove(listener)

    def on_text(self, listener: TextListener) -> Remove:
        """Give every status text, put together from its chunks, to a function; call the result to stop."""
        self._text_listeners.append(listener)
        return lambda: self._text_listeners.remove(listener)

    def on_message(self, listener: Callable[[Message], None]) -> Remove:
        """Give every message to a function once the state was updated; call the result to stop."""
        self._message_listeners.append(listener)
        return lambda: self._message_listeners.remove(listener)

    # Inside

    def _tell(self, event: VehicleEvent) -> None:
        for listener in tuple(self._event_listeners):
            listener(event)
        self._events.put(lambda: event)

    def _tell_text(self, severity: int, text: str) -> None:
        for listener in tuple(self._text_listeners):
            listener(severity, text)

    def _tell_frame(self, frame: Frame) -> None:
        if self._message_listeners:
            message = frame.message
            for listener in tuple(self._message_listeners):
                listener(message)
        outlets = self._messages.get(frame.number)
        if outlets is not None:
            outlets.put(lambda: frame.message)

    def _tell_readings(self, number: int, state: VehicleState) -> None:
        kinds = self._readings.get(number)
        if kinds:
            for kind, outlets in kinds.items():
                outlets.put(partial(state.just_read, kind))

    def _end_streams(self) -> None:
        self._events.close()
        for message_outlets in self._messages.values():
            message_outlets.close()
        for kinds in self._readings.values():
            for outlets in kinds.values():
                outlets.close()
