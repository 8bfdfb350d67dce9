"""Parameter values in the float field."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.parameter_values import (
    ParameterEncoding,
    fitted,
    from_field,
    same_value,
    to_field,
    type_name,
    within_range,
)

CAST, BYTEWISE = ParameterEncoding.CAST, ParameterEncoding.BYTEWISE
INT8, UINT32, INT32 = (
    dialect.MAV_PARAM_TYPE_INT8,
    dialect.MAV_PARAM_TYPE_UINT32,
    dialect.MAV_PARAM_TYPE_INT32,
)
REAL32 = dialect.MAV_PARAM_TYPE_REAL32


def travelled(field: float, kind: int) -> float:
    """Return a float field after it went through a frame."""
    message = dialect.MAVLink_param_set_message(1, 1, b"NAME", field, kind)
    (received,) = Codec(9, 9).parse(Codec(255, 190).pack(message))
    result: float = received.param_value
    return result


@given(st.integers(-(2**31), 2**31 - 1))
def test_bytewise_integers_survive_a_frame(number: int) -> None:
    """Every 32-bit integer comes through a frame bit by bit, or is refused before it is sent."""
    try:
        field = to_field(number, INT32, BYTEWISE)
    except ValueError:
        bits = number & 0xFFFFFFFF
        assert bits & 0x7F800000 == 0x7F800000
        assert bits & 0x007FFFFF
        return
    assert from_field(travelled(field, INT32), INT32, BYTEWISE) == number


@given(st.integers(-(2**24), 2**24))
def test_cast_integers_survive_a_frame(number: int) -> None:
    """Integers of up to 24 bits are exact as floats."""
    assert from_field(travelled(to_field(number, INT32, CAST), INT32), INT32, CAST) == number


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from([CAST, BYTEWISE]))
def test_floats_are_the_same_in_both_encodings(number: float, encoding: ParameterEncoding) -> None:
    """REAL32 travels as it is."""
    assert from_field(travelled(to_field(number, REAL32, encoding), REAL32), REAL32, encoding) == number


def test_bytewise_field_is_the_integer_in_little_endian() -> None:
    """The bytes of the field are those of the integer, as the specification draws it."""
    assert struct.pack("<f", to_field(-2, INT8, BYTEWISE)) == b"\xfe\0\0\0"
    assert struct.pack("<f", to_field(0xDEAD, UINT32, BYTEWISE)) == b"\xad\xde\0\0"


@pytest.mark.parametrize(
    ("number", "kept"), [(2.5, 3.0), (-2.5, -3.0), (2.4, 2.0), (-0.4, 0.0), (126.6, 127.0)]
)
def test_whole_numbers_round_half_away_from_zero(number: float, kept: float) -> None:
    """ArduPilot rounds so."""
    assert fitted(number, INT8) == kept


@pytest.mark.parametrize(("number", "fits"), [(127.4, True), (127.6, False), (-129.0, False)])
def test_range_of_a_type(number: float, fits: bool) -> None:
    """A value fits if its rounded value does."""
    assert within_range(number, INT8) is fits


def test_values_are_the_same_in_single_precision() -> None:
    """0.1 as typed and 0.1 as a single are one value; the next single is another."""
    assert same_value(0.1, struct.unpack("<f", struct.pack("<f", 0.1))[0])
    assert not same_value(0.1, 0.1000001)


def test_types_have_names() -> None:
    """A type is named as in the dialect, an unknown one by its number."""
    assert type_name(INT8) == "INT8"
    assert type_name(77) == "type 77"
