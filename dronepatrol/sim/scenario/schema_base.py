"""What the parts of the scenario file's schema have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field
from pydantic_core import PydanticCustomError

Seconds = Annotated[float, Field(ge=0, le=1e6)]
Share = Annotated[float, Field(ge=0, le=1)]


def refuse(message: str, remedy: str) -> PydanticCustomError:
    """Return the error that the reader of the file sees with its remedy."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


def by_kind() -> Discriminator:
    """Return what tells the entries of a list apart by their ``kind``."""

    def find(value: Any) -> Any:
        return value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)

    return Discriminator(find)
