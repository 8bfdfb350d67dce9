"""Figures to files."""

from __future__ import annotations

import warnings
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dronepatrol.errors import OutputError

PNG_DPI = 120


def save_figure(figure: Figure | Axes, path: str | Path, *, dpi: float = PNG_DPI) -> Path:
    """Write a figure (or the figure of axes) as PNG, SVG or PDF, by the file's ending.

    The same figure gives the same bytes: no date is written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    assert whole is not None
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(target.suffix.lstrip(".").lower())
    try:
        with warnings.catch_warnings():
            # a name may hold a character that no font at hand has; its box is better than no figure
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
            whole.savefig(target, dpi=dpi, metadata=metadata)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error
    return target
