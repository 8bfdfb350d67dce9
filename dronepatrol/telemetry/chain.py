"""A hash chain beside a growing file, so that later changes can be found and placed.

The file is hashed in blocks of 64 KiB with SHA-256 (FIPS 180-4). Beside it stands ``NAME.chain``: one line
for each complete block with the block's own hash and the link ``SHA-256(previous link + block hash)``. The
line is written as soon as the block is complete, so a crash leaves a chain that holds up to the crash.
Sealing adds a last line for what is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BLOCK_BYTES = 1 << 16
CHAIN_SUFFIX = ".chain"
_START = b"\0" * 32
_SEAL = "sealed"


def chain_path(path: Path) -> Path:
    """Return where the chain of a file stands."""
    return path.with_name(path.name + CHAIN_SUFFIX)


def _link(previous: bytes, block: bytes) -> bytes:
    return hashlib.sha256(previous + block).digest()


class ChainWriter:
    """Follows the bytes that are appended to a file and writes their chain.

    Parameters
    ----------
    path
        The file that grows; its chain is made beside it.
    """

    def __init__(self, path: Path) -> None:
        self._file = chain_path(path).open("x", encoding="ascii")
        self._block = hashlib.sha256()
        self._filled = 0
        self.size = 0
        self.link = _START

    def extend(self, data: bytes) -> None:
        """Take bytes that were appended."""
        view = memoryview(data)
        while view:
            part = view[: BLOCK_BYTES - self._filled]
            self._block.update(part)
            self._filled += len(part)
            self.size += len(part)
            view = view[len(part) :]
            if self._filled == BLOCK_BYTES:
                self._end_block()
        self._file.flush()

    def seal(self) -> str:
        """End the chain with what is left and return its last link in hexadecimal."""
        if self._filled:
            self._end_block()
        self._file.write(f"{_SEAL} {self.size}\n")
        self.close()
        return self.link.hex()

    def close(self) -> None:
        """Close the chain's file without sealing it; closing twice is allowed."""
        self._file.close()

    def _end_block(self) -> None:
        block = self._block.digest()
        self.link = _link(self.link, block)
        self._file.write(f"{block.hex()} {self.link.hex()}\n")
        self._block = hashlib.sha256()
        self._filled = 0


class Verdict(StrEnum):
    """What a verification found."""

    INTACT = "intact"
    """Sealed, and every byte is as it was recorded."""
    UNSEALED = "unsealed"
    """Never sealed (a crash), but every complete block is as it was recorded."""
    BROKEN = "broken"
    """Something was changed, cut or added."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of verifying one file.

    Attributes
    ----------
    problems
        One sentence each, empty unless broken.
    link
        The last link of the chain in hexadecimal: what a signature or a notebook has to hold.
    unproven_bytes
        Bytes at the end that no complete block covers (of an unsealed file).
    """

    path: Path
    verdict: Verdict
    problems: tuple[str, ...]
    blocks: int
    link: str
    unproven_bytes: int


def verify_chain(path: Path) -> Evidence:
    """Compare a file with the chain beside it and say which block was changed, cut or added."""
    chain = chain_path(path)
    if not chain.is_file():
        return _broken(path, [f"there is no {chain.name} beside it"])
    if not path.is_file():
        return _broken(path, ["the file itself is missing"])
    entries, sealed_size, problems = _read_chain(chain)
    size = path.stat().st_size
    blocks = list(_block_hashes(path))
    whole = size // BLOCK_BYTES
    for index, (said, _) in enumerate(entries):
        if index >= len(blocks) or (sealed_size is None and index >= whole):
            problems.append(
                f"cut: block {index} of {len(entries)} is missing (byte {index * BLOCK_BYTES} on)"
            )
            break
        if blocks[index].hex() != said:
            first = index * BLOCK_BYTES
            last = min(first + BLOCK_BYTES, size) - 1
            problems.append(f"changed: block {index} of {len(entries)} (bytes {first} to {last})")
    if sealed_size is not None and size > sealed_size:
        problems.append(f"added: {size - sealed_size} bytes behind byte {sealed_size}")
    if sealed_size is not None and size < sealed_size:
        problems.append(f"cut: {sealed_size - size} of {sealed_size} bytes are missing at the end")
    covered = sealed_size if sealed_size is not None else len(entries) * BLOCK_BYTES
    link = entries[-1][1] if entries else _START.hex()
    if problems:
        return Evidence(path, Verdict.BROKEN, tuple(problems), len(entries), link, 0)
    verdict = Verdict.UNSEALED if sealed_size is None else Verdict.INTACT
    return Evidence(path, verdict, (), len(entries), link, max(size - covered, 0))


def _broken(path: Path, problems: list[str]) -> Evidence:
    return Evidence(path, Verdict.BROKEN, tuple(problems), 0, _START.hex(), 0)


def _block_hashes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield hashlib.sha256(block).digest()


def _read_chain(chain: Path) -> tuple[list[tuple[str, str]], int | None, list[str]]:
    """Return the entries, the sealed size if there is one, and what is wrong with the chain itself."""
    entries: list[tuple[str, str]] = []
    problems: list[str] = []
    sealed: int | None = None
    link = _START
    for number, line in enumerate(chain.read_text("ascii", "replace").splitlines(), 1):
        words = line.split()
        if len(words) != 2 or sealed is not None:
            problems.append(f"{chain.name} line {number} is no entry of a chain")
            break
        if words[0] == _SEAL and words[1].isdigit():
            sealed = int(words[1])
            continue
        try:
            link = _link(link, bytes.fromhex(words[0]))
        except ValueError:
            problems.append(f"{chain.name} line {number} is no entry of a chain")
            break
        if link.hex() != words[1]:
            problems.append(
                f"{chain.name} line {number} does not follow from the line before: the chain was edited"
            )
            break
        entries.append((words[0], words[1]))
    return entries, sealed, problems
