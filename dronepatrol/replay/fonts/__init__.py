"""Fonts that show Chinese names everywhere."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from matplotlib import font_manager

CJK_FAMILY = "Patrol CJK"
"""The family that ships with the package (see ``fonts/README.md`` for its origin)."""
FAMILIES = ("DejaVu Sans", CJK_FAMILY)
"""Latin from the family that ships with matplotlib, Chinese from ours: the same picture on every machine."""


def cjk_font_file() -> Path:
    """Return the file of the shipped font."""
    with resources.as_file(resources.files(__package__) / "patrol-cjk.ttf") as path:
        return path


@cache
def register_fonts() -> None:
    """Make the shipped font known to matplotlib; later calls do nothing."""
    manager = font_manager.fontManager
    manager.addfont(cjk_font_file())
    # the one weight serves for bold too, or matplotlib logs a complaint for each bold text
    manager.ttflist.append(replace(manager.ttflist[-1], weight=700))


def subset_font(text: str) -> bytes:
    """Return a WOFF font with the Chinese characters of a text, or nothing if it has none.

    Characters that the shipped font lacks are left to the reader's own fonts.
    """
    file = io.BytesIO()
    with TTFont(cjk_font_file(), lazy=True) as font:
        wanted = {ord(character) for character in set(text) if ord(character) > 0x2E00} & set(
            font.getBestCmap()
        )
        if not wanted:
            return b""
        subsetter = subset.Subsetter(subset.Options(hinting=False, notdef_outline=True, layout_features=[]))
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        font.flavor = "woff"
        # a time of saving would make two pages of one run differ
        font.recalcTimestamp = False
        font.save(file)
    return file.getvalue()
