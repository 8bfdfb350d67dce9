"""Commands and their acknowledgements, lost, late, repeated and in progress."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import CommandRefusedError, CommandUnconfirmedError, ProtocolTimeoutError
from dronepatrol.mavlink.cancel_message import MAV_RESULT_CANCELLED, CommandCancel
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.command import (
    ATTEMPTS,
    IN_PROGRESS_S,
    AckLedger,
    Command,
    Place,
    command_name,
    must_not_repeat,
    result_name,
)
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.round_trip import RoundTrip
from tests.mavlink.bad_link import BadLink, heard

VEHICLE = Target(1, 1)
ARM = dialect.MAV_CMD_COMPONENT_ARM_DISARM
SPEED = dialect.MAV_CMD_DO_CHANGE_SPEED
ACCEPTED = dialect.MAV_RESULT_ACCEPTED


class Obedient:
    """A vehicle that carries out each command it hears, and reports whether it is armed.

    Attributes
    ----------
    taken
        Every command heard: number, confirmation and first parameter.
    """

    next_wakeup_s = 0.0

    def __init__(self, results: Sequence[int] = ()) -> None:
        self.taken: list[tuple[int, int, float]] = []
        self.armed = False
        self._results = list(results)

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Carry out a command and acknowledge it."""
        if message.get_type() != "COMMAND_LONG":
            return []
        self.taken.append((message.command, message.confirmation, message.param1))
        self.armed |= message.command == ARM and message.param1 == 1.0
        result = self._results.pop(0) if self._results else ACCEPTED
        return [ack(message.command, result)]

    def poll(self, now_s: float) -> list[Any]:
        """Send a heartbeat every second."""
        if now_s < self.next_wakeup_s:
            return []
        self.next_wakeup_s = now_s + 1.0
        return [heartbeat(self.armed)]


def ack(command: int, result: int, progress: int = 0, to: int = 255) -> Any:
    """Return a COMMAND_ACK."""
    return dialect.MAVLink_command_ack_message(command, result, progress, 0, to, 190)


def heartbeat(armed: bool) -> Any:
    """Return an autopilot's heartbeat."""
    return dialect.MAVLink_heartbeat_message(2, 3, 128 if armed else 0, 4, 4, 3)


def shows_armed(message: Any) -> bool:
    """Say whether a message shows the vehicle armed."""
    return message.get_type() == "HEARTBEAT" and bool(message.base_mode & 128)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_settings_get_through_a_bad_link(seed: int) -> None:
    """A command that may be repeated is, with its confirmation counted up, until its answer comes."""
    vehicle = Obedient()
    command = Command(SPEED, (1.0, 5.0), VEHICLE)
    link = BadLink(vehicle, seed, loss=0.3, repeat=0.1, reorder=0.1, delay_s=0.2, jitter_s=0.1)
    link.run(command)
    assert command.result == ACCEPTED
    assert sorted({confirmation for _, confirmation, _ in vehicle.taken})[-1] < ATTEMPTS


def test_good_link_takes_one_message() -> None:
    """Nothing is repeated where the answer comes in time."""
    vehicle = Obedient()
    link = BadLink(vehicle)
    link.run(Command(SPEED, (1.0,), VEHICLE))
    assert vehicle.taken == [(SPEED, 0, 1.0)]


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.floats(0.0, 0.9))
def test_arming_is_sent_once_whatever_the_link_does(seed: int, loss: float) -> None:
    """Arming is never repeated: it ends accepted if the vehicle shows it, else unconfirmed."""
    vehicle = Obedient()
    command = Command(ARM, (1.0,), VEHICLE, confirmed_by=shows_armed)
    link = BadLink(vehicle, seed, loss=loss, delay_s=0.1)
    link.run(command)
    assert link.sent == 1
    assert len(vehicle.taken) <= 1
    if command.result == ACCEPTED:
        assert vehicle.armed
    else:
        assert isinstance(command.error, CommandUnconfirmedError)


def test_lost_acknowledgement_of_arming_is_read_from_the_heartbeat() -> None:
    """The command was taken and its answer lost: the armed heartbeat settles it."""
    command = Command(ARM, (1.0,), VEHICLE, confirmed_by=shows_armed)
    command.start(0.0)
    assert command.poll(command.next_wakeup_s) == []
    assert not command.finished
    command.receive(heard(heartbeat(armed=False)), 1.5)
    assert not command.finished
    command.receive(heard(heartbeat(armed=True)), 2.5)
    assert (command.result, command.confirmed) == (ACCEPTED, True)


def test_state_seen_before_the_time_out_counts_at_it() -> None:
    """A heartbeat that showed it while the answer was waited for ends the command at the time-out."""
    command = Command(ARM, (1.0,), VEHICLE, confirmed_by=shows_armed)
    command.start(0.0)
    command.receive(heard(heartbeat(armed=True)), 0.5)
    assert not command.finished
    command.poll(command.next_wakeup_s)
    assert command.confirmed


