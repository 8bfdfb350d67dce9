"""Missions, fences and rally points of a vehicle."""

from __future__ import annotations

from collections.abc import Sequence

from dronepatrol.errors import ProtocolTimeoutError, UploadRefusedError
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.safe_upload import SafeUpload
from dronepatrol.mavlink.transfer import Clear, Download
from dronepatrol.vehicle.core import VehicleCore

LINK_BACK_S = 120.0
"""Longest wait for a lost link before an upload that it interrupted is given up."""


class ListOrders(VehicleCore):
    """Up and down with what the vehicle stores."""

    async def upload(self, items: Sequence[WireItem], *, attempts: int = 4) -> None:
        """Send a mission, read it back and repair it until the vehicle holds it.

        A link that is lost meanwhile is waited for, and the upload then goes on.

        Parameters
        ----------
        items
            Item 0 is home, whatever the autopilot wants on the wire.

        Raises
        ------
        UnsupportedByAutopilotError
            The autopilot takes no such list; nothing was sent.
        UploadRefusedError
            The vehicle refuses an item.
        ProtocolError
            It did not get through, or what is read back is not what was sent; the text says what the vehicle
            holds now.
        """
        await self._upload(MissionType.MISSION, self.autopilot.wire_items(items), attempts)

    async def upload_fence(self, items: Sequence[WireItem], *, attempts: int = 4) -> None:
        """Send a fence and read it back; errors are those of `upload`, and the old fence stays with them."""
        await self._upload(MissionType.FENCE, items, attempts)

    async def upload_rally(self, items: Sequence[WireItem], *, attempts: int = 4) -> None:
        """Send rally points and read them back; errors are those of `upload`."""
        await self._upload(MissionType.RALLY, items, attempts)

    async def download(self, kind: MissionType = MissionType.MISSION) -> list[WireItem]:
        """Read a list as the vehicle holds it; item 0 of a mission is home where the autopilot has it so.

        Raises
        ------
        UnsupportedByAutopilotError
            The autopilot has no such list; nothing was sent.
        ProtocolError
            The vehicle refuses, or stops answering.
        """
        self.autopilot.require(kind)
        download = Download(
            self.target,
            kind,
            own_system=self.line.own_system,
            round_trip=self.round_trip,
            window=self.autopilot.download_window,
        )
        await self.drive(download, what=f"the {kind.name.lower()} items")
        return download.items

    async def clear(self, kind: MissionType = MissionType.MISSION) -> None:
        """Delete a list.

        Raises
        ------
        UnsupportedByAutopilotError
            The autopilot has no such list; nothing was sent.
        ProtocolError
            The vehicle refuses, as ArduCopter does with the mission it is flying, or does not answer.
        """
        self.autopilot.require(kind)
        clear = Clear(self.target, kind, own_system=self.line.own_system, round_trip=self.round_trip)
        await self.drive(clear, what=f"the {kind.name.lower()} to be cleared")

    async def _upload(self, kind: MissionType, items: Sequence[WireItem], attempts: int) -> None:
        self.autopilot.require(kind)
        heard = len(self.state.texts)
        while True:
            machine = SafeUpload(
                items,
                self.target,
                kind,
                own_system=self.line.own_system,
                round_trip=self.round_trip,
                keeps=self.autopilot.keeps,
                home_first=self.autopilot.home_is_item_0,
                window=self.autopilot.download_window,
                attempts=attempts,
            )
            try:
                await self.drive(machine, what=f"the end of the {kind.name.lower()} upload")
            except UploadRefusedError as error:
                reasons = "; ".join(dict.fromkeys(text for _, text in self.state.texts[heard:]))
                raise UploadRefusedError(f"{error} ({reasons})" if reasons else str(error)) from None
            except ProtocolTimeoutError:
                if self.link_up:
                    raise
                await self.link_regained(timeout_s=LINK_BACK_S)
            else:
                return
