"""The catalogues: complete, same placeholders, and what is shown when something is missing."""

from __future__ import annotations

import logging
import string
from typing import TYPE_CHECKING

import pytest

from bot.texts import LANGUAGES, Texts, language_of, texts

if TYPE_CHECKING:
    from collections.abc import Mapping


def _placeholders(catalogue: Mapping[str, str]) -> dict[str, set[str]]:
    parse = string.Formatter().parse
    return {
        key: {name for _, name, _, _ in parse(text) if name is not None}
        for key, text in catalogue.items()
    }


def test_every_language_has_the_same_keys_and_placeholders() -> None:
    first, *others = (_placeholders(texts(language).catalogue) for language in LANGUAGES)
    for other in others:
        assert other == first


def test_placeholders_are_filled() -> None:
    assert texts("zh_CN")("card.coupon", threshold="50", amount="20") == "券 满50减20"


def test_a_missing_text_shows_its_key_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    catalogue = Texts("en", {"a.b": "{name}"})
    with caplog.at_level(logging.ERROR):
        assert catalogue("a.c") == "a.c"
        assert catalogue("a.b") == "a.b"
    assert len(caplog.records) == 2
    assert catalogue.has("a.b")
    assert not catalogue.has("a.c")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-hans", "zh_CN"),
        ("zh-TW", "zh_CN"),
        ("zh_CN", "zh_CN"),
        ("en-US", "en"),
        ("EN", "en"),
        ("fr", "zh_CN"),
        ("", "zh_CN"),
        (None, "zh_CN"),
    ],
)
def test_language_tags(tag: str | None, language: str) -> None:
    assert language_of(tag) == language
