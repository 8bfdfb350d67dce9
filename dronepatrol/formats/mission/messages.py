"""What Pydantic finds wrong, as sentences with the value, the limit and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dronepatrol.formats.mission.document import Path_
from dronepatrol.formats.mission.problems import Problem, shown
from dronepatrol.formats.mission.schema import Strict
from dronepatrol.formats.mission.suggest import suggestion

_WANTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
TAGGED_LISTS = ("tasks", "faults", "expect")
"""Lists whose entries are told apart by their ``kind``; Pydantic puts that into its places."""
_LIMITS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}


def problems_of(error: ValidationError, model: type[Strict]) -> list[Problem]:
    """Return one problem for each thing found; the model tells which keys are known where."""
    schema = _json_schema(model)
    return [_problem(details, schema) for details in error.errors(include_url=False)]


@cache
def _json_schema(model: type[Strict]) -> dict[str, Any]:
    return model.model_json_schema()


def path_of(location: tuple[int | str, ...]) -> Path_:
    """Return the path in the file; Pydantic adds the kind of an entry and the form of a zone to its own."""
    steps = list(location)
    if steps and steps[0] in TAGGED_LISTS and len(steps) > 2:
        del steps[2]
    elif steps[:2] == ["airspace", "zones"] and len(steps) > 3:
        del steps[3]
    return tuple(steps)


def known_keys(schema: dict[str, Any], path: Path_) -> set[str]:
    """Return the keys that a mapping at this path may have."""
    nodes = list(_alternatives(schema, schema))
    for step in path:
        nodes = [node for parent in nodes for node in _children(schema, parent, step)]
    return {key for node in nodes for key in node.get("properties", {})}


def _alternatives(root: dict[str, Any], node: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if "$ref" in node:
        yield from _alternatives(root, root["$defs"][node["$ref"].rsplit("/", 1)[1]])
    for word in ("anyOf", "oneOf"):
        for choice in node.get(word, ()):
            yield from _alternatives(root, choice)
    yield node


def _children(root: dict[str, Any], parent: dict[str, Any], step: str | int) -> Iterable[dict[str, Any]]:
    if isinstance(step, int):
        child = parent.get("items")
    else:
        child = parent.get("properties", {}).get(step, parent.get("additionalProperties"))
    if isinstance(child, dict):
        yield from _alternatives(root, child)


def _problem(details: ErrorDetails, schema: dict[str, Any]) -> Problem:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    path = path_of(details["loc"])
    if kind == "extra_forbidden":
        key = str(path[-1])
        return Problem(path, f"unknown key '{key}'", suggestion(key, known_keys(schema, path[:-1])))
    if kind == "missing":
        return Problem(path[:-1], f"key '{path[-1]}' is missing", f"add '{path[-1]}:'")
    if kind == "refused":
        return Problem(path, context["message"], context["remedy"])
    if kind in _WANTED:
        return Problem(path, f"{shown(value)} is not {_WANTED[kind]}", _type_remedy(kind, value))
    if kind in _LIMITS:
        word, phrase = _LIMITS[kind]
        return Problem(
            path, f"{shown(value)} is out of range: {phrase} {context[word]:g}", _range_remedy(path)
        )
    if kind == "finite_number":
        return Problem(path, f"{value} is not a finite number", "give a number")
    return _worded(kind, path, value, context) or Problem(path, f"{shown(value)}: {details['msg']}")


def _worded(kind: str, path: Path_, value: Any, context: dict[str, Any]) -> Problem | None:
    """Return the problem for the rarer kinds of error, None if this one has no words here."""
    if kind == "string_pattern_mismatch":
        return Problem(path, f"{shown(value)} cannot be an id", "use letters, digits, '.', '_' and '-'")
    if kind in ("literal_error", "union_tag_invalid"):
        return _wrong_word(kind, path, value, context)
    if kind == "union_tag_not_found":
        if not isinstance(value, dict):
            return Problem(path, f"{shown(value)} is not a mapping of keys to values")
        return Problem(path, "key 'kind' is missing", "add 'kind:'")
    if kind in ("string_too_short", "too_short"):
        return Problem(path, "is empty", "give at least one")
    if kind == "string_too_long":
        return Problem(path, f"is {len(value)} letters long", f"at most {context['max_length']} are allowed")
    return None


def _wrong_word(kind: str, path: Path_, value: Any, context: dict[str, Any]) -> Problem:
    if path == ("dronepatrol",):
        return Problem(path, f"version {shown(value)} of the format is not known", "write 'dronepatrol: 1'")
    if kind == "union_tag_invalid":
        path, value = (*path, "kind"), value.get("kind") if isinstance(value, dict) else value
        words = _words(context["expected_tags"])
    else:
        words = _words(context["expected"])
    return Problem(path, f"{shown(value)} is not one of the known words", suggestion(str(value), words))


def _words(listed: str) -> list[str]:
    """Take apart Pydantic's ``'a', 'b' or 'c'``."""
    return listed.replace(" or ", ", ").replace("'", "").split(", ")


def _type_remedy(kind: str, value: Any) -> str:
    if kind == "string_type" and not isinstance(value, (dict, list)):
        return "put it in quotes"
    if kind in ("float_type", "int_type") and isinstance(value, str):
        return "write the number alone, without quotes or unit"
    return ""


def _range_remedy(path: Path_) -> str:
    if path[-1:] == ("lat",) or path[-1:] == ("lon",):
        return "give degrees (WGS84), longitude first"
    return ""
