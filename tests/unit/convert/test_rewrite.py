"""Replacing spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.convert.rewrite import rewrite


def test_spans_are_replaced_in_any_order_and_the_rest_stays() -> None:
    assert rewrite("一🎁二🎁三", [(3, 4, "B"), (1, 2, "A")]) == "一A二B三"
    assert rewrite("abc", []) == "abc"
    assert rewrite("abc", [(0, 1, ""), (1, 1, "-"), (2, 3, "xyz")]) == "-bxyz"


@pytest.mark.parametrize(
    "spans", [[(0, 2, "x"), (1, 3, "y")], [(2, 1, "x")], [(0, 9, "x")], [(-1, 1, "x")]]
)
def test_impossible_spans_are_refused(spans: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match="overlaps another or is outside"):
        rewrite("abc", spans)


@given(st.lists(st.tuples(st.text(), st.text(min_size=1), st.text())), st.text())
def test_words_between_the_spans_are_untouched(
    parts: list[tuple[str, str, str]], tail: str
) -> None:
    text, spans, wanted = "", [], ""
    for before, old, new in parts:
        text += before
        spans.append((len(text), len(text) + len(old), new))
        text += old
        wanted += before + new
    assert rewrite(text + tail, reversed(spans)) == wanted + tail
