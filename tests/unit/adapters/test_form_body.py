"""Forms are written as the standard library writes them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transport import form_body

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(_TEXT, _TEXT))
def test_the_bytes_are_those_of_urlencode(form: dict[str, str]) -> None:
    assert form_body(form) == urlencode(form).encode()


def test_every_byte_and_chinese() -> None:
    form = {"q": "".join(map(chr, range(256))), "标题": "a b+c/d~e.f-g_h&i=j%k 手机壳"}
    assert form_body(form) == urlencode(form).encode()


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeError):
        form_body({"q": "\ud83d"})