def test_refusal_wins_over_a_state_seen() -> None:
    """An answer that comes in time is the answer, whatever the state shows."""
    command = Command(ARM, (1.0,), VEHICLE, confirmed_by=shows_armed)
    command.start(0.0)
    command.receive(heard(heartbeat(armed=True)), 0.2)
    command.receive(heard(ack(ARM, dialect.MAV_RESULT_FAILED)), 0.3)
    assert isinstance(command.error, CommandRefusedError)
    assert command.refusal == dialect.MAV_RESULT_FAILED


def test_unconfirmed_error_says_why_it_was_not_repeated() -> None:
    """The error tells that there was no answer, that the state does not show it, and no repeat."""
    command = Command(ARM, (1.0,), VEHICLE, confirmed_by=shows_armed)
    BadLink(Obedient(), loss=1.0).run(command)
    assert str(command.error) == (
        "the vehicle did not answer COMPONENT_ARM_DISARM and its state does not show it; "
        "it was not sent again, because that could do harm"
    )


@pytest.mark.parametrize(
    ("command", "params", "once"),
    [
        (ARM, (1.0,), True),
        (ARM, (0.0,), False),
        (dialect.MAV_CMD_NAV_TAKEOFF, (), True),
        (dialect.MAV_CMD_MISSION_START, (), True),
        (dialect.MAV_CMD_DO_MOTOR_TEST, (1.0,), True),
        (dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH, (), False),
        (dialect.MAV_CMD_DO_SET_MODE, (1.0, 6.0), False),
    ],
)
def test_dangerous_commands_are_known(command: int, params: tuple[float, ...], once: bool) -> None:
    """What starts motors or a flight is given once; what stops or sets may be repeated."""
    assert must_not_repeat(command, params) is once


def test_asking_for_repeats_of_a_dangerous_command_is_a_mistake() -> None:
    """Nobody can ask for arming to be tried several times."""
    with pytest.raises(ValueError, match="must not be sent more than once, got 4 attempts"):
        Command(ARM, (1.0,), VEHICLE, attempts=4)


def test_progress_is_followed() -> None:
    """IN_PROGRESS keeps a command waiting without a repeat, shows how far it is, and ends with its answer."""
    command = Command(dialect.MAV_CMD_DO_SET_MODE, (1.0,), VEHICLE)
    command.start(0.0)
    for second, percent in enumerate((10, 50, 90), start=1):
        command.receive(heard(ack(command.command, dialect.MAV_RESULT_IN_PROGRESS, percent)), float(second))
        assert command.poll(second + 5.0) == []
        assert command.progress == percent
    command.receive(heard(ack(command.command, ACCEPTED)), 20.0)
    assert command.result == ACCEPTED


def test_progress_that_stops_is_a_time_out() -> None:
    """A vehicle that says it is at it and then nothing more is told so, with how far it was."""
    command = Command(SPEED, (1.0,), VEHICLE)
    command.start(0.0)
    command.receive(heard(ack(SPEED, dialect.MAV_RESULT_IN_PROGRESS, 40)), 1.0)
    command.poll(1.0 + IN_PROGRESS_S)
    assert isinstance(command.error, ProtocolTimeoutError)
    assert str(command.error) == (
        "the vehicle was carrying out DO_CHANGE_SPEED (40 %) and then said nothing for 30 s"
    )


def test_temporary_rejection_is_tried_again_later() -> None:
    """A vehicle that cannot do it yet is asked again after a while."""
    vehicle = Obedient([dialect.MAV_RESULT_TEMPORARILY_REJECTED] * 2)
    command = Command(SPEED, (1.0,), VEHICLE)
    link = BadLink(vehicle)
    link.run(command)
    assert command.result == ACCEPTED
    assert len(vehicle.taken) == 3
    assert 3.0 <= link.elapsed_s < 3.1


def test_temporary_rejection_that_lasts_is_a_refusal() -> None:
    """The trying ends after some attempts with the vehicle's answer."""
    vehicle = Obedient([dialect.MAV_RESULT_TEMPORARILY_REJECTED] * 99)
    command = Command(SPEED, (1.0,), VEHICLE)
    BadLink(vehicle).run(command)
    assert str(command.error) == "the vehicle refused DO_CHANGE_SPEED: TEMPORARILY_REJECTED"
    assert len(vehicle.taken) == 7


def test_temporarily_rejected_arming_is_the_operators_to_repeat() -> None:
    """Arming that is rejected for the moment is refused: trying again is a decision."""
    vehicle = Obedient([dialect.MAV_RESULT_TEMPORARILY_REJECTED])
    command = Command(ARM, (1.0,), VEHICLE)
    BadLink(vehicle).run(command)
    assert isinstance(command.error, CommandRefusedError)
    assert len(vehicle.taken) == 1


