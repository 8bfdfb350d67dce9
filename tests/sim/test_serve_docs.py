"""The page about served drones, held against what it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dronepatrol.cli.main import parser

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "simulated-drones.md").read_text("utf-8")


@pytest.mark.parametrize("text", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_run(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the page shows is what runs."""
    exec(compile(text, "simulated-drones.md", "exec"), {})
    assert "frames=1" in capsys.readouterr().out


def test_the_page_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command that the page leaves out, or the other way round, is noticed."""
    with pytest.raises(SystemExit):
        parser(["sim"]).parse_args(["sim", "--help"])
    known = set(re.findall(r"^\s+(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    told = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert known == told
