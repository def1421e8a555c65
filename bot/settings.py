"""Settings: environment, then secret files, then the TOML file; every wrong one is one clear line.

`TAOKE_<SECTION>__<KEY>`; secret files lie in `TAOKE_SECRETS_DIR` and are named like the variables;
the TOML file is named by `--config` or `TAOKE_CONFIG`. A platform's own keys are checked against
the model that its adapter declares, when it is enabled (`bot.platforms`).
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as PydanticSettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Settings", "SettingsError", "load_settings"]

PREFIX = "TAOKE_"
SPECIAL = {"TAOKE_CONFIG", "TAOKE_SECRETS_DIR"}
LONGEST_PATH = 450
"""Bytes of the data folder's path: SQLite takes 512 for a file in it, and one more beside that."""


class SettingsError(Exception):
    """One line per wrong setting: its key, what is wrong, what is allowed."""


def without_empty(values: object) -> object:
    """A mapping without its empty texts."""
    if not isinstance(values, dict):
        return values
    return {name: value for name, value in values.items() if value != ""}


class Section(BaseModel):
    """A frozen section that refuses unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: object) -> object:
        """An empty value, as the example file shows it, is the same as none."""
        return without_empty(values)


class RedisSettings(Section):
    """The store."""

    url: AnyUrl | None = None
    """redis:// or unix:// address; unset: the embedded store in the data folder."""
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")] = "taoke"
    """First part of every key, to share a server."""

    @field_validator("url")
    @classmethod
    def _scheme(cls, url: AnyUrl | None) -> AnyUrl | None:
        if url is not None and url.scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return url


class WebSettings(Section):
    """The web server."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 behind a reverse proxy on another machine."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """Port; where it is not set, the next free one is taken."""
    public_url: HttpUrl | None = None
    """How people reach this server, e.g. https://go.example.com: tracked links start with it."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed."""


class ConvertSettings(Section):
    """Conversion of pasted links."""

    deadline: Annotated[float, Field(gt=0, le=60)] = 8.0
    """Seconds for one message; links that are not done by then are named."""
    max_links: Annotated[int, Field(ge=1, le=200)] = 30
    """Links converted in one message; the rest stays untouched and is counted."""
    offer_seconds: Annotated[int, Field(ge=0, le=3600)] = 600
    """How long an offer is shared by everybody."""
    stale_hours: Annotated[int, Field(ge=0, le=48)] = 6
    """How old the last good offer may be when a platform is down."""
    look_up_owner: bool = True
    """Open a new promotion link once, on the shop's hosts only, where nothing else shows its PID."""


class LinkSettings(Section):
    """Tracked share links."""

    life_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days a link lives after its last use."""


class AdminSettings(Section):
    """Operators."""

    token: SecretStr | None = None
    """Opens the admin pages; at least 16 characters."""
    operators: tuple[int | str, ...] = ()
    """Who operates: a Telegram user's number, or channel:account:user."""

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return token


class Settings(BaseSettings):
    """All settings; see config/settings.example.toml for every key with its meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        secrets_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
        use_attribute_docstrings=True,
    )

    data_dir: Path = Path("var")
    """Folder of the embedded store, the mock world and the clock; ~ is the home folder."""
    language: Literal["zh_CN", "en"] = "zh_CN"
    """Language of replies where a person has none."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    """How much is logged; what people say never is."""
    account: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")] = "main"
    """Name of the operator's account that everything stored carries."""
    redis: RedisSettings = RedisSettings()
    web: WebSettings = WebSettings()
    convert: ConvertSettings = ConvertSettings()
    links: LinkSettings = LinkSettings()
    admin: AdminSettings = AdminSettings()
    platforms: dict[str, dict[str, Any]] = {}
    """Keys of each platform, by its id; what they are is declared by the adapter."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: object) -> object:
        """An empty value in a file or a secret is the same as none, too."""
        return without_empty(values)

    @field_validator("data_dir")
    @classmethod
    def _usable(cls, folder: Path) -> Path:
        try:
            folder = folder.expanduser()
        except RuntimeError as error:
            raise ValueError(f"there is no home folder {folder.parts[0]}") from error
        whole = folder.absolute()
        size = len(os.fsencode(whole))
        if size > LONGEST_PATH or any(len(os.fsencode(part)) > 255 for part in whole.parts):
            raise ValueError(
                f"the path is too long ({size} bytes; {LONGEST_PATH} at most, 255 between slashes)"
            )
        return folder

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over secret files over the TOML file."""
        return (
            init_settings,
            env_settings,
            NestedSecretsSettingsSource(file_secret_settings),
            TomlConfigSettingsSource(settings_cls),
        )

    @property
    def port_was_named(self) -> bool:
        """Whether the operator asked for this very port."""
        return "port" in self.web.model_fields_set


def _known_names() -> set[str]:
    """Every variable that the static sections know."""
    names = set(SPECIAL)
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            names |= {f"{PREFIX}{name}__{key}".upper() for key in section.model_fields}
        elif name != "platforms":
            names.add(f"{PREFIX}{name}".upper())
    return names


def _refuse_unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = _known_names()
    for name in sorted(environ):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in known:
            continue
        if upper.startswith(f"{PREFIX}PLATFORMS__") and upper.count("__") >= 2:
            continue  # checked against the adapter's own model
        yield f"{name}: {unknown(upper, known | {f'{PREFIX}PLATFORMS__'})}"


def unknown(name: str, known: Iterable[str]) -> str:
    """That a setting is unknown, with the nearest one there is."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return f"unknown setting; the nearest known one is {near[0]}"


def describe(
    error: ValidationError, prefix: Iterable[str] = (), known: Iterable[str] | None = None
) -> Iterator[str]:
    """One line for each fault, naming the variable; a secret's value is never repeated.

    `known` are the variables among which the nearest is looked for; unset: the static ones.
    """
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        # Parts that are no field (an element's number, the kind of a union) are left out.
        fields = [part for part in fault["loc"] if isinstance(part, str) and part.isidentifier()]
        key = PREFIX + "__".join((*prefix, *fields)).upper()
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = unknown(key, known if known is not None else _known_names())
        yield f"{key}: {message}"


def load_settings(config: str | None = None, **overrides: Any) -> Settings:  # noqa: ANN401 - fields of Settings
    """Read all sources once. SettingsError with one line per fault.

    `config` is the TOML file of `--config`; else `TAOKE_CONFIG` names it; else there is none.
    """
    faults = list(_refuse_unknown(os.environ))
    path = config or os.environ.get("TAOKE_CONFIG") or None
    if path is not None and not Path(path).is_file():
        faults.append(f"TAOKE_CONFIG: there is no file {path}")
    secrets = os.environ.get("TAOKE_SECRETS_DIR") or None
    if secrets is not None and not Path(secrets).is_dir():
        faults.append(f"TAOKE_SECRETS_DIR: there is no folder {secrets}")
    if faults:
        raise SettingsError("\n".join(faults))

    class Located(Settings):
        """The same settings with the places to read from."""

        model_config = SettingsConfigDict(toml_file=path, secrets_dir=secrets)

    try:
        loaded = Located(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(describe(error))) from error
    except PydanticSettingsError as error:  # a list in a variable that is no JSON
        section = re.search(r'field "(\w+)"', str(error))
        key = f"{PREFIX}{section[1].upper()}__*: " if section is not None else ""
        raise SettingsError(f"{key}a list is written as JSON, e.g. [1, 2]") from error
    except ValueError as error:  # torn TOML; the library names line and column
        raise SettingsError(f"{path or 'settings'}: {error}") from error
    return loaded
