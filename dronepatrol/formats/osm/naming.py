"""Identifiers of imported features: short, stable, and free of anything but a-z, 0-9 and hyphens."""

from __future__ import annotations

import re
import unicodedata

# Latin letters that have no decomposition into a plain letter and an accent.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)


def slug(name: str) -> str:
    """Return a name in lower-case ASCII with hyphens, or an empty string where that would lose letters.

    Accents fall away (``ä`` to ``a``). A name in another script gives an empty string and not the few
    ASCII signs in it: ``第5小学`` must not become ``5``.
    """
    folded = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    if any(char.isalpha() and not char.isascii() for char in bare):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", bare.replace("'", "").replace("’", "")).strip("-")


def osm_suffix(osm: str) -> str:
    """Return ``w123`` for ``way/123``, ``n-5`` for ``node/-5``."""
    kind, _, number = osm.partition("/")
    return f"{kind[0]}{number}"


class Ids:
    """Hands out ids that are unique in one import."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def place(self, name: str, stem: str, osm: str) -> str:
        """Return the slug of a name, or with the OpenStreetMap number if that is taken or says nothing.

        The first of a name gets the bare slug, so ask first for the place most likely meant. The number
        of the others does not depend on what else is imported, as a counter would.
        """
        bare = slug(name)
        if bare and bare not in self._taken:
            return self._take(bare)
        return self.numbered(name, stem, osm)

    def numbered(self, name: str, stem: str, osm: str) -> str:
        """Return slug or stem with the OpenStreetMap number, for roads, which come in pieces of one name."""
        return self._take(f"{slug(name) or stem}-{osm_suffix(osm)}")

    def _take(self, wanted: str) -> str:
        choice, count = wanted, 1
        while choice in self._taken:
            count += 1
            choice = f"{wanted}-{count}"
        self._taken.add(choice)
        return choice
