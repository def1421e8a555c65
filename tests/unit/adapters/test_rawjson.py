"""load_json: no float, no text that cannot be encoded, one error for everything unreadable."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import PlatformUnavailable
from adapters.rawjson import load_json


def test_numbers_are_exact() -> None:
    read = load_json(b'{"a": 19.99, "b": 7, "c": 1e2, "d": [0.1]}')
    assert read == {"a": Decimal("19.99"), "b": 7, "c": Decimal("1e2"), "d": [Decimal("0.1")]}
    assert not any(isinstance(value, float) for value in read.values())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b'{"torn": ',
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"{} {}",
        b"[" * 100_000,
        b"9" * 5000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_json_may_be_asked_for_again(body: bytes) -> None:
    with pytest.raises(PlatformUnavailable, match="not JSON") as caught:
        load_json(body)
    assert caught.value.__cause__ is None


def test_a_byte_order_mark_is_passed_over() -> None:
    assert load_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_characters_cut_in_half_become_question_marks() -> None:
    assert load_json('{"title": "杯'.encode()[:-1] + b'"}') == {"title": "\ufffd"}
    read = load_json(rb'{"title": "ab\ud83d", "\uD83d": [["\ude00", 1, null]], "n": 1.5}')
    assert read == {"title": "ab?", "?": [["?", 1, None]], "n": Decimal("1.5")}


def test_whole_pairs_stay() -> None:
    assert load_json(rb'{"title": "\ud83d\ude00 \\ud83d"}') == {"title": "😀 \\ud83d"}


@given(st.binary(max_size=200))
def test_it_never_raises_anything_else(body: bytes) -> None:
    try:
        load_json(body)
    except PlatformUnavailable:
        return
