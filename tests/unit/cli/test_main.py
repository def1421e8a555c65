"""The command: help with an example for each, exit codes, one sentence for each failure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.cli.demo import port_number
from bot.cli.main import COMMANDS, main
from bot.cli.mock import span

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own settings or data."""
    monkeypatch.setenv("TAOKE_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert COMMANDS[command] in " ".join(text.split())
    assert "Example:" in text


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["convert"],
        ["convert", "x", "--prom", "A b"],
        *(["demo", "--port", port] for port in ("99999", "65536", "0", "-1", "²", "many")),
    ],
)
def test_wrong_usage_is_2(words: list[str]) -> None:
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code  # type: ignore[assignment] # argparse gives an int
    assert code == 2


def test_a_wrong_port_is_told_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--port", "99999"])
    assert "'99999' is no port; write a number from 1 to 65535" in capsys.readouterr().err
    assert [port_number(text) for text in ("1", "8080", "65535")] == [1, 8080, 65535]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["mock", "--advance", "1d"], "taoke: --advance belongs to the clock"),
        (["mock", "clock", "--advance", "soon"], "taoke: 'soon' is no span; write 20d, 3h"),
        (
            ["stats", "--config", "/nowhere.toml"],
            "taoke: TAOKE_CONFIG: there is no file /nowhere.toml",
        ),
    ],
)
def test_a_failure_is_one_sentence_and_1(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith(sentence)
    assert len(error.splitlines()) == 1


def test_the_mock_clock_is_shown_and_moved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mock", "clock", "--advance", "20d"]) == 0
    assert "(+20 days, 0:00:00)" in capsys.readouterr().out
    assert main(["mock", "clock"]) == 0
    assert "(+20 days, 0:00:00)" in capsys.readouterr().out


def test_live_platforms_have_no_mock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("APP_KEY", "APP_SECRET", "UNION_ID", "SITE_ID", "POSITION_ID"):
        monkeypatch.setenv(f"TAOKE_PLATFORMS__JD__{key}", "1")
    assert main(["mock", "clock"]) == 1
    assert "the platforms are live here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20d", timedelta(days=20)),
        ("3h", timedelta(hours=3)),
        ("90m", timedelta(minutes=90)),
        (" 30s ", timedelta(seconds=30)),
    ],
)
def test_spans(text: str, meant: timedelta) -> None:
    assert span(text) == meant
