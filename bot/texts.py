"""What the bot says, by language, from `config/texts/`.

Keys are dotted (`card.coupon`), placeholders named. A missing key or placeholder is a programming
error that the catalogue's test finds; at run time the key itself is shown rather than a stack trace.
"""

from __future__ import annotations

import logging
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "Texts", "language_of", "texts"]

FOLDER = Path(__file__).resolve().parent.parent / "config" / "texts"
DEFAULT_LANGUAGE = "zh_CN"
LANGUAGES = ("zh_CN", "en")

_log = logging.getLogger(__name__)


class Texts:
    """One language's catalogue."""

    def __init__(self, language: str, catalogue: Mapping[str, str]) -> None:
        self.language = language
        self.catalogue = catalogue

    def __call__(self, key: str, /, **values: object) -> str:
        """The text under `key` with its placeholders filled."""
        try:
            return self.catalogue[key].format(**values)
        except (KeyError, IndexError):
            _log.exception("text %s (%s) is missing or incomplete", key, self.language)
            return key

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.catalogue


@cache
def texts(language: str) -> Texts:
    """The catalogue of a language that is in LANGUAGES."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        sections = tomllib.load(file)
    flat = {
        f"{section}.{key}": text
        for section, entries in sections.items()
        for key, text in entries.items()
    }
    return Texts(language, flat)


def language_of(tag: str | None, default: str = DEFAULT_LANGUAGE) -> str:
    """One of LANGUAGES for a language tag (`zh-hans`, `zh-TW`, `en-US`); `default` if none fits.

    Readers of traditional characters get the simplified texts: better than English for them.
    """
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    return {"zh": "zh_CN", "en": "en"}.get(primary, default)
