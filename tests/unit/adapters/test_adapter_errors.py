"""The error tree is what its docstring draws."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from adapters import errors
from adapters.errors import (
    AdapterError,
    AuthFailed,
    MissingRight,
    NeedsAuthorisation,
    QuotaUsedUp,
    RateLimited,
)


def drawn() -> dict[str, str | None]:
    """Class -> base, as the module's docstring draws them."""
    tree: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"((?:[│ ]   )*)(├── |└── )?([A-Z][A-Za-z]+)\s{2}", line):
            depth = len(found[1]) // 4 + bool(found[2])
            path[depth:] = [found[3]]
            tree[found[3]] = path[depth - 1] if depth else None
    return tree


def existing(base: type[AdapterError] = AdapterError) -> dict[str, type[AdapterError]]:
    """The tree's own classes; adapters may have private ones below them."""
    found = {base.__name__: base}
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            found |= existing(child)
    return found


def test_the_drawing_is_the_tree() -> None:
    assert drawn() == {
        name: None if kind is AdapterError else kind.__bases__[0].__name__
        for name, kind in existing().items()
    }


def test_all_of_it_is_public() -> None:
    assert set(errors.__all__) == set(existing())


def test_every_code_is_its_own() -> None:
    codes = [kind.code for kind in existing().values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_errors_carry_what_their_reader_needs() -> None:
    until = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert QuotaUsedUp("used up", until).until == until
    assert MissingRight("not granted", right="item.get").right == "item.get"
    assert AuthFailed("refused").cause == "keys"
    assert AuthFailed("refused", "clock").cause == "clock"
    assert RateLimited("busy").retry_after is None
    assert RateLimited("busy", 1.5).retry_after == 1.5
    assert NeedsAuthorisation("one tap").url is None
    assert NeedsAuthorisation("one tap", "https://shop.example/").url == "https://shop.example/"
    assert str(RateLimited("busy", 1.5)) == "busy"
