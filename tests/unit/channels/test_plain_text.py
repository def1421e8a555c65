from __future__ import annotations

from bot.channels.plain import clean, one_line, press_buttons, render
from bot.messages import Button, ButtonKind, Card, Line, LineStyle, Reply

URL = "http://127.0.0.1:8080/s/AbCdEfG"


def card(*lines: Line, **rest: object) -> Reply:
    return Reply(card=Card(lines=lines, **rest))  # type: ignore[arg-type]  # buttons, share_url


def test_lines_stand_below_each_other() -> None:
    assert render(card(Line(text="一"), Line(text="二"))) == "一\n二"


def test_the_price_is_set_off_on_a_terminal_only() -> None:
    style = LineStyle.STRONG
    reply = card(Line(text="券后 ¥39.90 · 售价 ¥59.90", strong="券后 ¥39.90", style=style))
    assert render(reply) == "券后 ¥39.90 · 售价 ¥59.90"
    assert render(reply, ansi=True) == "\x1b[1m券后 ¥39.90\x1b[0m · 售价 ¥59.90"


def test_a_strong_part_that_the_text_does_not_repeat_stands_before_it() -> None:
    reply = card(Line(text=" · 售价 ¥59.90", strong="券后 ¥39.90"))
    assert render(reply) == "券后 ¥39.90 · 售价 ¥59.90"


def test_titles_are_bold_and_the_small_print_is_dim() -> None:
    reply = card(
        Line(text="【京东】杯", style=LineStyle.TITLE), Line(text="广告", style=LineStyle.QUIET)
    )
    assert render(reply, ansi=True) == "\x1b[1m【京东】杯\x1b[0m\n\x1b[2m广告\x1b[0m"


def test_summary_and_notes_follow_the_text() -> None:
    reply = Reply(text="原文", summary="换好 1 条", notes=("第 2 条失效",))
    assert render(reply) == "原文\n换好 1 条\n第 2 条失效"
    assert render(reply, ansi=True) == "原文\n\x1b[1m换好 1 条\x1b[0m\n\x1b[2m第 2 条失效\x1b[0m"


def test_a_share_link_that_no_line_shows_is_added() -> None:
    assert render(card(Line(text="杯"), share_url=URL)) == f"杯\n{URL}"
    assert render(card(Line(text=f"链接 {URL}"), share_url=URL)) == f"链接 {URL}"


def test_buttons_become_lines_and_actions_a_numbered_menu() -> None:
    reply = Reply(
        card=Card(
            lines=[Line(text=URL)],
            buttons=[
                Button(kind=ButtonKind.URL, label="打开", value=URL),
                Button(kind=ButtonKind.URL, label="去授权", value="https://a.example/x"),
                Button(kind=ButtonKind.COPY, label="口令", value="￥abc￥"),
                Button(kind=ButtonKind.PRESS, label="换一个", value="again"),
            ],
        ),
        buttons=[Button(kind=ButtonKind.PRESS, label="关闭", value="close")],
    )
    assert render(reply).split("\n") == [
        URL,
        "去授权：https://a.example/x",
        "口令：￥abc￥",
        "1. 换一个",
        "2. 关闭",
    ]
    assert [button.value for button in press_buttons(reply)] == ["again", "close"]


def test_control_and_bidirectional_characters_are_removed_and_joined_emoji_stay() -> None:
    assert clean("a\x1b[2Jb\r\nc\td\x00\x9b\u202e\u2066\ud812") == "a[2Jb\nc\td"
    assert clean("👨‍👩‍👧") == "👨‍👩‍👧"


def test_one_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 60) == "x" * 60
    assert one_line("x" * 61) == "x" * 59 + "…"
    assert one_line("x" * 1_000_000, 5) == "xxxx…"
    assert one_line("x" + " " * 1000 + "y", 5) == "x…"
