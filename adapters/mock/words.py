"""Words from which titles and shop names are made: categories without brands, adjectives, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Category", "category_of", "shop_name", "title_of"]


class Category(NamedTuple):
    """A kind of goods: its name, and specifications that make sense for it."""

    name: str
    specs: tuple[str, ...]


_PACKS = ("3包装", "5包装", "整箱装", "家庭装", "2件装")
_SIZES = ("小号", "中号", "大号", "加大款")
_CLOTHES = ("S-XXL", "均码", "加绒款", "薄款", "宽松版")
_DEVICES = ("标准版", "升级款", "长续航", "低噪音款", "带收纳袋")
_VOLUMES = ("350ml", "500ml", "750ml", "1.2L")
_FOODS = ("500g", "1kg", "2.5kg礼盒", "30袋", "混合口味12包")

_CATEGORIES = (
    Category("抽纸", _PACKS),
    Category("洗衣液", ("2kg", "3kg", "1kg*4袋", "瓶装+补充装")),
    Category("保温杯", _VOLUMES),
    Category("陶瓷马克杯", _VOLUMES),
    Category("不粘炒锅", ("28cm", "30cm", "32cm带盖")),
    Category("密封保鲜盒", ("3件套", "5件套", "1.8L")),
    Category("四件套", ("1.5m床", "1.8m床", "2.0m床")),
    Category("记忆棉枕头", ("单只", "一对装", "低枕")),
    Category("LED护眼台灯", _DEVICES),
    Category("桌面收纳盒", _SIZES),
    Category("晴雨两用伞", ("手动", "全自动", "加大10骨")),
    Category("蓝牙耳机", _DEVICES),
    Category("移动电源", ("10000毫安", "20000毫安", "自带线款")),
    Category("编织数据线", ("1米", "2米", "3条装")),
    Category("手机支架", ("桌面款", "车载款", "可折叠")),
    Category("无线鼠标", _DEVICES),
    Category("机械键盘", ("87键", "104键", "茶轴")),
    Category("电动牙刷", _DEVICES),
    Category("吹风机", _DEVICES),
    Category("空气炸锅", ("3L", "4.5L", "6L可视")),
    Category("纯棉T恤", _CLOTHES),
    Category("连帽卫衣", _CLOTHES),
    Category("休闲长裤", _CLOTHES),
    Category("轻便跑步鞋", ("36-40码", "39-44码", "透气款")),
    Category("中筒袜", ("5双装", "10双装", "加厚款")),
    Category("双肩包", ("15寸", "17寸", "防泼水款")),
    Category("坚果礼盒", _FOODS),
    Category("牛肉干", _FOODS),
    Category("东北大米", ("5kg", "10kg", "2.5kg*2袋")),
    Category("龙井茶叶", ("100g", "250g罐装", "500g礼盒")),
    Category("苹果", ("5斤装", "10斤装", "单果80mm以上")),
    Category("全脂纯牛奶", ("250ml*12盒", "250ml*24盒", "1L*6盒")),
    Category("补水面膜", ("10片", "20片", "30片")),
    Category("氨基酸洁面乳", ("100g", "120g*2支", "旅行装")),
    Category("婴儿湿巾", _PACKS),
    Category("儿童积木", ("58粒", "120粒桶装", "大颗粒")),
    Category("中性笔", ("12支", "20支", "0.5mm黑色50支")),
    Category("瑜伽垫", ("6mm", "8mm", "加宽80cm")),
    Category("猫砂", ("10kg", "2.5kg*4袋", "豆腐砂6L")),
    Category("车载香薰", ("淡香", "古龙香", "替换装")),
)

_ADJECTIVES = (
    "家用", "便携", "加厚", "大容量", "静音", "透气", "简约", "新款", "学生宿舍", "办公室",
    "柔软", "高颜值", "耐用", "四季通用", "送礼", "亲肤", "多功能", "防滑", "轻薄", "ins风",
)  # fmt: skip
_TAILS = (
    "包邮",
    "限时优惠",
    "厂家直发",
    "7天无理由退货",
    "送运费险",
    "正品保障",
    "现货速发",
    "量大从优",
)
_SHOP_FIRST = ("悦享", "青禾", "拾光", "安然", "木槿", "南巷", "晨曦", "小满", "知夏", "云栖")
_SHOP_LAST = (
    "家居旗舰店",
    "生活馆",
    "优选专营店",
    "数码专营店",
    "日用百货店",
    "服饰旗舰店",
    "食品专营店",
)


def category_of(pick: Callable[[str], int]) -> Category:
    """The category for a source of numbers (`pick(purpose)`)."""
    return _CATEGORIES[pick("category") % len(_CATEGORIES)]


def title_of(pick: Callable[[str], int], searched: str = "") -> str:
    """A title in the shops' manner: adjectives, category, specification, promise.

    With `searched` these words stand for category and specification.
    """
    category = category_of(pick)
    first = pick("adjective") % len(_ADJECTIVES)
    second = (first + 1 + pick("second adjective") % (len(_ADJECTIVES) - 1)) % len(_ADJECTIVES)
    spec = category.specs[pick("spec") % len(category.specs)]
    tail = _TAILS[pick("tail") % len(_TAILS)]
    what = searched or f"{category.name} {spec}"
    return f"{_ADJECTIVES[first]}{_ADJECTIVES[second]}{what} {tail}"


def shop_name(pick: Callable[[str], int]) -> str:
    """A shop's name without a brand."""
    first = _SHOP_FIRST[pick("shop first") % len(_SHOP_FIRST)]
    return first + _SHOP_LAST[pick("shop last") % len(_SHOP_LAST)]
