"""`taoke demo` as a person starts it: real processes, real sockets, no keys."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.mock_shop import ask, say
from tests.support.process import (
    Done,
    Program,
    data_folder,
    free_port,
    run_taoke,
    start_taoke,
    until,
    until_gone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAOBAO = "https://item.taobao.com/item.htm?id=718293645012"
JD = "https://item.jd.com/100012043978.html"
PINDUODUO = "https://mobile.yangkeduo.com/goods.html?goods_id=648213907516"
SERVING = "链接可以点开"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Shared: a guardian that still runs makes the next start fast."""
    with data_folder() as folder:
        yield folder


def codes(text: str) -> list[str]:
    """The codes of all share links, in order."""
    return re.findall(r"^http://127\.0\.0\.1:\d+/s/([1-9A-HJ-NP-Za-km-z]{7})$", text, re.MULTILINE)


def cards(done: Done) -> list[str]:
    """The answers, without greeting and good-bye."""
    return re.findall(r"^【演示数据】\n.*?^广告 · .*?$", done.out, re.MULTILINE | re.DOTALL)


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """The port is taken: by this test, or by whoever has it already."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def page_of(program: Program) -> str:
    """The web page's address, as the console says it."""
    found = re.search(r"(http://127\.0\.0\.1:\d+/)$", program.out, re.MULTILINE)
    assert found is not None, program.out
    return found[1]


def test_three_texts_from_a_pipe_are_three_cards_and_a_second_start_keeps_its_links(
    folder: Path,
) -> None:
    port = str(free_port())
    # Blank lines are passed over; a literal \n is a line break inside one message.
    texts = f"看看这个 {TAOBAO} 好不好\n\n   \n第一行\\n{JD}\n{PINDUODUO}\n"
    first = run_taoke(folder, "demo", "--port", port, stdin=texts)
    assert (first.code, first.err) == (0, "")
    taobao, jd, pinduoduo = cards(first)
    for card, platform in ((taobao, "淘宝"), (jd, "京东"), (pinduoduo, "拼多多")):
        lines = card.splitlines()
        assert lines[0] == "【演示数据】"
        assert lines[1].startswith(f"【{platform}】")
        assert re.match(r"(券后|售价) ¥\d+\.\d\d", lines[2])
        assert "预估佣金 ¥" in card
        assert len(codes(card)) == 1
        assert lines[-2:] == ["价格以下单页为准", "广告 · 推广链接，推广者可获佣金"]
    assert re.search(r"^口令 \S+$", taobao, re.MULTILINE)
    assert f":{port}/s/" in taobao
    assert len(set(codes(first.out))) == 3

    again = run_taoke(folder, "demo", "--port", port, stdin=f"{JD}\n{TAOBAO}\n退出\n{PINDUODUO}\n")
    assert again.code == 0
    assert codes(again.out) == [codes(jd)[0], codes(taobao)[0]]


def test_texts_with_once_are_answered_and_stdin_is_not_read(folder: Path) -> None:
    arguments = ("demo", "--port", str(free_port()), "--once", JD, "没有链接")
    done = run_taoke(folder, *arguments, stdin=f"{TAOBAO}\n")
    assert (done.code, done.err) == (0, "")
    (card,) = cards(done)
    assert "【京东】" in card
    assert done.out.startswith("【演示数据】\n")
    assert "没有认出商品链接" in done.out


def test_texts_are_served_until_sigterm_and_a_taken_port_means_the_next(folder: Path) -> None:
    with occupied(8080), start_taoke(folder, "demo", JD) as demo:
        demo.wait_for(SERVING)
        told = re.search(r"^端口 8080 已被占用，改用 (\d+)$", demo.out, re.MULTILINE)
        assert told is not None
        (code,) = codes(demo.out)
        link = f"http://127.0.0.1:{told[1]}/s/{code}"
        assert link in demo.out
        assert ask(link).status == 302
        demo.wait_for(f"有人打开了链接 /s/{code}：")
        done = demo.stop()
    assert (done.code, done.err) == (0, "")


def test_a_taken_port_that_was_named_is_refused_in_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_taoke(folder, "demo", "--port", str(port), JD)
    assert (done.code, done.out) == (1, "")
    assert f"port {port} is taken" in done.sentence()


def test_the_page_is_the_same_chat_and_a_killed_demo_leaves_nothing() -> None:
    with data_folder() as folder:
        kill_and_start_again(folder)


def kill_and_start_again(folder: Path) -> None:
    port = str(free_port())
    with start_taoke(folder, "demo", "--port", port) as demo:
        demo.wait_for("退出 结束")
        page = page_of(demo)
        assert page == f"http://127.0.0.1:{port}/"
        shown = ask(page)
        assert shown.status == 200
        assert "<textarea" in shown.text
        assert "【演示数据】" in shown.text
        assert ask(f"{page}healthz").status == ask(f"{page}readyz").status == 200
        words = say(page, f"看看 {JD}")
        assert "【演示数据】" in words
        assert "预估佣金" not in words  # a buyer's view
        (from_page,) = codes(words)
        demo.send(f"{JD}\n")
        (from_console,) = codes(demo.wait_for("/s/"))
        assert from_page != from_console
        # Counting is written a moment after the answer.
        until("both are counted", lambda: "合计  2 / 2  2 / 2" in say(page, "/stats"))
        demo.signal(signal.SIGKILL)
        assert demo.finish().code == -signal.SIGKILL
    until_gone(folder)

    with start_taoke(folder, "demo", "--port", port) as demo:
        demo.send(f"{JD}\n")
        assert codes(demo.wait_for("/s/")) == [from_console]
        assert codes(say(page, JD)) == [from_page]
        demo.send("/stats\n")
        until("all are counted", lambda: "合计  4 / 4  4 / 4" in say(page, "/stats"))
        demo.wait_for("收到 ")
        assert demo.stop().code == 0


def test_run_serves_links_and_converts_nothing_on_its_page(folder: Path) -> None:
    port = str(free_port())
    settings = {"WEB__PORT": port, "WEB__PUBLIC_URL": f"http://127.0.0.1:{port}/"}
    converted = run_taoke(folder, "convert", JD, **settings)
    (code,) = codes(converted.out)
    with start_taoke(folder, "run", **settings) as running:
        running.wait_for(f"http://127.0.0.1:{port}")
        base = f"http://127.0.0.1:{port}"
        assert ask(f"{base}/s/{code}").status == 302
        home = ask(f"{base}/")
        assert home.status == 200
        assert "<form" not in home.text
        assert ask(f"{base}/demo/messages", "POST", body="{}").status in (404, 405)
        assert running.stop().code == 0
