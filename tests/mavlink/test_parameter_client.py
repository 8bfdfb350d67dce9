"""The parameter client against the simulated autopilot's own parameter service, on links good and bad."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.parameter_client import ParameterDownload, ParameterRead, ParameterSet
from dronepatrol.mavlink.parameter_values import NO_INDEX, ParameterEncoding, to_field
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.parameters import ParameterService, ParameterStore
from tests.mavlink.bad_link import BadLink, heard

VEHICLE = Target(1, 1)
BAD: dict[str, Any] = {"loss": 0.3, "repeat": 0.1, "reorder": 0.1, "delay_s": 0.2, "jitter_s": 0.1}
STEP_S = 0.05


class Wire:
    """The far end's transport, which keeps what is sent for the link to carry."""

    name = "wire"

    def __init__(self) -> None:
        self.ears = Codec(9, 9)
        self.messages: list[Any] = []

    def send(self, data: bytes) -> None:
        """Keep the messages in some frames."""
        self.messages += self.ears.parse(data)

    def set_receiver(self, receiver: Any) -> None:
        """Nothing comes this way: the link hands messages to the service."""

    def close(self) -> None:
        """Hold nothing."""


class ParameterVehicle:
    """The real parameter service and its store as a far end, stepped at 20 Hz."""

    def __init__(self) -> None:
        self.store = ParameterStore()
        self._wire = Wire()
        self._channel = Channel(self._wire, 1)
        self.service = ParameterService(self.store, self._channel.send)
        self.next_wakeup_s = 0.0

    def _sent(self) -> list[Any]:
        self._channel.flush()
        messages, self._wire.messages = self._wire.messages, []
        return messages

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Hand a message to the service."""
        handler = self.service.handlers.get(message.get_msgId())
        if handler is not None:
            handler(self._channel, message)
        return self._sent()

    def poll(self, now_s: float) -> list[Any]:
        """Step the service."""
        if now_s < self.next_wakeup_s:
            return []
        self.next_wakeup_s = now_s + STEP_S
        self.service.step(STEP_S)
        return self._sent()


class Stubborn(ParameterVehicle):
    """A vehicle that keeps one parameter as it is, or cuts it to 100."""

    def __init__(self, name: str, *, cuts: bool = False) -> None:
        super().__init__()
        self._name = name
        self._cuts = cuts

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Change what a PARAM_SET asks for before the service sees it."""
        if message.get_type() == "PARAM_SET" and message.param_id == self._name:
            message.param_value = 100.0 if self._cuts else self.store[self._name]
        return super().receive(message, now_s)


def value(name: str, number: float, *, index: int = NO_INDEX, kind: int = 9, count: int = 2) -> Any:
    """Return a PARAM_VALUE as heard."""
    return heard(dialect.MAVLink_param_value_message(name.encode(), number, kind, count, index))


def test_all_parameters_on_a_good_link() -> None:
    """The list comes once and needs nothing else."""
    vehicle = ParameterVehicle()
    link = BadLink(vehicle)
    download = ParameterDownload(VEHICLE)
    link.run(download)
    assert {name: one.value for name, one in download.parameters.items()} == dict(vehicle.store)
    assert list(download.parameters) == list(vehicle.store.names)
    assert link.sent == 1
    assert link.elapsed_s < 4.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_parameters_over_a_bad_link(seed: int) -> None:
    """30 % loss each way, 200 ms delay, repeats and reordering: all 1,300 and more arrive, each as it is."""
    vehicle = ParameterVehicle()
    link = BadLink(vehicle, seed, **BAD)
    download = ParameterDownload(VEHICLE)
    link.run(download)
    assert len(vehicle.store) > 1300
    assert {name: one.value for name, one in download.parameters.items()} == dict(vehicle.store)
    assert link.elapsed_s < 90.0


def test_link_dead_for_a_minute_is_waited_for() -> None:
    """With the patience for it, a download goes on after an outage with what is missing."""
    vehicle = ParameterVehicle()
    link = BadLink(vehicle, outages_s=((1.0, 61.0),))
    download = ParameterDownload(VEHICLE, patience_s=90.0)
    link.run(download)
    assert download.received == len(vehicle.store)
    assert link.elapsed_s < 75.0


def test_unsolicited_value_is_no_part_of_the_list() -> None:
    """A value with index 65535 does not count, and wins over the one listed before."""
    download = ParameterDownload(VEHICLE)
    download.start(0.0)
    download.receive(value("A", 1.0, index=0), 0.1)
    download.receive(value("B", 9.0), 0.2)
    download.receive(value("A", 5.0), 0.2)
    assert not download.finished
    download.receive(value("B", 2.0, index=1), 0.3)
    assert download.done
    assert {name: (one.value, one.index) for name, one in download.parameters.items()} == {
        "A": (5.0, 0),
        "B": (9.0, 1),
    }


def test_value_asked_for_after_a_change_counts() -> None:
    """A value that answers a question put after an announcement is the newer of the two."""
    download = ParameterDownload(VEHICLE)
    download.start(0.0)
    download.receive(value("A", 1.0, index=0), 0.1)
    download.receive(value("B", 9.0), 0.2)
    (question,) = download.poll(download.next_wakeup_s)
    download.receive(value("B", 2.0, index=question.param_index), 5.0)
    assert download.parameters["B"].value == 2.0


def test_other_number_of_parameters_begins_anew() -> None:
    """When a switched-on feature adds parameters, indices mean other ones and all are read again."""
    download = ParameterDownload(VEHICLE)
    download.start(0.0)
    download.receive(value("A", 1.0, index=0), 0.1)
    download.receive(value("NEW", 3.0, index=0, count=3), 0.2)
    assert list(download.parameters) == ["NEW"]
    assert download.count == 3


