"""LinkBase: which links are real, and where a mock's stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.linkbase import LinkBase, RealLink

LIVE = LinkBase()
MOCK = LinkBase("http://127.0.0.1:8081/")


def test_live_links_stand_where_they_are() -> None:
    url = "https://u.jd.com/AbC?x=1#top"
    assert LIVE.to_wire(url) == url
    assert LIVE.to_real(url) == RealLink(url=url, host="u.jd.com", path="/AbC", query="x=1")


@pytest.mark.parametrize(
    ("real", "wire"),
    [
        ("https://u.jd.com/AbC", "http://127.0.0.1:8081/u.jd.com/AbC"),
        ("http://U.JD.com/AbC?x=1", "http://127.0.0.1:8081/u.jd.com/AbC?x=1"),
        ("https://u.jd.com", "http://127.0.0.1:8081/u.jd.com/"),
        ("https://u.jd.com?x=1", "http://127.0.0.1:8081/u.jd.com/?x=1"),
        ("https://u.jd.com/%2F%e4?x=%26", "http://127.0.0.1:8081/u.jd.com/%2F%e4?x=%26"),
    ],
)
def test_mock_links_stand_below_the_base(real: str, wire: str) -> None:
    assert MOCK.to_wire(real) == wire
    back = MOCK.to_real(wire)
    assert back is not None
    assert back.host == "u.jd.com"
    assert MOCK.to_wire(back.url) == wire


@pytest.mark.parametrize(
    "url",
    [
        "https://u.jd.com/AbC",
        "http://127.0.0.1:8082/u.jd.com/AbC",
        "http://127.0.0.1:8081.evil.example/u.jd.com/",
        "http://127.0.0.1:8081/u.jd.com:8080/",
        "http://127.0.0.1:8081/",
        "https://127.0.0.1:8081/u.jd.com/",
    ],
)
def test_behind_a_mock_nothing_else_is_real(url: str) -> None:
    assert MOCK.to_real(url) is None


NO_LINKS = [
    "",
    "u.jd.com/AbC",
    " https://u.jd.com/",
    "https:///AbC",
    "ftp://u.jd.com/",
    "javascript:alert(1)",
    "https://u.jd.com:443/",
    "https://u.jd.com:/",
    "https://me@u.jd.com/",
    "https://me:pw@u.jd.com/",
    "https://u.jd.com\\@evil.example/",
    "https://u.jd.com/\\x",
    "https://u.jd.com/\r\nHost: evil",
    "https://u.jd.com/?a=\x00",
    "https://u.jd.com/#\n",
    "https://ｕ.jd.com/",
    "https://u。jd.com/",
    "https://[::1]/",
    "https://u.jd.com%2eevil.example/",
    "https://u.jd.com/\n",
]


@pytest.mark.parametrize("url", NO_LINKS)
def test_what_parsers_disagree_about_is_no_link(url: str) -> None:
    assert LIVE.to_real(url) is None
    for base in (LIVE, MOCK):
        with pytest.raises(ValueError, match="not a web link"):
            base.to_wire(url)


@given(st.text(max_size=60))
def test_no_text_raises_and_a_host_is_never_empty(text: str) -> None:
    for candidate in (text, f"https://{text}", f"http://127.0.0.1:8081/{text}"):
        for base in (LIVE, MOCK):
            real = base.to_real(candidate)
            assert real is None or (real.host.isascii() and real.host == real.host.lower() != "")
