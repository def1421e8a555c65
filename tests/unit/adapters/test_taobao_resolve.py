"""From a pasted link or 口令 to an item."""

from __future__ import annotations

import json

import pytest

from adapters.contract import ItemRef, LinkMatch
from adapters.errors import ItemNotPromotable, LinkNotSupported, MissingRight
from adapters.taobao.ids import clean_link
from adapters.taobao.links import PATTERNS
from bot.convert.recognise import Recogniser
from tests.unit.adapters.taobao_rig import (
    CONVERT,
    OPAQUE,
    PARSE,
    PLAIN,
    SCENE,
    TPWD_CONVERT,
    TPWD_PARSE,
    Script,
    error,
    mocked,
    parse_answer,
    pasted,
    root,
    scripted,
    token,
)

CODE = "Hq4WnZ8dKxT"
CLICK = "https://s.click.taobao.com/t?e=m%3D2%26s%3DZZ"


def ref(item_id: str) -> ItemRef:
    return ItemRef(platform="taobao", item_id=item_id)


async def test_a_readable_id_needs_no_call() -> None:
    script = Script()
    async with scripted(script) as adapter:
        found = await adapter.resolve(pasted("https://detail.tmall.com/item.htm?id=1", PLAIN))
        affiliate = f"https://uland.taobao.com/coupon/edetail?itemId={PLAIN}&pid=mm_9_9_9"
        also = await adapter.resolve(pasted(affiliate, kind="affiliate"))
    assert found == also == ref(PLAIN)
    assert found.source == also.source == clean_link(PLAIN)
    assert script.asked == []


async def test_a_short_link_is_read_from_its_page() -> None:
    script = Script()
    async with scripted(script, below=True) as adapter:
        base = str(adapter.settings.link_base).rstrip("/")
        script.pages["/e.tb.cn/h.one"] = "<script>var url = '/x';</script>"
        script.pages["/e.tb.cn/h.two"] = f"<script>var url = '{base}/m.tb.cn/h.three';</script>"
        script.pages["/m.tb.cn/h.three"] = (
            rf'var  url="\/\/item.taobao.com\/item.htm?a=1&amp;id={PLAIN}";'
        )
        found = await adapter.resolve(pasted("https://e.tb.cn/h.two?tk=Abc"))
        assert found == ref(PLAIN)
        for gone in ("https://e.tb.cn/h.one", "https://e.tb.cn/h.none"):
            with pytest.raises(LinkNotSupported):
                await adapter.resolve(pasted(gone))
    assert script.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "https://h5.m.goofish.com/item?id=718",
        "https://shop.m.taobao.com/shop/shop_index.htm?shop_id=718",
        "http://127.0.0.1:9/latest/meta-data",
        "javascript:alert(1)",
    ],
)
async def test_a_short_link_to_elsewhere_is_not_followed(target: str) -> None:
    script = Script()
    script.pages["/m.tb.cn/h.x"] = f"var url = '{target}'"
    async with scripted(script, below=True) as adapter:
        with pytest.raises(LinkNotSupported):
            await adapter.resolve(pasted("https://m.tb.cn/h.x"))


async def test_a_short_link_to_a_promotion_link_is_parsed() -> None:
    script = Script().on(PARSE, parse_answer(material_type=1, material_id=OPAQUE))
    script.pages["/m.tb.cn/h.x"] = f"var url = '{CLICK}'"
    async with scripted(script, below=True) as adapter:
        assert await adapter.resolve(pasted("https://m.tb.cn/h.x")) == ref(OPAQUE)
    assert json.loads(script.asked[0]["material_dto"]) == {"material_url": CLICK}


async def test_a_token_is_parsed_in_fences() -> None:
    script = Script().on(PARSE, parse_answer(material_type=1, material_id=OPAQUE))
    async with scripted(script) as adapter:
        assert await adapter.resolve(token(CODE)) == ref(OPAQUE)
    assert json.loads(script.asked[0]["material_dto"]) == {"material_url": f"￥{CODE}￥"}
    assert script.asked[0]["adzone_id"] == "330"


async def test_the_plain_id_is_preferred_where_it_can_be_converted() -> None:
    origin = f"https://item.taobao.com/item.htm?id={PLAIN}"
    answer = parse_answer(material_type=1, material_id=OPAQUE, tpwd_origin_url=origin)
    script = Script().on(PARSE, answer)
    async with scripted(script) as adapter:
        assert await adapter.resolve(token(CODE)) == ref(PLAIN)
    async with scripted(script, rights=[PARSE]) as adapter:
        assert await adapter.resolve(token(CODE)) == ref(OPAQUE)


async def test_what_was_refused_is_not_tried_again() -> None:
    script = Script()
    script.on(PARSE, error(11)).on(TPWD_CONVERT, error(11))
    script.on(
        TPWD_PARSE,
        root(TPWD_PARSE, {"data": {"origin_url": f"https://a.m.taobao.com/i{PLAIN}.htm"}}),
    )
    async with scripted(script) as adapter:
        assert await adapter.resolve(token(CODE)) == ref(PLAIN)
        assert await adapter.resolve(token(CODE)) == ref(PLAIN)
        assert script.methods() == [PARSE, TPWD_CONVERT, TPWD_PARSE, TPWD_PARSE]