def test_other_components_are_not_the_autopilot() -> None:
    """Parameters of a camera or gimbal on the same system stay out."""
    download = ParameterDownload(VEHICLE)
    download.start(0.0)
    camera = dialect.MAVLink_param_value_message(b"CAM_MODE", 1.0, 9, 1, 0)
    download.receive(heard(camera, component=100), 0.1)
    assert download.received == 0


def test_dead_link_names_what_is_missing() -> None:
    """A download that ends early says how many came and which are missing."""
    download = ParameterDownload(VEHICLE)
    BadLink(ParameterVehicle(), outages_s=((3.2, 1e9),)).run(download)
    assert isinstance(download.error, ProtocolTimeoutError)
    assert "of 1333 parameters; missing indices: " in str(download.error)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_parameter_over_a_bad_link(seed: int) -> None:
    """A parameter is read by its name."""
    read = ParameterRead("RTL_ALT", VEHICLE)
    BadLink(ParameterVehicle(), seed, **BAD).run(read)
    assert read.parameter is not None
    assert read.parameter.value == 1500.0


def test_unknown_name_is_told_after_some_silence() -> None:
    """A name that the vehicle does not have is never answered; the error says what that can mean."""
    link = BadLink(ParameterVehicle())
    read = ParameterRead("SYSID_THISMAV", VEHICLE)
    link.run(read)
    assert isinstance(read.error, ProtocolTimeoutError)
    assert "SYSID_THISMAV, asked" in str(read.error)
    assert "it has none of this name, or the link is down" in str(read.error)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), wanted=st.sampled_from([1500.0, 2000.0, 2600.4, 30.0]))
def test_set_over_a_bad_link(seed: int, wanted: float) -> None:
    """A set parameter is confirmed, whether that changed anything or not, and whole numbers are rounded."""
    vehicle = ParameterVehicle()
    change = ParameterSet("RTL_ALT", wanted, VEHICLE)
    BadLink(vehicle, seed, **BAD).run(change)
    assert change.error is None
    assert vehicle.store["RTL_ALT"] == round(wanted)
    assert change.after is not None
    assert change.after.value == round(wanted)


def test_unchanged_value_is_echoed_as_a_float_and_accepted() -> None:
    """ArduPilot's echo of a PARAM_SET that changed nothing has type REAL32 whatever the parameter's is."""
    change = ParameterSet("RTL_ALT", 1500.0, VEHICLE)
    BadLink(ParameterVehicle()).run(change)
    assert change.done
    assert change.before is not None
    assert change.after is not None
    assert (change.before.kind, change.after.kind) == (
        dialect.MAV_PARAM_TYPE_INT32,
        dialect.MAV_PARAM_TYPE_REAL32,
    )


def test_refusal_tells_both_values() -> None:
    """A value that stays as it was is a refusal, and the error has both."""
    change = ParameterSet("RTL_ALT", 3000.0, VEHICLE)
    BadLink(Stubborn("RTL_ALT")).run(change)
    assert isinstance(change.error, ProtocolError)
    assert str(change.error) == "the vehicle refused RTL_ALT = 3000 and keeps 1500 (INT32)"


def test_limited_value_tells_all_three() -> None:
    """A value that the vehicle changes on its own account is told with what was asked for and was before."""
    change = ParameterSet("RTL_ALT", 3000.0, VEHICLE)
    BadLink(Stubborn("RTL_ALT", cuts=True)).run(change)
    assert str(change.error) == "the vehicle keeps RTL_ALT = 100 instead of 3000; it was 1500"


def test_late_old_value_is_no_refusal() -> None:
    """The old value, brought late by the link, is asked about again before it is believed."""
    change = ParameterSet("X", 7.0, VEHICLE)
    change.start(0.0)
    change.receive(value("X", 1.0), 0.1)
    (question,) = change.receive(value("X", 1.0), 1.0)
    assert question.get_type() == "PARAM_REQUEST_READ"
    change.receive(value("X", 7.0), 1.2)
    assert change.done


@pytest.mark.parametrize(("wanted", "why"), [(1e10, "does not fit"), (math.nan, "does not fit")])
def test_value_outside_its_type_is_not_sent(wanted: float, why: str) -> None:
    """What a parameter's type cannot hold is an error before anything is set."""
    vehicle = ParameterVehicle()
    change = ParameterSet("RTL_ALT", wanted, VEHICLE)
    BadLink(vehicle).run(change)
    assert why in str(change.error)
    assert str(change.error).endswith("the parameter type INT32; nothing was set")
    assert vehicle.store["RTL_ALT"] == 1500.0


def test_bytewise_values_travel_as_bytes() -> None:
    """On PX4 an integer stands bit by bit in the float field, both ways."""
    change = ParameterSet("COM_RC_IN_MODE", 3.0, VEHICLE, encoding=ParameterEncoding.BYTEWISE)
    change.start(0.0)
    kind = dialect.MAV_PARAM_TYPE_INT32
    before = value("COM_RC_IN_MODE", to_field(1, kind, ParameterEncoding.BYTEWISE), kind=kind)
    (order,) = change.receive(before, 0.1)
    assert change.before is not None
    assert change.before.value == 1.0
    assert 0.0 < order.param_value < 1e-40
    change.receive(value("COM_RC_IN_MODE", order.param_value, kind=kind), 0.2)
    assert change.done


@pytest.mark.parametrize("name", ["", "A" * 17, "HÖHE"])
def test_impossible_name_is_the_callers_mistake(name: str) -> None:
    """A name that cannot travel is refused at once."""
    with pytest.raises(ValueError, match="1 to 16 ASCII characters"):
        ParameterRead(name, VEHICLE)
