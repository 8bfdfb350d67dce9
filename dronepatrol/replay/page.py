"""A run as one HTML page that opens from disk without a network."""

from __future__ import annotations

import base64
import html
import json
from importlib import resources
from pathlib import Path

from dronepatrol.errors import OutputError
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.fonts import subset_font
from dronepatrol.replay.payload import payload

_SCRIPTS = (
    "core.js",
    "words.js",
    "labels.js",
    "map.js",
    "gestures.js",
    "charts.js",
    "panels.js",
    "timeline.js",
    "app.js",
)
"""In this order: each uses what stands before it."""


_CHINESE_FONTS = ("PingFangSC-Regular", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC")
_CHINESE_RANGE = "U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF"
"""Radicals, kana, CJK signs, ideographs and full-width forms; all else is the text font's."""


def write_page(data: ReplayData, path: str | Path) -> Path:
    """Write a run as a page with map, time slider and charts, complete in one file.

    The page may ask for nothing from elsewhere: its content security policy forbids it.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    try:
        target.write_text(page(data), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error
    return target


def page(data: ReplayData) -> str:
    """Return the page's text."""
    content = json_for_script(payload(data))
    scripts = "\n".join(_template(name) for name in _SCRIPTS)
    parts = {
        "TITLE": html.escape(data.title),
        "FONT": _font_face(content + _template("words.js")),
        "STYLE": _template("page.css"),
        "DATA": content,
        "SCRIPT": f"(() => {{\n'use strict';\n{scripts}\n}})();",
    }
    text = _template("page.html")
    before, *rest = text.split("{{")
    # one pass over the template, so that braces inside the data are never taken for a placeholder
    return before + "".join(parts[part.partition("}}")[0]] + part.partition("}}")[2] for part in rest)


def json_for_script(value: object) -> str:
    """Return JSON that may stand in a script element: no ``<`` can end it, whatever names contain.

    HTML ends a script at ``</script`` and hides text after ``<!--`` (HTML standard, section 13.2.5.4 and on),
    so every ``<`` is written as an escape, which JSON reads back as the same character.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _template(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _font_face(text: str) -> str:
    """Return the page's Chinese font: the reader's own, or else a part of ours with the characters in use."""
    font = subset_font(text)
    if not font:
        return ""
    own = ", ".join(f"local('{name}')" for name in _CHINESE_FONTS)
    ours = f"url(data:font/woff;base64,{base64.b64encode(font).decode()}) format('woff')"
    return (
        f"@font-face {{ font-family: 'Patrol CJK'; font-display: block; unicode-range: {_CHINESE_RANGE};\n"
        f"  src: {own}, {ours}; }}"
    )