def test_late_answers_to_one_command_are_not_taken_for_the_next() -> None:
    """A second command of a kind waits for the answers to repeats of the first."""
    ledger, link = AckLedger(), RoundTrip()
    first = Command(SPEED, (1.0,), VEHICLE, ledger=ledger, round_trip=link)
    first.start(0.0)
    (again,) = first.poll(1.0)
    assert again.confirmation == 1
    first.receive(heard(ack(SPEED, ACCEPTED)), 1.2)
    second = Command(SPEED, (2.0,), VEHICLE, ledger=ledger, round_trip=link)
    assert second.start(1.3) == []
    (sent,) = second.receive(heard(ack(SPEED, ACCEPTED)), 1.9)
    assert not second.finished
    assert (sent.param1, sent.confirmation) == (2.0, 0)


def test_answers_that_never_come_are_not_waited_for_long() -> None:
    """Once a round trip has passed since the last repeat, the next command of the kind goes out."""
    ledger, link = AckLedger(), RoundTrip()
    link.answered([0.0], 0.2)
    first = Command(SPEED, (1.0,), VEHICLE, ledger=ledger, round_trip=link)
    first.start(10.0)
    first.poll(11.0)
    first.receive(heard(ack(SPEED, ACCEPTED)), 11.3)
    second = Command(SPEED, (2.0,), VEHICLE, ledger=ledger, round_trip=link)
    assert second.start(11.3) == []
    assert second.next_wakeup_s < 12.0
    assert len(second.poll(second.next_wakeup_s)) == 1


def test_answered_command_lets_the_next_go_at_once() -> None:
    """Without repeats there is nothing to wait for."""
    ledger = AckLedger()
    first = Command(SPEED, (1.0,), VEHICLE, ledger=ledger)
    first.start(0.0)
    first.receive(heard(ack(SPEED, ACCEPTED)), 0.1)
    assert len(Command(SPEED, (2.0,), VEHICLE, ledger=ledger).start(0.1)) == 1


def test_answers_to_others_and_of_others_are_passed_over() -> None:
    """The answer to another ground station, of another vehicle, or to another command ends nothing."""
    command = Command(SPEED, (1.0,), VEHICLE, own_system=255)
    command.start(0.0)
    command.receive(heard(ack(SPEED, ACCEPTED, to=254)), 0.1)
    command.receive(heard(ack(SPEED, ACCEPTED), system=2), 0.1)
    command.receive(heard(ack(ARM, ACCEPTED)), 0.1)
    assert not command.finished
    command.receive(heard(ack(SPEED, ACCEPTED, to=0)), 0.1)
    assert command.finished


def test_answer_quicker_than_the_link_is_not_ours() -> None:
    """An answer that comes before ours can is the repeat of an earlier one."""
    known = RoundTrip()
    known.answered([0.0], 0.4)
    command = Command(SPEED, (1.0,), VEHICLE, round_trip=known)
    command.start(10.0)
    command.receive(heard(ack(SPEED, ACCEPTED)), 10.05)
    assert not command.finished


def test_command_int_keeps_a_place_exact() -> None:
    """A place goes as integers of 1e-7 degrees, which single precision would round to a metre."""
    command = Command(
        dialect.MAV_CMD_DO_REPOSITION, (-1.0, 1.0), VEHICLE, place=Place(300300001, 1208700003, 35.5)
    )
    (message,) = command.start(0.0)
    sent = heard(message)
    assert (sent.get_type(), sent.x, sent.y, sent.z) == ("COMMAND_INT", 300300001, 1208700003, 35.5)
    assert (sent.frame, sent.param1, sent.param2) == (3, -1.0, 1.0)


def test_cancel_sends_command_cancel_and_ends_with_the_answer() -> None:
    """COMMAND_CANCEL names the command, and the vehicle's CANCELLED ends it."""
    command = Command(SPEED, (1.0,), VEHICLE)
    command.start(0.0)
    (message,) = command.cancel(0.1)
    assert (message.get_type(), message.command) == ("COMMAND_CANCEL", SPEED)
    command.receive(heard(ack(SPEED, MAV_RESULT_CANCELLED)), 0.3)
    assert str(command.error) == "the vehicle refused DO_CHANGE_SPEED: CANCELLED"


def test_command_cancel_has_the_published_layout() -> None:
    """The frame of COMMAND_CANCEL carries command, system and component in the order of the wire."""
    frame = Codec(255, 190).pack(CommandCancel(1, 1, SPEED))
    assert frame[7:10] == bytes((80, 0, 0))
    assert frame[10:14] == bytes((SPEED & 0xFF, SPEED >> 8, 1, 1))
    crc = dialect.x25crc(frame[1:14])
    crc.accumulate(bytes([14]))
    assert frame[14:16] == crc.crc.to_bytes(2, "little")


def test_silence_counts_the_attempts() -> None:
    """A command that may be repeated ends with the number of times it was sent."""
    link = BadLink(Obedient(), loss=1.0)
    command = Command(SPEED, (1.0,), VEHICLE, attempts=3)
    link.run(command)
    assert str(command.error) == "the vehicle did not answer DO_CHANGE_SPEED sent 3 times"
    assert link.sent == 3


def test_numbers_without_a_name_are_told_as_such() -> None:
    """Unknown commands and results are named by their number."""
    assert command_name(60_000) == "command 60000"
    assert result_name(99) == "result 99"
    assert math.isinf(AckLedger().quiet_until_s(SPEED))
