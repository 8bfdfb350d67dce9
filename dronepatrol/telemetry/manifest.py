"""The manifest of a run: what was recorded, on which clock, with which software, and its hashes.

It is written when the run ends and seals every log: the last link of each hash chain, and the SHA-256 of
every other file that says what was asked and what happened. It may be signed with Ed25519 (RFC 8032) over
its own canonical text: JSON with sorted keys and no white space, the signature left out.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from dronepatrol.errors import InputError, MissingExtraError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.telemetry.chain import CHAIN_SUFFIX, Evidence, Verdict, verify_chain
from dronepatrol.telemetry.reader import messages

MANIFEST_FILE = "manifest.json"
_LIBRARIES = ("dronepatrol", "pymavlink", "numpy", "networkx", "shapely")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def software_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that flew."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _LIBRARIES}}


def make_manifest(folder: Path, files: Iterable[str], time_base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of a run folder.

    Parameters
    ----------
    files
        Names of files hashed whole; those that are not there are left out.
    time_base
        Clock, calendar moment of its zero, shift of the logs' stamps, and each vehicle's own clock.
    """
    logs = []
    for chain in sorted(folder.glob(f"*{CHAIN_SUFFIX}")):
        evidence = verify_chain(chain.with_suffix(""))
        logs.append(
            {"file": evidence.path.name, "bytes": evidence.path.stat().st_size, "link": evidence.link}
        )
    return {
        "software": software_versions(),
        "time_base": dict(time_base),
        "files": {name: file_hash(folder / name) for name in files if (folder / name).is_file()},
        "logs": logs,
    }


def vehicle_clocks(folder: Path) -> dict[str, str]:
    """Return, by log, the moment on the recorder's clock at which the vehicle's own clock was zero.

    Each SYSTEM_TIME gives one; the earliest is the one that waited least on its way (as in NTP, RFC 5905,
    section 10).
    """
    clocks = {}
    for path in sorted(folder.glob("*.tlog")):
        boots = [
            time_s - message.time_boot_ms / 1e3
            for time_s, message in messages(path, [dialect.MAVLINK_MSG_ID_SYSTEM_TIME])
        ]
        if boots:
            moment = datetime.fromtimestamp(min(boots), UTC)
            clocks[path.name] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return clocks


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """Return the bytes that a signature is made over."""
    unsigned = {key: value for key, value in manifest.items() if key != "signature"}
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_private_key(key_file: Path) -> None:
    """Make sure that a key can sign, before anything flies.

    Raises
    ------
    InputError
        It cannot.
    """
    _read_key(key_file, private=True)


def sign(manifest: dict[str, Any], key_file: Path) -> None:
    """Add an Ed25519 signature.

    Parameters
    ----------
    key_file
        Private key as PEM (PKCS 8), as ``openssl genpkey -algorithm ed25519`` makes it.

    Raises
    ------
    InputError
        The key cannot be read.
    MissingExtraError
        The library ``cryptography`` is not installed.
    """
    key = _read_key(key_file, private=True)
    public = key.public_key().public_bytes_raw()
    manifest["signature"] = {
        "algorithm": "Ed25519",
        "public_key": public.hex(),
        "value": key.sign(canonical(manifest)).hex(),
    }


def _read_key(path: Path, *, private: bool) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
        from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
    except ImportError:
        raise MissingExtraError("cryptography", "sign", "signing a run") from None
    kind = "private" if private else "public"
    wanted = ed25519.Ed25519PrivateKey if private else ed25519.Ed25519PublicKey
    remedy = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
    try:
        data = path.read_bytes()
        key = load_pem_private_key(data, None) if private else load_pem_public_key(data)
    except OSError as error:
        raise InputError(f"cannot read the key: {error.strerror or error}", file=path) from error
    except (ValueError, TypeError) as error:
        raise InputError(f"is no {kind} key in PEM", file=path, remedy=remedy) from error
    if not isinstance(key, wanted):
        raise InputError(f"is no Ed25519 {kind} key", file=path, remedy=remedy)
    return key


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """What verifying a whole run found.

    Attributes
    ----------
    logs
        One per telemetry log.
    problems
        What is wrong beyond the logs' own problems, one sentence each.
    signed_by
        The public key in hexadecimal, empty if the run is not signed.
    sealed
        There is a manifest: the run was ended in order.
    """

    logs: tuple[Evidence, ...]
    problems: tuple[str, ...]
    signed_by: str
    sealed: bool

    @property
    def intact(self) -> bool:
        """Nothing was changed, cut or added; an unsealed run proves its complete blocks only."""
        return not self.problems and all(log.verdict is not Verdict.BROKEN for log in self.logs)


def verify_run(folder: Path, *, public_key: Path | None = None) -> RunEvidence:
    """Check every log, every file and the signature of a run folder.

    Parameters
    ----------
    public_key
        PEM file of the key that must have signed it; None accepts any or no signature.

    Raises
    ------
    InputError
        The folder holds no log and no manifest.
    """
    logs = tuple(verify_chain(path) for path in _logs(folder))
    path = folder / MANIFEST_FILE
    if not path.is_file():
        if not logs:
            raise InputError("holds neither logs nor a manifest", file=folder, remedy="name a run folder")
        problem = ["there is no manifest, so nobody signed it"] if public_key else []
        return RunEvidence(logs, tuple(problem), "", sealed=False)
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        return RunEvidence(logs, (f"{MANIFEST_FILE} cannot be read: {error}",), "", sealed=True)
    problems = [*_file_problems(folder, manifest), *_log_problems(manifest, logs)]
    signed_by = str(manifest.get("signature", {}).get("public_key", ""))
    if signed_by or public_key:
        problems += _signature_problems(manifest, public_key)
    return RunEvidence(logs, tuple(problems), signed_by, sealed=True)


def _logs(folder: Path) -> list[Path]:
    chains = {path.with_suffix("") for path in folder.glob(f"*{CHAIN_SUFFIX}")}
    return sorted(chains | set(folder.glob("*.tlog")))


def _file_problems(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    problems = []
    for name, said in manifest.get("files", {}).items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif file_hash(path) != said:
            problems.append(f"{name} was changed")
    return problems


def _log_problems(manifest: Mapping[str, Any], logs: Iterable[Evidence]) -> list[str]:
    said = {entry["file"]: entry["link"] for entry in manifest.get("logs", [])}
    found = {evidence.path.name: evidence.link for evidence in logs}
    problems = [f"{name} is missing" for name in said if name not in found]
    problems += [f"{name} was added to the run" for name in found if name not in said]
    problems += [
        f"{name}: its chain is not the one that was sealed"
        for name, link in found.items()
        if name in said and said[name] != link
    ]
    return problems


def _signature_problems(manifest: Mapping[str, Any], public_key: Path | None) -> list[str]:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise MissingExtraError("cryptography", "sign", "verifying a signature") from None
    signature = manifest.get("signature")
    if not signature:
        return ["it is not signed"]
    try:
        said = bytes.fromhex(signature["public_key"])
        if public_key is not None:
            wanted = _read_key(public_key, private=False).public_bytes_raw()
            if wanted != said:
                return ["it was signed by another key"]
        Ed25519PublicKey.from_public_bytes(said).verify(
            bytes.fromhex(signature["value"]), canonical(manifest)
        )
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return ["its signature does not fit: the manifest was changed"]
    return []
