"""How rows become lines: every type, every refusal."""

import dataclasses
import datetime as dt
import enum
import json
import math
import uuid
from collections import OrderedDict
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from cdp_batch._native import RowEncoder


def line(row: Any, nan: Any = "error", default: Any = None) -> str:
    encoded = bytes(RowEncoder(nan, default).encode([row], 0))
    assert encoded.endswith(b"\n")
    return encoded[:-1].decode()


def refusal(row: Any, **options: Any) -> str:
    with pytest.raises(ValueError) as caught:
        line(row, **options)
    return str(caught.value)


class Colour(enum.Enum):
    RED = "red"


class Mode(enum.StrEnum):
    UPSERT = "upsert"


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
        (2**64 + 1, "18446744073709551617"),
        (-(10**40), "-1" + "0" * 40),
        (1.5, "1.5"),
        (0.1, "0.1"),
        (Decimal("1.50"), "1.50"),
        (Decimal("-0"), "-0"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        ("", '""'),
        ('say "hi"\\\n\t\r\b\x00\x7f', '"say \\"hi\\"\\\\\\n\\t\\r\\u0008\\u0000\x7f"'),
        ("Žluťoučký 🐎 \u2028", '"Žluťoučký 🐎 \u2028"'),
        ([], "[]"),
        ((1, "a", None), '[1,"a",null]'),
        ({}, "{}"),
        (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
        (Colour.RED, '"red"'),
        (Mode.UPSERT, '"upsert"'),
        (Level.HIGH, "3"),
        ({Mode.UPSERT: 1}, '{"upsert":1}'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (dt.datetime(2025, 3, 7, 16, 15, 11, 123999, dt.UTC), '"2025-03-07T16:15:11.123Z"'),
        (dt.datetime(2025, 3, 7, 16, 15, 11, tzinfo=ZoneInfo("UTC")), '"2025-03-07T16:15:11.000Z"'),
        (dt.datetime(2025, 7, 7, 1, 0, tzinfo=ZoneInfo("Europe/Copenhagen")), '"2025-07-06T23:00:00.000Z"'),
        (dt.datetime(987, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-1))), '"0987-01-02T01:00:00.000Z"'),
        (dt.date(1985, 12, 24), '"1985-12-24T00:00Z"'),
    ],
)
def test_a_value_is_written_as_the_service_wants_it(value: Any, text: str) -> None:
    assert line({"x": value}) == f'{{"x":{text}}}'


@pytest.mark.parametrize("number", [1e16, 1e-7, -0.0, 1.7976931348623157e308, 5e-324, 123456789.123, 1e22])
def test_a_float_comes_back_the_same(number: float) -> None:
    assert json.loads(line([number]))[0].hex() == number.hex()


def test_an_int_of_ten_thousand_digits_keeps_them_all() -> None:
    assert line([10**10_000 + 7]) == "[1" + "0" * 9_999 + "7]"


