"""Finds adapters and their mocks, and imports only the ones that are asked for.

Ours are folders of this package that hold an `adapter.py`; a third party's are entry points of the
groups "taoke.adapters" and "taoke.mocks". An entry point with the name of another adapter is
refused: whoever promotes links earns the money, so nothing is overridden in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adapters.contract import CONTRACT_VERSION, AdapterInfo, AdapterSettings, PlatformAdapter

if TYPE_CHECKING:
    from types import ModuleType

    from adapters.mock.contract import MockPlatform

__all__ = [
    "AdapterEntry",
    "AdapterLoadError",
    "find_adapters",
    "find_mocks",
    "load",
    "load_mock",
]

ADAPTER_GROUP = "taoke.adapters"
MOCK_GROUP = "taoke.mocks"
_HERE = Path(__file__).parent
ClassT = TypeVar("ClassT")
_ID = re.compile(r"[a-z][a-z0-9]{1,19}")


class AdapterLoadError(Exception):
    """An adapter or a mock cannot be used; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterEntry:
    """Something that can be loaded, not imported yet."""

    id: str
    target: str
    """`module:name`; a bare module is searched for its one class."""
    package: str = ""
    """The third party's distribution; empty for ours."""


def find_adapters() -> dict[str, AdapterEntry]:
    """All adapters there are, by id. AdapterLoadError if two have the same id."""
    ours = {
        path.parent.name: AdapterEntry(
            id=path.parent.name, target=f"adapters.{path.parent.name}.adapter"
        )
        for path in sorted(_HERE.glob("*/adapter.py"))
    }
    return _with_entry_points(ours, ADAPTER_GROUP)


def find_mocks() -> dict[str, AdapterEntry]:
    """All mock platforms there are, by id. AdapterLoadError if two have the same id."""
    ours = {
        path.parent.name: AdapterEntry(
            id=path.parent.name, target=f"adapters.mock.{path.parent.name}:MOCK"
        )
        for path in sorted(_HERE.glob("*/adapter.py"))
        if (_HERE / "mock" / f"{path.parent.name}.py").exists()
        or (_HERE / "mock" / path.parent.name / "__init__.py").exists()
    }
    return _with_entry_points(ours, MOCK_GROUP)


def load(adapter_id: str) -> type[PlatformAdapter]:
    """Import one adapter and check that it fits this program. AdapterLoadError otherwise."""
    what = f"Adapter {adapter_id!r}"
    entry = _entry(what, adapter_id, find_adapters())
    found = _import(what, entry, PlatformAdapter)  # type: ignore[type-abstract]  # - compared, not built
    if fault := _fault(adapter_id, getattr(found, "info", None)):
        raise AdapterLoadError(f"{what}: {fault}.")
    return found


def load_mock(mock_id: str) -> type[MockPlatform]:
    """Import one mock platform. AdapterLoadError if there is none that fits."""
    what = f"Mock platform {mock_id!r}"
    # By name, here and not above: the application imports this module and must not reach mocks.
    base: type[MockPlatform] = import_module("adapters.mock.contract").MockPlatform
    found = _import(what, _entry(what, mock_id, find_mocks()), base)
    if getattr(found, "id", None) != mock_id:
        raise AdapterLoadError(f"{what}: its class says that it is {found.id!r}.")
    return found


def _with_entry_points(ours: dict[str, AdapterEntry], group: str) -> dict[str, AdapterEntry]:
    found = dict(ours)
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        package = point.dist.name if point.dist is not None else "an unknown package"
        if (other := found.get(point.name)) is not None:
            holder = f"package {other.package!r}" if other.package else "this program itself"
            raise AdapterLoadError(
                f"Package {package!r} brings {point.name!r} for {group!r}, which {holder} already "
                "has; uninstall one of them."
            )
        found[point.name] = AdapterEntry(id=point.name, target=point.value, package=package)
    return found


def _entry(what: str, entry_id: str, entries: dict[str, AdapterEntry]) -> AdapterEntry:
    if (entry := entries.get(entry_id)) is None:
        raise AdapterLoadError(f"{what}: there is none; there are {', '.join(sorted(entries))}.")
    return entry


def _import(what: str, entry: AdapterEntry, base: type[ClassT]) -> type[ClassT]:
    """The class that `entry` names. Anything that its import raises becomes a sentence."""
    module_name, _, attribute = entry.target.partition(":")
    try:
        module = import_module(module_name)
        found = getattr(module, attribute) if attribute else _only_class(module, base)
    except Exception as error:
        raise AdapterLoadError(
            f"{what}: {entry.target!r} cannot be imported: {type(error).__name__}: {error}."
        ) from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise AdapterLoadError(f"{what}: {entry.target!r} is no {base.__name__} class.")
    missing: frozenset[str] = getattr(found, "__abstractmethods__", frozenset())
    if missing:
        raise AdapterLoadError(f"{what}: {found.__name__} lacks {', '.join(sorted(missing))}.")
    return found


def _only_class(module: ModuleType, base: type[ClassT]) -> type[ClassT]:
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"it must define exactly one {base.__name__}, not {len(found)}")
    return found[0]


def _fault(adapter_id: str, info: object) -> str | None:
    """What is wrong with a declaration, as the rest of a sentence; None if it fits."""
    if not isinstance(info, AdapterInfo):
        return "its class has no info, or one that is no AdapterInfo"
    if info.contract != CONTRACT_VERSION:
        return (
            f"it was written for contract {info.contract}, this program has {CONTRACT_VERSION}; "
            "install the version of the adapter that fits"
        )
    checks = {
        f"its info says that it is {info.id!r}": info.id == adapter_id,
        "an id is 2 to 20 lower-case letters and digits and begins with a letter": (
            _ID.fullmatch(info.id)
        ),
        "its settings are no AdapterSettings class": (
            isinstance(info.settings, type) and issubclass(info.settings, AdapterSettings)
        ),
        "it declares no pattern of a link": info.patterns,
        "one of its patterns has no example": all(pattern.example for pattern in info.patterns),
    }
    return next((fault for fault, fine in checks.items() if not fine), None)
