"""Recognition: what holds for any text."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.jd.links import PATTERNS as JD
from adapters.pinduoduo.links import PATTERNS as PINDUODUO
from adapters.taobao.links import PATTERNS as TAOBAO
from benchmarks.recognition_speed import ADVERSARIAL, adversarial
from bot.convert.recognise import Recogniser
from bot.convert.rewrite import rewrite

RECOGNISER = Recogniser(
    {"taobao": TAOBAO, "jd": JD, "pinduoduo": PINDUODUO},
    bases=["http://127.0.0.1:1"],
    own_hosts=["127.0.0.1:2"],
)

LINKS = (
    "https://item.jd.com/100038004786.html",
    "http://item.taobao.com/item.htm?spm=a1&id=698877665544",
    "https://m.tb.cn/h.fTgHyJu?tk=Gh7Jk8Lm9Np",
    "https://3.cn/2A-bCdEf?jkl=@AbCdEf12345@",
    "https://mobile.yangkeduo.com/goods.html?ps=aB1cD2eF3g",
    "https://a.example/?u=https%3A%2F%2Fitem.jd.com%2F12.html",
    "http://127.0.0.1:1/u.jd.com/aBcDeF7",
    "http://127.0.0.1:2/s/aBcDeF7",
    "￥t7Yh9Uj2Ik4￥",
    "€aB1cD2eF3gH4iJ5k€",
)
WORDS = st.text(
    alphabet="今天好看，。！？：、；（）「」【】 \n\u3000😀🎁👈🏻❤️\ufe0f\u200b１２ａＢ", max_size=12
)
INVISIBLE = "\u200b\u200d\u202e\u2060\ufeff\ufe0f"


def noisy(link: str, seed: int) -> str:
    """The link with invisible marks inside and some letters and digits full-width."""
    chance = random.Random(seed)
    out = ""
    for character in link:
        wide = character.isascii() and character.isalnum() and chance.random() < 0.2
        out += chr(ord(character) + 0xFEE0) if wide else character
        out += chance.choice(INVISIBLE) if chance.random() < 0.2 else ""
    return out.rstrip(INVISIBLE)


@given(
    st.lists(st.tuples(WORDS, st.sampled_from(LINKS), st.integers()), min_size=1, max_size=6), WORDS
)
def test_links_among_noise_are_found_with_their_exact_spans(
    parts: list[tuple[str, str, int]], tail: str
) -> None:
    text, wanted, rewritten = "", [], ""
    for words, link, seed in parts:
        # nothing wide right before a link: it could belong to its scheme, as it would for a reader
        before = words.rstrip("１２ａＢ\u200b\ufe0f") + "。"
        text += before
        pasted = noisy(link, seed)
        wanted.append((len(text), len(text) + len(pasted), pasted))
        text += pasted + " "
        rewritten += before + "<>" + " "
    text += tail
    matches = RECOGNISER.recognise_all(text)
    assert [(match.start, match.end, match.text) for match in matches] == wanted
    clean = [RECOGNISER.recognise_all(link)[0] for _, link, _ in parts]
    for match, same in zip(matches, clean, strict=True):
        assert (match.platform, match.kind, match.id) == (same.platform, same.kind, same.id)
        assert match.url == same.url
    replaced = rewrite(text, [(match.start, match.end, "<>") for match in matches])
    assert replaced == rewritten + tail


PIECES = (*LINKS, *ADVERSARIAL.values(), "://", "%2F", "&amp;", "\\/", "。", "x", "1", "[", "](")


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_gives_ordered_spans_that_do_not_overlap(text: str) -> None:
    done = 0
    for match in RECOGNISER.recognise_all(text):
        assert done <= match.start < match.end <= len(text)
        assert match.text == text[match.start : match.end]
        assert match.url is None or match.url.isascii()
        done = match.end


def test_lone_surrogates_do_no_harm() -> None:
    text = "\ud800https://item.jd.com/12.html\udfff ￥\ud800￥"
    (match,) = RECOGNISER.recognise(text)
    assert match.text == "https://item.jd.com/12.html"
    assert RECOGNISER.recognise("https://item.jd.com/12.html?x=\ud800")[0].id == "12"


def steps(text: str) -> int:
    """How many functions, Python's and C's, are called to recognise a text."""
    count = 0

    def counting(_frame: object, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        RECOGNISER.recognise_all(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_steps_grow_no_faster_than_a_hostile_text(kind: str) -> None:
    small, large = 4096, 32768
    few, many = (steps(adversarial(ADVERSARIAL[kind], size)) for size in (small, large))
    assert many <= 1.25 * (large // small) * few + 200
