"""Takes commands from clients, has them carried out, acknowledges each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands.flight import FlightOrders
from dronepatrol.sim.autopilot.commands.messages import MessageOrders
from dronepatrol.sim.autopilot.commands.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    IN_PROGRESS,
    UNSUPPORTED,
    Order,
    OrderHandler,
)
from dronepatrol.sim.autopilot.commands.payload import PayloadOrders
from dronepatrol.sim.autopilot.commands.system import SystemOrders

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

TASK_S = 2.0
"""How long a command takes that is answered with IN_PROGRESS: a gyroscope calibration."""


@dataclass(frozen=True, slots=True)
class Task:
    """A command that takes time: its final acknowledgement, and when that is due."""

    channel: Channel
    order: Order
    done_s: float


class CommandService:
    """Carries out commands for one autopilot.

    A command that comes again, with a raised ``confirmation``, is carried out again, as ArduPilot does: all
    that can be repeated are either settings or find themselves done.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._tasks: list[Task] = []
        messages = MessageOrders(autopilot)
        self.handlers = {
            dialect.MAVLINK_MSG_ID_COMMAND_LONG: self._receive,
            dialect.MAVLINK_MSG_ID_COMMAND_INT: self._receive,
            dialect.MAVLINK_MSG_ID_SET_MODE: self._set_mode_message,
            dialect.MAVLINK_MSG_ID_REQUEST_DATA_STREAM: messages.data_stream,
        }
        self._orders: dict[int, OrderHandler] = {
            **FlightOrders(autopilot).orders,
            **messages.orders,
            **PayloadOrders(autopilot).orders,
            **SystemOrders(autopilot).orders,
        }

    @property
    def supported(self) -> frozenset[int]:
        """The MAV_CMD numbers that are carried out."""
        return frozenset(self._orders)

    def _receive(self, channel: Channel, message: Message) -> None:
        order = Order.from_message(message)
        handler = self._orders.get(order.command)
        result = UNSUPPORTED if handler is None else handler(channel, order)
        if result == IN_PROGRESS:
            self._forget(order)
            done_s = self._autopilot.boot_s + TASK_S
            self._tasks.append(Task(channel, order, done_s))
        _acknowledge(channel, order, result)

    def step(self) -> None:
        """Tell which commands are done now."""
        if not self._tasks:
            return
        now_s = self._autopilot.boot_s
        for task in [task for task in self._tasks if task.done_s <= now_s]:
            self._tasks.remove(task)
            _acknowledge(task.channel, task.order, ACCEPTED, progress=100)

    def restart(self) -> None:
        """Forget what was under way."""
        self._tasks.clear()

    def _forget(self, order: Order) -> None:
        """Drop an earlier one of the same kind: a repeated command begins anew and is finished once."""
        same = (order.command, order.sender)
        self._tasks = [task for task in self._tasks if (task.order.command, task.order.sender) != same]

    def _set_mode_message(self, channel: Channel, message: Message) -> None:
        """SET_MODE is no command, and still the real one acknowledges it as one, with its message id."""
        result = DENIED
        if message.base_mode & dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            result = ACCEPTED if self._autopilot.set_mode(message.custom_mode) else FAILED
        sender = (message.get_srcSystem(), message.get_srcComponent())
        number = dialect.MAVLINK_MSG_ID_SET_MODE
        channel.send(dialect.MAVLink_command_ack_message(number, result, 0, 0, *sender))


def _acknowledge(channel: Channel, order: Order, result: int, *, progress: int = 0) -> None:
    channel.send(dialect.MAVLink_command_ack_message(order.command, result, progress, 0, *order.sender))
