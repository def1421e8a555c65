"""The registry: found without an import, imported one at a time, refused with one sentence."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import adapters
from adapters import registry
from adapters.registry import AdapterLoadError

if TYPE_CHECKING:
    from collections.abc import Callable

    Install = Callable[..., None]

OURS = sorted(path.parent.name for path in Path(adapters.__path__[0]).glob("*/adapter.py"))

GOOD = """
from typing import ClassVar
from adapters import contract
from adapters.links import LinkKind, LinkPattern

PATTERN = LinkPattern(
    kind=LinkKind.ITEM, hosts=("item.{id}.example",), path=r"/{{id}}", example="https://item.{id}.example/1"
)


class Settings(contract.AdapterSettings):
    pid: str = ""


class Shop(contract.PlatformAdapter):
    info: ClassVar[contract.AdapterInfo] = contract.AdapterInfo(
        **({{
            "id": "{id}", "name_zh": "店", "name_en": "Shop", "contract": contract.CONTRACT_VERSION,
            "settings": Settings, "patterns": (PATTERN,), "samples": (), "hosts": frozenset(),
            "promotion_hosts": frozenset(),
        }} | {changes})
    )
    attribution = contract.Attribution.NONE
    start = close = check = resolve = offer = promote = owns = None


class Half(contract.PlatformAdapter):
    info = Shop.info


class Undeclared(Shop):
    info = None
"""

MOCK = """
from adapters.mock.contract import MockPlatform


class Mock(MockPlatform):
    id = "{id}"
    routes = client_settings = whose = None
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes a package with entry points visible, as an installer would."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(package: str, group: str, name: str, target: str, source: str = "") -> None:
        info = tmp_path / f"{package.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
        if source:
            (tmp_path / f"{target.partition(':')[0]}.py").write_text(source)
        importlib.invalidate_caches()

    return make


def good(adapter_id: str, **changes: str) -> str:
    inside = ", ".join(f"{key!r}: {value}" for key, value in changes.items())
    return GOOD.format(id=adapter_id, changes=f"{{{inside}}}")


def test_ours_are_found_and_nothing_is_imported() -> None:
    program = (
        "import sys; from adapters import registry; found = registry.find_adapters();"
        "registry.find_mocks(); print(*sorted(found));"
        "print(*[name for name in sys.modules if name.startswith('adapters.')"
        " and name.split('.')[1] in {*found, 'mock'}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    found, imported = done.stdout.split("\n")[:2]
    assert found.split() == OURS
    assert imported == ""


def test_loading_one_imports_no_other() -> None:
    program = (
        "import sys; from adapters import registry; registry.load(sys.argv[1]);"
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('adapters.')})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, OURS[0]],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert set(done.stdout.split()) & {*OURS, "mock"} == {OURS[0]}


@pytest.mark.parametrize("name", OURS)
def test_ours_can_be_loaded_with_their_mocks(name: str) -> None:
    assert registry.find_adapters()[name].package == ""
    assert registry.load(name).info.id == name
    assert registry.find_mocks()[name].target == f"adapters.mock.{name}:MOCK"
    assert registry.load_mock(name).id == name


def test_an_entry_point_is_one_more(install: Install) -> None:
    install("taoke-new", "taoke.adapters", "newshop", "newshop_a:Shop", good("newshop"))
    install("taoke-new-mock", "taoke.mocks", "newshop", "newshop_m:Mock", MOCK.format(id="newshop"))
    entry = registry.find_adapters()["newshop"]
    assert (entry.id, entry.target, entry.package) == ("newshop", "newshop_a:Shop", "taoke-new")
    assert "newshop_a" not in sys.modules
    assert registry.load("newshop").info.id == "newshop"
    assert registry.load_mock("newshop").id == "newshop"


def test_a_module_may_be_named_that_holds_one_class(install: Install) -> None:
    one = good("barea").split("class Half")[0]
    install("taoke-bare", "taoke.adapters", "barea", "barea_a", one)
    assert registry.load("barea").__name__ == "Shop"
    install("taoke-two", "taoke.adapters", "bareb", "bareb_a", good("bareb"))
    with pytest.raises(AdapterLoadError, match="exactly one PlatformAdapter, not 3"):
        registry.load("bareb")


