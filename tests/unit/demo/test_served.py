"""Short-lived commands find the server of their data folder, and only one that still runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.cli.common import base_for
from bot.demo.served import FILE_NAME, served_url, serving_at
from bot.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:8317"


def test_it_is_known_for_as_long_as_it_serves(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert base_for(settings) == "http://127.0.0.1:8080"
    with serving_at(tmp_path, URL):
        assert served_url(tmp_path) == base_for(settings) == URL
    assert served_url(tmp_path) is None


def test_one_that_was_killed_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"url": URL, "pid": 2**22 + 1}))
    assert served_url(tmp_path) is None
    (tmp_path / FILE_NAME).write_text("torn")
    assert served_url(tmp_path) is None


def test_of_two_the_later_one_is_named_and_kept(tmp_path: Path) -> None:
    with serving_at(tmp_path, URL):
        later = serving_at(tmp_path, "http://127.0.0.1:8318")
        later.__enter__()
    assert served_url(tmp_path) == "http://127.0.0.1:8318"
    later.__exit__(None, None, None)
    assert served_url(tmp_path) is None


def test_the_public_address_wins(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, web={"public_url": "https://go.example.com/"})
    assert base_for(settings) == "https://go.example.com"
