"""Which platforms are live, mock or off, and the adapters that follow from it.

`MODE` unset means mock only while no platform has a key; once one has, the others are off until
they have theirs, and one line says so. Only enabled adapters are imported beyond their settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from adapters import registry
from bot.convert.platform import Mode, Platform
from bot.settings import PREFIX, SettingsError, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from adapters.contract import AdapterContext, AdapterSettings, PlatformAdapter

__all__ = ["Plan", "Plans", "build_platforms", "plan_platforms"]

MODE_KEY = "mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What shall become of one platform. `missing` are the keys it lacks to be live."""

    id: str
    mode: Mode
    values: Mapping[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """All platforms there are, and lines that the operator should read."""

    plans: Mapping[str, Plan]
    lines: Sequence[str] = ()

    @property
    def mode(self) -> Mode:
        """The one mode of everything enabled: mock and live never share a store."""
        modes = {plan.mode for plan in self.plans.values()} - {Mode.OFF}
        return modes.pop() if modes else Mode.MOCK

    def enabled(self) -> list[Plan]:
        """The plans that are not off."""
        return [plan for plan in self.plans.values() if plan.mode is not Mode.OFF]


def variable(platform: str, key: str) -> str:
    """The environment's name of a platform's key."""
    return f"{PREFIX}PLATFORMS__{platform}__{key}".upper()


def _asked_mode(platform: str, section: Mapping[str, Any]) -> Mode | None:
    raw = section.get(MODE_KEY)
    if raw is None:
        return None
    try:
        return Mode(str(raw).lower())
    except ValueError:
        raise SettingsError(f"{variable(platform, MODE_KEY)}: must be live, mock or off") from None


def _read(platform: str, values: Mapping[str, Any]) -> AdapterSettings:
    model = registry.load(platform).info.settings
    try:
        return model.model_validate(values)
    except ValidationError as error:
        prefix = ("platforms", platform)
        known = [variable(platform, name) for name in (MODE_KEY, *model.model_fields)]
        raise SettingsError("\n".join(describe(error, prefix, known))) from error


def plan_platforms(sections: Mapping[str, Mapping[str, Any]], known: Iterable[str]) -> Plans:
    """Decide every platform's mode from its section of the settings. SettingsError if impossible."""
    known = sorted(known)
    for unknown in sorted(set(sections) - set(known)):
        names = ", ".join(known)
        raise SettingsError(f"{variable(unknown, '*')}: no such platform; there are {names}")
    plans: dict[str, Plan] = {}
    unset: list[str] = []
    any_key = False
    for platform in known:
        section = {key: value for key, value in sections.get(platform, {}).items() if value != ""}
        mode = _asked_mode(platform, section)
        section.pop(MODE_KEY, None)
        missing: tuple[str, ...] = ()
        if section and mode is not Mode.OFF:
            settings = _read(platform, section)
            missing = settings.missing_keys()
            if settings.has_any_key():
                any_key = True
                mode = mode or Mode.LIVE
        if mode is Mode.LIVE:
            _refuse_missing(platform, section, missing)
        if mode is None:
            unset.append(platform)
        plans[platform] = Plan(id=platform, mode=mode or Mode.OFF, values=section, missing=missing)
    lines = _fill_unset(plans, unset, any_live=any_key or _any(plans, Mode.LIVE))
    if _any(plans, Mode.LIVE) and _any(plans, Mode.MOCK):
        mocks = [plan.id for plan in plans.values() if plan.mode is Mode.MOCK]
        raise SettingsError(
            f"{variable(mocks[0], MODE_KEY)}: mock and live never share a store; set it to off, "
            "or give this platform its keys"
        )
    return Plans(plans=plans, lines=lines)


def _any(plans: Mapping[str, Plan], mode: Mode) -> bool:
    return any(plan.mode is mode for plan in plans.values())


def _refuse_missing(platform: str, section: Mapping[str, Any], missing: Sequence[str]) -> None:
    """Live without its keys: one line for each key."""
    if not section:
        missing = registry.load(platform).info.settings.key_fields
    if missing:
        raise SettingsError(
            "\n".join(f"{variable(platform, key)}: missing, {platform} is live" for key in missing)
        )


def _fill_unset(plans: dict[str, Plan], unset: Sequence[str], *, any_live: bool) -> list[str]:
    mode = Mode.OFF if any_live else Mode.MOCK
    for platform in unset:
        plans[platform] = Plan(id=platform, mode=mode, values=plans[platform].values)
    if any_live and unset:
        return [f"{', '.join(unset)}: off (no keys; the others are live)"]
    return []


def build_platforms(
    plans: Plans,
    context_for: Callable[[str, AdapterSettings], AdapterContext],
    mock_values: Callable[[str], Mapping[str, object]],
) -> dict[str, Platform]:
    """Adapters of everything enabled, not started. `mock_values` are a mock's client settings."""
    platforms: dict[str, Platform] = {}
    for plan in plans.enabled():
        values = dict(plan.values)
        if plan.mode is Mode.MOCK:
            values = {**mock_values(plan.id), **values}
        settings = _read(plan.id, values)
        adapter_class: type[PlatformAdapter] = registry.load(plan.id)
        adapter = adapter_class(settings, context_for(plan.id, settings))
        platforms[plan.id] = Platform(adapter=adapter, mode=plan.mode)
    return platforms