@pytest.mark.parametrize("group", ["taoke.adapters", "taoke.mocks"])
def test_nothing_of_ours_is_overridden(install: Install, group: str) -> None:
    install("taoke-evil", group, OURS[0], "evil:Shop")
    find = registry.find_adapters if group == "taoke.adapters" else registry.find_mocks
    load = registry.load if group == "taoke.adapters" else registry.load_mock
    sentence = rf"Package 'taoke-evil' brings '{OURS[0]}' for '{group}', which this program itself"
    with pytest.raises(AdapterLoadError, match=sentence):
        find()
    with pytest.raises(AdapterLoadError, match=sentence):
        load(OURS[0])


def test_two_packages_with_one_name_are_refused(install: Install) -> None:
    install("taoke-one", "taoke.adapters", "newshop", "one:Shop")
    install("taoke-two", "taoke.adapters", "newshop", "two:Shop")
    with pytest.raises(AdapterLoadError, match=r"which package 'taoke-(one|two)' already has"):
        registry.find_adapters()


def test_what_there_is_not_names_what_there_is() -> None:
    with pytest.raises(
        AdapterLoadError, match=rf"^Adapter 'nosuch': there is none; there are .*{OURS[0]}"
    ):
        registry.load("nosuch")
    with pytest.raises(AdapterLoadError, match=r"^Mock platform 'nosuch': there is none"):
        registry.load_mock("nosuch")


@pytest.mark.parametrize(
    ("name", "target", "changes", "sentence"),
    [
        ("faulta", "faulta_m:Shop", {"contract": "0"}, "written for contract 0, this program has"),
        ("faultb", "faultb_m:Shop", {"id": "'other'"}, "its info says that it is 'other'"),
        ("fault-c", "faultc_m:Shop", {}, "an id is 2 to 20 lower-case"),
        ("faultd", "faultd_m:Shop", {"settings": "dict"}, "no AdapterSettings class"),
        ("faulte", "faulte_m:Shop", {"settings": "None"}, "no AdapterSettings class"),
        ("faultf", "faultf_m:Shop", {"patterns": "()"}, "no pattern of a link"),
        (
            "faultg",
            "faultg_m:Shop",
            {"patterns": "(LinkPattern(kind=LinkKind.ITEM, hosts=(), path='', example=''),)"},
            "has no example",
        ),
        ("faulth", "faulth_m:Undeclared", {}, "has no info"),
        ("faulti", "faulti_m:Half", {}, "Half lacks attribution, check, close, "),
        ("faultj", "faultj_m:Settings", {}, "is no PlatformAdapter class"),
        ("faultk", "faultk_m:PATTERN", {}, "is no PlatformAdapter class"),
        ("faultl", "faultl_m:Missing", {}, "cannot be imported: AttributeError"),
        ("faultm", "faultm_m:Shop", {"hosts": "1 / 0"}, "cannot be imported: ZeroDivisionError"),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(
    install: Install, name: str, target: str, changes: dict[str, str], sentence: str
) -> None:
    install("taoke-fault", "taoke.adapters", name, target, good(name, **changes))
    with pytest.raises(AdapterLoadError, match=sentence) as caught:
        registry.load(name)
    assert str(caught.value).startswith(f"Adapter {name!r}: ")
    assert str(caught.value).endswith(".")


def test_a_package_that_is_gone_is_told(install: Install) -> None:
    install("taoke-gone", "taoke.adapters", "gone", "no_such_module:Shop")
    with pytest.raises(AdapterLoadError, match="cannot be imported: ModuleNotFoundError"):
        registry.load("gone")


def test_a_mock_says_its_own_name(install: Install) -> None:
    install("taoke-mock", "taoke.mocks", "mocka", "mocka_m:Mock", MOCK.format(id="mockb"))
    with pytest.raises(AdapterLoadError, match="says that it is 'mockb'"):
        registry.load_mock("mocka")
