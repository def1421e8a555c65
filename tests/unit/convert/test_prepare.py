"""Cleaning a text and finding the way back to the original."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.convert.prepare import prepare

LINK = "https://item.jd.com/100038004786.html"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("今天，好！（真的）", "今天，好！（真的）"),
        ("a\u200bb\u202ec\u2060d\ufeffe\ufe0f", "abcde"),
        ("ＡＢｃ０９", "ABc09"),
        ("ｈｔｔｐｓ：／／ｉｔｅｍ．ｊｄ．ｃｏｍ", "https://item.jd.com"),
        ("https：//item.jd.com/1.html？a＝b＆c", "https://item.jd.com/1.html?a=b&c"),
        ("好？真的：是。", "好？真的：是。"),
        ("1.html？https://a", "1.html？https://a"),
        ("a&amp;b&amp;amp;c&lt;&quot;", 'a&b&c<"'),
        ("&amp;lt;", "<"),
        ("&#46;&#x2e;&#8203;&#65297;", "..1"),
        ("&#0;&#55296;&#9999999;", "   "),
        ("&nosuch; &copy=1 &", "&nosuch; &copy=1 &"),
        (r"https:\/\/a\_b\\/c", "https://a_b/c"),
        (r"a\u0026b\u003dc", "a&b=c"),
        ("evil\\@host", "evil\\@host"),
        ("￥Ab１￥", "￥Ab1￥"),
    ],
)
def test_noise_goes_and_words_stay(raw: str, clean: str) -> None:
    assert prepare(raw).text == clean


def test_spans_lead_back_to_the_original() -> None:
    raw = "看\u200b看 \ufeffhttps:\\/\\/item.j\u200dd.com\\/1.html?a=1&amp;b=２\u200b 好"
    prepared = prepare(raw)
    link = "https://item.jd.com/1.html?a=1&b=2"
    start = prepared.text.index(link)
    first, last = prepared.original_span(start, start + len(link))
    assert raw[first:last] == "https:\\/\\/item.j\u200dd.com\\/1.html?a=1&amp;b=２"


def test_a_replaced_character_stands_for_all_it_was() -> None:
    prepared = prepare("x&amp;y")
    assert prepared.original_span(1, 2) == (1, 6)
    assert prepared.original_span(0, 3) == (0, 7)


@given(st.text())
def test_any_text_is_prepared_and_every_span_is_in_order(text: str) -> None:
    prepared = prepare(text)
    extents = [prepared.original_span(at, at + 1) for at in range(len(prepared.text))]
    assert all(0 <= start < end <= len(text) for start, end in extents)
    assert all(one[1] <= two[0] for one, two in pairwise(extents))


@given(st.lists(st.sampled_from(["&amp;", "\\", "\u200b", "/", "amp;", "&#x", "2e;", "ａ", "："])))
def test_noise_upon_noise_keeps_its_order(pieces: list[str]) -> None:
    prepared = prepare("".join(pieces))
    extents = [prepared.original_span(at, at + 1) for at in range(len(prepared.text))]
    assert all(one[1] <= two[0] for one, two in pairwise(extents))
