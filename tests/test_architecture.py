"""The layers of docs/design.md, held by walking the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dronepatrol"

LAYERS = (
    ("errors",),
    ("clock",),
    ("model",),
    ("geo",),
    ("planning",),
    ("checks",),
    ("mavlink",),
    ("formats",),
    ("link",),
    ("vehicle",),
    ("sim",),
    ("telemetry",),
    ("flight",),
    ("replay",),
    ("api",),
    ("scenarios",),
    ("cli", "pytest_plugin"),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def modules() -> Iterator[tuple[str, Path]]:
    """Yield the dotted name, without the package's own, and path of each module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def imports(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """Yield every module imported at run time, absolute, with its line."""
    package = f"dronepatrol.{name}".rstrip(".").split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in _running_nodes(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])]), node.lineno


def _running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without what stands under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _running_nodes(node)


ALL = list(modules())


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name or "dronepatrol" for name, _ in ALL])
def test_imports_point_upwards_only(name: str, path: Path) -> None:
    """A module imports only from its own layer and those above it."""
    own = RANK.get(name.split(".")[0], len(LAYERS))
    for target, line in imports(name, path):
        if target.startswith("dronepatrol."):
            layer = target.split(".")[1]
            assert layer in RANK, f"{path.name}:{line} imports {target}, which is in no layer"
            assert RANK[layer] <= own, f"{path.name}:{line} imports {target} from a layer below"


def test_pymavlink_is_imported_by_the_mavlink_layer_alone() -> None:
    """Only dronepatrol.mavlink knows pymavlink."""
    users = {
        name for name, path in ALL for target, _ in imports(name, path) if target.startswith("pymavlink")
    }
    assert {name.split(".")[0] for name in users} == {"mavlink"}


def test_no_import_cycles() -> None:
    """Modules do not import one another in circles."""
    names = {name for name, _ in ALL}
    graph = nx.DiGraph()
    for name, path in ALL:
        for target, _ in imports(name, path):
            inner = target.removeprefix("dronepatrol.")
            if target.startswith("dronepatrol.") and inner in names and path.name != "__init__.py":
                graph.add_edge(name, inner)
    cycles = [cycle for cycle in nx.simple_cycles(graph) if len(cycle) > 1]
    assert cycles == []


def test_every_package_is_in_a_layer() -> None:
    """A new top-level package has to be given its place."""
    tops = {name.split(".")[0] for name, _ in ALL if name}
    assert tops <= set(RANK), f"no layer for {sorted(tops - set(RANK))}"
