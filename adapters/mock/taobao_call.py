"""One admitted call of the mock Taobao: its arguments, checked as the real ones are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.mock.scenarios import NUMERIC_REFUSED
from adapters.mock.taobao_account import FOREIGN_PID, SCENE_COPIED, Account
from adapters.mock.taobao_wire import Refusal, refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.mock.taobao_links import MadeLink, TaobaoLinks
    from adapters.mock.values import Fault, MockItem
    from adapters.mock.world import World

__all__ = ["NUMERIC", "Call", "percent", "yuan"]

NUMERIC = "根据联盟政策要求，不允许数字id转链，请使用新商品id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One admitted call; `fault` is what the method itself must do wrong."""

    params: Mapping[str, str]
    world: World
    account: Account
    links: TaobaoLinks
    now: datetime
    fault: Fault | None

    def need(self, name: str) -> str:
        """A required argument."""
        value = self.params.get(name, "")
        if not value:
            raise Refusal(40, "isv.missing-parameter", f"缺少必选参数：{name}")
        return value

    def number(self, name: str, default: int, highest: int) -> int:
        """An integer from 1 to `highest`."""
        text = self.params.get(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= highest:
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}无效")
        return int(text)

    def pid(self) -> str:
        """The placement that `adzone_id` names; another's is refused."""
        adzone = self.need("adzone_id")
        pid = self.account.pid(adzone)
        if pid is None:
            raise refused("isv.pid-not-correct", "推广位与账号不匹配")
        return pid

    def dto(self, name: str) -> dict[str, object]:
        """A complex argument: one field that holds a JSON object."""
        try:
            value = json.loads(self.params.get(name, "{}"))
        except ValueError:
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}不是JSON") from None
        if not isinstance(value, dict):
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}不是对象")
        return value

    def item(self, item_id: str) -> MockItem:
        """An item by the id of an item-level call, which refuses plain numbers."""
        item = self.world.item("taobao", item_id)
        copied = self.params.get("biz_scene_id") == "2" and self.account.granted(SCENE_COPIED)
        if item_id.isdecimal() and (not copied or item.scenario == NUMERIC_REFUSED):
            raise refused("35", NUMERIC)
        return item

    def made(self, item: MockItem, pid: str) -> MadeLink:
        """A link for this placement, unless the fault `foreign_pid` makes it another's."""
        if self.fault is None or self.fault.kind != "foreign_pid":
            return self.links.make(item, pid)
        foreign = self.fault.args.get("pid", FOREIGN_PID)
        if self.fault.args.get("hidden"):
            return self.links.make(item, foreign)
        return self.links.readable(item, foreign)


def yuan(fen: int) -> str:
    """Decimal yuan as text."""
    return f"{fen // 100}.{fen % 100:02d}"


def percent(bp: int) -> str:
    """Percent as text with two decimals."""
    return yuan(bp)