async def test_a_token_by_its_conversion() -> None:
    answer = root(TPWD_CONVERT, {"data": {"num_iid": OPAQUE, "origin_url": ""}})
    script = Script().on(TPWD_CONVERT, answer)
    async with scripted(script, rights=[TPWD_CONVERT]) as adapter:
        assert await adapter.resolve(token(CODE)) == ref(OPAQUE)
        assert await adapter.resolve(pasted(CLICK, kind="affiliate")) == ref(OPAQUE)
    assert [form["password_content"] for form in script.asked] == [f"￥{CODE}￥", CLICK]


async def test_without_any_right_the_operator_is_told() -> None:
    script = Script()
    async with scripted(script, rights=[CONVERT]) as adapter:
        for link in (token(CODE), pasted(CLICK, kind="affiliate")):
            with pytest.raises(MissingRight) as caught:
                await adapter.resolve(link)
            assert caught.value.right == PARSE
    assert script.asked == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (parse_answer(material_type=2, material_id="2200001"), LinkNotSupported),
        (parse_answer(material_type=1, material_id=""), LinkNotSupported),
        (root(PARSE, {"data": {}}), LinkNotSupported),
        (root(PARSE, {"data": {"material_url_list": [{"code": 10000}]}}), ItemNotPromotable),
        (error(15, "isv.parse-result-invalid"), LinkNotSupported),
    ],
)
async def test_a_token_of_no_item(answer: dict[str, object], kind: type[Exception]) -> None:
    async with scripted(Script().on(PARSE, answer)) as adapter:
        with pytest.raises(kind):
            await adapter.resolve(token(CODE))


@pytest.mark.parametrize(
    "link",
    [
        pasted(kind="token"),
        pasted(kind="short"),
        pasted("https://shop.taobao.com/x", kind="coupon"),
    ],
)
async def test_links_that_show_nothing(link: LinkMatch) -> None:
    async with scripted(Script()) as adapter:
        with pytest.raises(LinkNotSupported):
            await adapter.resolve(link)


async def test_a_short_link_with_its_tk_and_the_token_are_one_item() -> None:
    url = "https://m.tb.cn/h.AbCd3fG"
    (shared,) = Recogniser({"taobao": PATTERNS}).recognise(f"{url}?tk=Rk7pXw3Lm2Q")
    async with mocked() as rig:
        by_token = await rig.adapter.resolve(token("Rk7pXw3Lm2Q"))
        assert shared.url == url
        assert await rig.adapter.resolve(shared) == by_token
        assert await rig.adapter.resolve(pasted(f"{url}?tk=Rk7pXw3Lm2Q")) == by_token
        assert await rig.adapter.resolve(pasted(url)) != by_token


async def test_everything_that_is_pasted_leads_to_an_item_of_the_mock() -> None:
    async with mocked() as rig:
        short = await rig.adapter.resolve(pasted("https://e.tb.cn/h.7kQmZx4LrT9vWb2?tk=a"))
        assert short.item_id == rig.world.item_behind("taobao", "7kQmZx4LrT9vWb2").item_id
        by_token = await rig.adapter.resolve(token(CODE))
        assert by_token.item_id == rig.world.item_behind("taobao", CODE).item_id
        by_click = await rig.adapter.resolve(pasted(CLICK, kind="affiliate"))
        assert not by_click.item_id.isdecimal()
        for elsewhere in ("https://m.tb.cn/h.Xianyu1", "https://m.tb.cn/h.shop123"):
            with pytest.raises(LinkNotSupported):
                await rig.adapter.resolve(pasted(elsewhere))
        with pytest.raises(LinkNotSupported):
            await rig.adapter.resolve(token("Shop1234567"))


async def test_a_made_token_leads_back_to_its_item() -> None:
    async with mocked() as rig:
        item = rig.world.item("taobao", PLAIN)
        made = rig.mock.links.make(item, rig.house)
        code = made.tpwd.strip("￥")
        assert len(code) == 11
        assert (await rig.adapter.resolve(token(code))).item_id == PLAIN
        for right in (PARSE, TPWD_CONVERT):
            rig.world.set_right("taobao", right, granted=False)
            assert (await rig.adapter.resolve(token(code))).item_id == PLAIN
        rig.world.set_right("taobao", SCENE, granted=False)


async def test_a_made_short_link_leads_back_to_its_item() -> None:
    async with mocked() as rig:
        made = rig.mock.links.make(rig.world.item("taobao", PLAIN), rig.house)
        real = made.coupon_short.replace(rig.server.base_url + "/", "https://")
        found = await rig.adapter.resolve(pasted(real))
        assert found.item_id == rig.world.item("taobao", PLAIN).canonical_id
