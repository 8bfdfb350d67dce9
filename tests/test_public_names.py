"""The names that users import."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dronepatrol

README = Path(__file__).resolve().parents[1] / "README.md"


def test_every_public_name_is_there() -> None:
    """Each name in `__all__` can be used, and no other is offered."""
    assert sorted(dir(dronepatrol)) == sorted(dronepatrol.__all__)
    for name in dronepatrol.__all__:
        assert getattr(dronepatrol, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A wrong name fails as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'flie'"):
        dronepatrol.flie  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import dronepatrol` alone imports neither numpy nor pymavlink."""
    heavy = "('numpy', 'pymavlink', 'shapely')"
    code = f"import sys, dronepatrol; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_readme_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The library example of the README does what it says, run as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.DOTALL)
    code = code.replace('"missions/', f'"{README.parent}/missions/')
    code = code.replace('"runs/mine"', f'"{tmp_path}/mine"')
    exec(compile(code, "README.md", "exec"), {})
    assert "Ressun lukio: 100.0% seen" in capsys.readouterr().out