def test_every_length_and_place_of_an_escape_comes_back() -> None:
    for length in range(70):
        for at in range(length):
            text = "é" * (at // 2) + "a" * (at - at // 2) + '"' + "b" * (length - at)
            assert json.loads(line([text])) == [text]


def test_text_and_bytes_go_through_byte_for_byte() -> None:
    rows = ['{"a" : 1.0}', b'{"b":"\xc3\xa9"}', bytearray(b"{}"), memoryview(b"[ ]")]
    assert bytes(RowEncoder().encode(rows, 0)) == '{"a" : 1.0}\n{"b":"é"}\n{}\n[ ]\n'.encode()


def test_a_row_of_text_stays_one_line() -> None:
    assert line('{\n "a": 1\r\n}\n') == '{\t "a": 1\t\t}'
    assert bytes(RowEncoder().encode(["", "{}"], 0)) == b"\n{}\n"


def test_a_dataclass_is_an_object_of_its_fields() -> None:
    @dataclasses.dataclass(slots=True)
    class Guest:
        email: str
        tags: list[str] = dataclasses.field(default_factory=list)

    assert line({"value": Guest("a@b.cd", ["x"])}) == '{"value":{"email":"a@b.cd","tags":["x"]}}'
    assert line(Guest("a@b.cd")) == '{"email":"a@b.cd","tags":[]}'


def test_a_model_is_what_it_dumps() -> None:
    class Model:
        def model_dump(self) -> dict[str, Any]:
            return {"born": dt.date(1985, 12, 24)}

    assert line({"value": Model()}) == '{"value":{"born":"1985-12-24T00:00Z"}}'


def test_default_turns_any_object_into_one_that_is_known() -> None:
    class Point:
        def __init__(self) -> None:
            self.x = {1}

    def convert(value: Any) -> Any:
        return sorted(value) if isinstance(value, set) else vars(value)

    assert line(Point(), default=convert) == '{"x":[1]}'
    assert "Point" in refusal([Point()]) and "default=" in refusal([Point()])


def test_a_datetime_without_a_time_zone_is_refused_unless_default_says_which() -> None:
    naive = dt.datetime(2025, 1, 1)
    assert refusal({"value": {"at": naive}}).startswith("row 1: value.at: a datetime without a time zone")
    assert line([naive], default=lambda time: time.replace(tzinfo=dt.UTC)) == '["2025-01-01T00:00:00.000Z"]'


def test_nan_is_refused_or_null_or_omitted() -> None:
    row = {"a": math.nan, "b": [1, math.nan], "c": Decimal("NaN"), "d": 1}
    assert refusal(row).startswith("row 1: a: NaN is no JSON")
    assert line(row, nan="null") == '{"a":null,"b":[1,null],"c":null,"d":1}'
    assert line(row, nan="omit") == '{"b":[1,null],"d":1}'
    assert line({"a": math.nan}, nan="omit") == "{}"
    with pytest.raises(ValueError, match='nan is "error"'):
        line({}, nan="nul")


@pytest.mark.parametrize("number", [math.inf, -math.inf, Decimal("Infinity"), Decimal("-Infinity")])
def test_an_infinite_number_is_refused_always(number: Any) -> None:
    assert refusal([number], nan="null") == "row 1: [0]: an infinite number is no JSON"


def test_a_fault_names_its_row_and_its_path() -> None:
    rows = [{}, {"value": {"guests": [0, {}, {"x": {1, 2}}]}}]
    with pytest.raises(ValueError, match=r"^row 17: value\.guests\[2\]\.x: set is no type that JSON has"):
        RowEncoder().encode(rows, 15)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({1: 2}, "row 1: a name must be text, but 1 is int"),
        ({"a": {None: 2}}, "row 1: a: a name must be text, but None is NoneType"),
        ("\ud800", "row 1: the text holds half a character"),
        ({"a": "\udfff"}, "row 1: a: the text holds half a character"),
        ({"\ud800": 1}, "row 1: the text holds half a character"),
        ({"a": b"bytes"}, "row 1: a: bytes is no type that JSON has"),
        ({"a": dt.time(1)}, "row 1: a: time is no type that JSON has"),
        ({"a": int}, "row 1: a: type is no type that JSON has"),
        ([dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))], "row 1: [0]: it cannot be read"),
    ],
)
def test_what_has_no_json_is_refused(row: Any, words: str) -> None:
    assert refusal(row).startswith(words)


def test_nesting_ends_at_127_levels() -> None:
    def nested(levels: int) -> list[Any]:
        row: list[Any] = []
        for _ in range(levels - 1):
            row = [row]
        return row

    assert line(nested(127)) == "[" * 127 + "]" * 127
    assert "nest deeper than 127" in refusal(nested(128))
    circle: dict[str, Any] = {}
    circle["self"] = circle
    assert "hold themselves" in refusal(circle)
    assert "nest deeper" in refusal(object(), default=lambda value: value)


def test_a_dict_that_changes_on_the_way_is_refused() -> None:
    row: dict[str, Any] = {"a": object(), "b": 1}

    def grow(_: Any) -> int:
        row["c"] = 1
        return 0

    def swap(_: Any) -> int:
        del row["b"]
        row[str(len(row))] = 1
        return 0

    assert refusal(row, default=grow) == "row 1: the dict changed while it was serialised"
    row = {"a": object(), "b": 1}
    line(row, default=swap)


def test_what_the_callers_code_raises_is_the_cause() -> None:
    def fail(_: Any) -> Any:
        raise TypeError("not mine")

    with pytest.raises(ValueError, match="default= raised an error") as caught:
        line([object()], default=fail)
    assert isinstance(caught.value.__cause__, TypeError)


def test_ctrl_c_inside_the_callers_code_goes_through() -> None:
    def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line([object()], default=interrupt)


def test_a_named_tuple_is_an_array() -> None:
    class Pair(NamedTuple):
        x: int

    assert line([Pair(1)]) == "[[1]]"
