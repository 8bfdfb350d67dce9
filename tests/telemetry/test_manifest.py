"""The manifest of a run, its signature, and `dronepatrol log verify`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from dronepatrol import api
from dronepatrol.cli.main import main
from dronepatrol.errors import InputError
from dronepatrol.telemetry.manifest import verify_run
from tests.missions import write_yard


def write_keys(folder: Path, name: str) -> tuple[Path, Path]:
    """A new key pair as two PEM files."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """The station's key pair."""
    return write_keys(tmp_path, "station")


@pytest.fixture
def run(tmp_path: Path, keys: tuple[Path, Path]) -> Path:
    """A flown and signed run."""
    plan = api.plan_mission(api.load_mission(write_yard(tmp_path)))
    return api.fly(plan, tmp_path / "run", pictures=False, signing_key=keys[0]).path


def test_a_signed_run_is_intact(
    run: Path, keys: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """`log verify` says so, with the key that signed, and exits 0."""
    assert main(["log", "verify", str(run), "--public-key", str(keys[1])]) == 0
    printed = capsys.readouterr().out
    assert "intact: d1.tlog" in printed
    assert "signed by" in printed


def test_another_key_is_noticed(run: Path, tmp_path: Path) -> None:
    """A run signed by somebody else is not intact."""
    _, other = write_keys(tmp_path, "other")
    evidence = verify_run(run, public_key=other)
    assert evidence.problems == ("it was signed by another key",)


def test_a_changed_event_log_is_noticed(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A word changed in the events is told by the file's name, and the exit code is 1."""
    path = run / "events.jsonl"
    path.write_text(path.read_text("utf-8").replace("armed", "ARMED", 1), "utf-8")
    assert main(["log", "verify", str(run)]) == 1
    assert "events.jsonl was changed" in capsys.readouterr().out


def test_a_changed_manifest_breaks_the_signature(run: Path) -> None:
    """Whoever changes a file and its hash in the manifest breaks the signature."""
    path = run / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["time_base"]["epoch_utc"] = "2026-09-15T04:00:00+00:00"
    path.write_text(json.dumps(manifest), "utf-8")
    assert "signature does not fit" in verify_run(run).problems[0]


def test_a_replaced_log_is_noticed_even_with_its_own_chain(run: Path, tmp_path: Path) -> None:
    """Another flight's log with its proper chain is not the log that was sealed."""
    plan = api.plan_mission(api.load_mission(write_yard(tmp_path)))
    other = api.fly(plan, tmp_path / "other", pictures=False, link="udp").path
    for name in ("d1.tlog", "d1.tlog.chain"):
        (run / name).write_bytes((other / name).read_bytes()[:-60] if name == "d1.tlog" else b"")
    assert any("not the one that was sealed" in problem for problem in verify_run(run).problems)


def test_the_manifest_says_clock_software_and_vehicle_time(run: Path) -> None:
    """Who reads the run later knows the clock, the versions, and how vehicle time relates to log time."""
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    assert manifest["time_base"]["clock"] == "virtual"
    assert manifest["software"]["pymavlink"]
    (track,) = api.open_run(run).tracks
    zero = datetime.fromisoformat(manifest["time_base"]["vehicle_clock_zero_utc"]["d1.tlog"])
    assert abs((track.start_utc - zero).total_seconds()) < 30.0


def test_a_folder_without_logs_is_an_error(tmp_path: Path) -> None:
    """A folder that is no run is named."""
    with pytest.raises(InputError, match="holds neither logs nor a manifest; name a run folder"):
        verify_run(tmp_path)


def test_a_key_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A file that is no Ed25519 key is named with how to make one."""
    (tmp_path / "key.pem").write_text("no key")
    plan = api.plan_mission(api.load_mission(write_yard(tmp_path)))
    with pytest.raises(InputError, match="openssl genpkey"):
        api.fly(plan, tmp_path / "run", pictures=False, signing_key=tmp_path / "key.pem")
    assert not (tmp_path / "run").exists()
