"""Ids of the mock world: a plain number, and the platform's newer opaque form of it.

The opaque form carries the number under a keyed seal, so that either finds the item in any process
and after any restart, with nothing stored. Forms as seen in the wild: Taobao 新商品id 24-18
characters, JD itemId with `_3`, Pinduoduo goods_sign with `_J`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["canonical_id", "keyed", "plain_id"]

_KEY = b"taoke mock world"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_VALUE = {letter: index for index, letter in enumerate(_ALPHABET)}
_PLAIN = re.compile(r"[1-9][0-9]{0,18}")
_SEALED = 22
"""Characters for 128 bits: an 8-byte mark and the 8-byte number."""


class _Form(NamedTuple):
    """Where the seal stands in an opaque id: `{a}` filler, `{s}` seal, `{b}` filler."""

    text: str
    before: int
    after: int

    def pattern(self) -> re.Pattern[str]:
        letters = "[A-Za-z0-9]"
        return re.compile(
            self.text.format(
                a=f"{letters}{{{self.before}}}",
                s=f"({letters}{{{_SEALED}}})",
                b=f"{letters}{{{self.after}}}",
            )
        )


_FORMS = {
    "taobao": _Form("{a}{s}-{b}", 2, 18),
    "jd": _Form("{a}{s}_3{b}", 4, 17),
    "pinduoduo": _Form("{a}-{s}_J{b}", 10, 8),
}
_OTHER = _Form("{a}{s}", 10, 0)
_PATTERNS = {platform: form.pattern() for platform, form in _FORMS.items()}
_OTHER_PATTERN = _OTHER.pattern()


def keyed(*parts: str) -> int:
    """A number of 64 bits that depends on all parts, the same in every run."""
    return int.from_bytes(_digest("\0".join(parts).encode("utf-8", "surrogatepass")), "big")


@lru_cache(maxsize=4096)
def plain_id(platform: str, any_id: str) -> str:
    """The plain number behind any id; what is neither plain nor sealed here gets one of its own.

    A made-up number has twelve digits and does not begin with 9, where the scenarios are.
    """
    if _PLAIN.fullmatch(any_id):
        return any_id
    if match := _PATTERNS.get(platform, _OTHER_PATTERN).fullmatch(any_id):
        number = _unseal(platform, match.group(1))
        if number is not None:
            return str(number)
    return str(100_000_000_000 + keyed(platform, "made up", any_id) % 800_000_000_000)


def canonical_id(platform: str, plain: str) -> str:
    """The opaque form of a plain number."""
    form = _FORMS.get(platform, _OTHER)
    filler = _letters(int.from_bytes(_digest(f"{platform}\0{plain}".encode(), 32), "big"), 40)
    return form.text.format(
        a=filler[: form.before],
        s=_seal(platform, int(plain)),
        b=filler[form.before : form.before + form.after],
    )


def _digest(data: bytes, size: int = 8) -> bytes:
    return blake2b(data, digest_size=size, key=_KEY).digest()


def _letters(number: int, length: int) -> str:
    out = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        out.append(_ALPHABET[index])
    return "".join(out)


def _mark(platform: str, number: int) -> bytes:
    return _digest(f"{platform}\0mark\0{number}".encode())


def _mask(platform: str, mark: bytes) -> int:
    return int.from_bytes(_digest(platform.encode() + b"\0mask\0" + mark), "big")


def _seal(platform: str, number: int) -> str:
    mark = _mark(platform, number)
    masked = number ^ _mask(platform, mark)
    return _letters(int.from_bytes(mark, "big") << 64 | masked, _SEALED)


def _unseal(platform: str, sealed: str) -> int | None:
    """The number, or None if this world never sealed it."""
    packed = 0
    for letter in reversed(sealed):
        packed = packed * len(_ALPHABET) + _VALUE[letter]
    if packed >> 128:
        return None
    mark = (packed >> 64).to_bytes(8, "big")
    number = (packed & (1 << 64) - 1) ^ _mask(platform, mark)
    return number if _mark(platform, number) == mark else None
