"""Recognition over the declarations of all platforms: the project's own share texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.jd.links import PATTERNS as JD
from adapters.links import LinkKind, LinkPattern, TokenPattern
from adapters.pinduoduo.links import PATTERNS as PINDUODUO
from adapters.taobao.links import PATTERNS as TAOBAO
from bot.convert.recognise import Recogniser, distinct

DATA = Path(__file__).resolve().parents[2] / "data" / "share_texts.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]

PATTERNS = {"taobao": TAOBAO, "jd": JD, "pinduoduo": PINDUODUO}
RECOGNISER = Recogniser(PATTERNS)
SKU = "https://item.jd.com/100038004786.html"


def entries(text: str, recogniser: Recogniser = RECOGNISER) -> list[tuple[str, str, str | None]]:
    return [(match.platform, match.kind.value, match.id) for match in recogniser.recognise(text)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_share_texts(case: dict[str, Any]) -> None:
    text = case["text"]
    wanted = [(one["platform"], one["kind"], one["id"]) for one in case["expect"]]
    assert entries(text) == wanted
    for match in RECOGNISER.recognise_all(text):
        assert match.text == text[match.start : match.end] != ""


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case["text"][:40])
def test_spans_hold_among_other_words(case: dict[str, Any]) -> None:
    around = f"🎁看 {case['text']} 👈🏻好"
    inner = [(match.start + 3, match.text) for match in RECOGNISER.recognise_all(case["text"])]
    assert [(match.start, match.text) for match in RECOGNISER.recognise_all(around)] == inner


def only(text: str, recogniser: Recogniser = RECOGNISER) -> dict[str, str]:
    (match,) = recogniser.recognise_all(text)
    return dict(match.groups)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            "http://ITEM.TAOBAO.COM:80/item.htm?spm=a1&amp;id=698877665544&ut_sk=1",
            "https://item.taobao.com/item.htm?id=698877665544",
        ),
        ("看item.jd.com/1\u200b2.html，好", "https://item.jd.com/12.html"),
        ("//3.cn/2A-bCdEf?jkl=@AbCdEf12345@", "https://3.cn/2A-bCdEf"),
        (
            "https://mobile.yangkeduo.com/goods2.html?share_uin=S&goods_id=42&pxq_secret_key=X"
            "&refer_share_uid=7",
            "https://mobile.yangkeduo.com/goods2.html?goods_id=42",
        ),
        (
            "pinduoduo://com.xunmeng.pinduoduo/goods.html?goods_id=42&share_uin=S",
            "https://mobile.yangkeduo.com/goods.html?goods_id=42",
        ),
        (
            "https://a.example/?share_uid=7&u=https%3A%2F%2Fitem.jd.com%2F12.html%3Fcu%3Dtrue",
            "https://item.jd.com/12.html",
        ),
        ("https://item.jd.com//12.html", "https://item.jd.com/12.html"),
        (
            "https://uland.taobao.com/coupon/edetail?e=a%2Bb&traceId=7&pid=mm_1_2_3",
            "https://uland.taobao.com/coupon/edetail?e=a%2Bb&pid=mm_1_2_3",
        ),
    ],
)
def test_cleaned_links_hold_nothing_of_people(text: str, url: str) -> None:
    assert only(text)["url"] == url


def test_further_groups() -> None:
    assert only("https://e.tb.cn/h.hA1bC2d?tk=Zx8yV7uT6sR")["tk"] == "Zx8yV7uT6sR"
    assert only("https://3.cn/2A-bCdEf?jkl=@AbCdEf12345")["jkl"] == "AbCdEf12345"
    assert "tk" not in only("https://e.tb.cn/h.hA1bC2d?tk=share")
    assert only("复制￥t7Yh9Uj2Ik4￥") == {"id": "t7Yh9Uj2Ik4"}


def test_a_promotion_link_is_kept_whole_for_asking_whose_it_is() -> None:
    text = "https://mobile.yangkeduo.com/duo_coupon_landing.html?goods_id=42&cpsSign=CC_1&pid=1_2"
    groups = only(text + "#top")
    assert groups["wire"] == text + "#top"
    assert "cpsSign" not in groups["url"]
    assert "wire" not in only(SKU)


def test_a_token_is_matched_with_its_fences() -> None:
    (match,) = RECOGNISER.recognise("复制2￥t7Yh9Uj2Ik4￥/打开")
    assert (match.text, match.id, match.url) == ("￥t7Yh9Uj2Ik4￥", "t7Yh9Uj2Ik4", None)
    (match,) = RECOGNISER.recognise("（￥t7Yh9Uj2Ik4 ")
    assert match.text == "￥t7Yh9Uj2Ik4"


def test_every_occurrence_and_distinct_ones() -> None:
    text = f"[{SKU}]({SKU}) 手机 item.m.jd.com/product/100038004786.html"
    everywhere = RECOGNISER.recognise_all(text)
    assert [match.text for match in everywhere] == [
        SKU,
        SKU,
        "item.m.jd.com/product/100038004786.html",
    ]
    assert RECOGNISER.recognise(text) == everywhere[:1] == distinct(everywhere)


def test_a_nested_link_spans_the_outer_text_and_names_the_inner_item() -> None:
    outer = (
        "https://passport.jd.com/new/login.aspx?ReturnUrl=https%3A%2F%2Fitem.jd.com%2F12.html&x=1"
    )
    (match,) = RECOGNISER.recognise(f"看{outer}。")
    assert (match.text, match.id, match.url) == (outer, "12", "https://item.jd.com/12.html")


@pytest.mark.parametrize("levels", range(8))
def test_depth_of_nesting_is_bounded(levels: int) -> None:
    link = SKU
    for _ in range(levels):
        link = f"https://a.example/?u={link}"
    assert len(RECOGNISER.recognise(link)) == int(levels <= 4)


def test_a_link_below_a_mock_base_is_the_real_one() -> None:
    recogniser = Recogniser(PATTERNS, bases=["http://127.0.0.1:8081"])
    wire = "http://127.0.0.1:8081/item.jd.com/12.html?utm=1"
    assert only(f"看{wire}，", recogniser) == {
        "id": "12",
        "url": "https://item.jd.com/12.html",
        "wire": wire,
    }
    (match,) = recogniser.recognise(f"看{wire}，")
    assert match.text == wire
    nested = "http://127.0.0.1:8081/a.example/?u=http%3A%2F%2F127.0.0.1%3A8081%2Fu.jd.com%2FaBcDeF7"
    assert entries(nested, recogniser) == [("jd", "short", None)]
    assert entries(SKU, recogniser) == [("jd", "item", "100038004786")]
    assert entries(wire) == []
    assert entries("http://127.0.0.1:8081/", recogniser) == []


def test_a_tracked_link_of_this_service() -> None:
    recogniser = Recogniser(PATTERNS, own_hosts=["127.0.0.1:8080", "Go.example"])
    (match,) = recogniser.recognise("转 http://127.0.0.1:8080/s/aBcDeF7?preview=1 发")
    assert (match.platform, match.kind) == ("", LinkKind.AFFILIATE)
    assert dict(match.groups) == {"code": "aBcDeF7", "url": "http://127.0.0.1:8080/s/aBcDeF7"}
    assert (
        only("https://GO.example/s/aBcDeF7/", recogniser)["url"] == "https://go.example/s/aBcDeF7"
    )
    for other in (
        "http://127.0.0.1:8080/s/aBcDeF",
        "http://127.0.0.1:8080/s/aBcDeF0",
        "http://127.0.0.1:8080/t/aBcDeF7",
        "http://127.0.0.1:8080/s/aBcDeF7/qr.png",
        "https://other.example/s/aBcDeF7",
        "ftp://go.example/s/aBcDeF7",
    ):
        assert entries(other, recogniser) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://item.jd.com/1.html?x=" + "a" * 9000,
        "https%3A%2F%2Fitem.jd.com%2F1.html%3Fx%3D" + "a" * 9000,
        "app://x?u=javascript%3A%2F%2Fitem.jd.com%2F1.html",
        "pages/web/web?src=mailto",
        "pages/web/web?src=https%3A%2F%2Fevil.example",
        "pages/web/web?specialUrl=1",
        "pages/other/page?sku=1",
        "https://%69tem.jd.com/1.html",
        "http\u0455://item.jd.com/1.html",
        "\u0455://item.jd.com/1.html",
        "https://看item.jd.com/1.html",
        "http://xn--e1afmkfd.example/?u=https%3A%2F%2Fitem.jd.com.evil.example%2F1.html",
        "openapp.jdmobile://virtual?params={broken",
        "openapp.jdmobile://virtual?params=%7B%22skuId%22%3A%221%22%7D",
        "x%3A%2F%2Fitem.jd.com",
        "https://item.jd.com。evil.example/1.html",
        "https://evil.example。item.jd.com/1.html",
        "https://mobile.yangkeduo.com/app.html?launch_url=https%3A%2F%2Fevil.example%2Fgoods.html",
    ],
)
def test_tricks_are_no_links(text: str) -> None:
    assert entries(text) == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://https://item.jd.com/12.html", ["12"]),
        ("://item.jd.com/12.html", ["12"]),
        ("链接://item.jd.com/12.html", ["12"]),
        ("https://www.jd.com。https://item.jd.com/12.html", ["12"]),
        ("https://www.jd.com。 item.jd.com/12.html", ["12"]),
        ("https://，item.jd.com/12.html", ["12"]),
        ("CZ0001https://item.jd.com/12.html", ["12"]),
        ("2taobao://item.taobao.com/item.htm?id=12", ["12"]),
        ("weixin://dl/?url=https%3A%2F%2Fitem.jd.com%2F12.html", ["12"]),
        ("https://item.jd.com/12.html!买,", ["12"]),
        ("https://item.jd.com/12.html(a)(b)", ["12"]),
        ("https://item.jd.com/12.html;a", ["12"]),
        ("__https://item.jd.com/12.html__", ["12"]),
        ("https://item.taobao.com/item.htm?id=12%20", ["12"]),
        ("https://item.taobao.com/item.htm?id=12(XL)", ["12"]),
        ("((https://item.jd.com/12.html))", ["12"]),
        ("https://a.example/?u=https://u@b.example/&v=1", []),
        ("a://b?u=%7B%22x%22%3A1%2C%22y%22%3A%22https%3A%2F%2Fitem.jd.com%2F12.html%22%7D", ["12"]),
        ("https://a.example/?a=https%3A%2F%2Fb.example%2F&b=https%3A%2F%2Fitem.jd.com%2F12.html", ["12"]),
        ("https://a.example/?u=https:%2F%2Fitem.jd.com%2F12.html#x", ["12"]),
        ("https://a.example/?u=https%25253A%25252F%25252Fitem.jd.com%25252F12.html", ["12"]),
        ("https://a.example/?u=https%2525253A%2525252F%2525252Fitem.jd.com%2525252F12.html", []),
        ("https://a.example/?u=%2F%2Fitem.jd.com%2F12.html", ["12"]),
        ("pages/web/web?src=https%253A%252F%252Fyangkeduo.com%252Fgoods.html%253Fgoods_id%253D12", ["12"]),
        ("pages/web/web?src=mobile.yangkeduo.com/goods.html?goods_id=12", ["12"]),
        ("https://item.taobao.com/item.htm?id=%37", ["7"]),
        ("「款式(aB1cD2eF3gH)/新」 「￥t7Yh9Uj2Ik4￥」", ["t7Yh9Uj2Ik4"]),
    ],
)  # fmt: skip
def test_ways_to_write_a_link(text: str, ids: list[str]) -> None:
    assert [match.id for match in RECOGNISER.recognise_all(text)] == ids


def test_a_relative_page_without_a_place_to_open_it_is_none() -> None:
    pattern = LinkPattern(
        kind=LinkKind.ITEM,
        hosts=("shop.example",),
        path="/open",
        opens=("page",),
        example="https://shop.example/open?page=https://shop.example/1",
    )
    recogniser = Recogniser({"shop": [pattern]})
    assert entries("https://shop.example/open?page=goods", recogniser) == []
    assert entries("https://shop.example/open?page=" + pattern.example * 9, recogniser) == []


def test_a_link_that_opens_itself_comes_to_an_end() -> None:
    pattern = LinkPattern(
        kind=LinkKind.ITEM, hosts=("shop.example",), path="/open", opens=("page",), example=""
    )
    text = "https://shop.example/open?page="
    assert entries(text * 20, Recogniser({"shop": [pattern]})) == []


def test_without_patterns_nothing_is_found() -> None:
    for text in (SKU, "￥t7Yh9Uj2Ik4￥", "https%3A%2F%2Fa", "ａ．ｃｎ"):
        assert Recogniser({}).recognise(text) == []


def test_two_platforms_with_tokens_of_one_length_are_told_apart_by_words() -> None:
    def token(hint: str) -> TokenPattern:
        return TokenPattern(
            lengths=(),
            hinted_lengths=(12,),
            hints=(hint,),
            strong="￥",
            weak="",
            example="",
            example_id="",
        )

    recogniser = Recogniser({"one": [token("甲")], "two": [token("乙")]})
    assert entries("甲……￥aB1cD2eF3gH4￥乙", recogniser) == [("two", "token", "aB1cD2eF3gH4")]
    assert entries("甲￥aB1cD2eF3gH4￥……乙", recogniser) == [("one", "token", "aB1cD2eF3gH4")]
    assert entries("￥aB1cD2eF3gH4￥", recogniser) == []
    assert entries("甲" + "。" * 300 + "￥aB1cD2eF3gH4￥", recogniser) == []
