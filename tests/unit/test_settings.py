"""Settings: where they are read from, in which order, and one clear line for each wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own."""
    import os  # noqa: PLC0415 - only this fixture looks at it

    for name in list(os.environ):
        if name.startswith("TAOKE_"):
            monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.data_dir == Path("var")
    assert settings.redis.url is None
    assert not settings.port_was_named


def test_environment_wins_over_secret_files_and_those_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(
        '[platforms.shop]\napp_key = "file"\napp_secret = "file"\npid = "file"\n[web]\nport = 81\n'
    )
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "TAOKE_PLATFORMS__SHOP__APP_SECRET").write_text("secret\n")
    (secrets / "TAOKE_PLATFORMS__SHOP__PID").write_text("secret")
    monkeypatch.setenv("TAOKE_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("TAOKE_CONFIG", str(config))
    monkeypatch.setenv("TAOKE_PLATFORMS__SHOP__PID", "environment")
    settings = load_settings()
    values = {name: str(value).strip() for name, value in settings.platforms["shop"].items()}
    assert values == {"app_key": "file", "app_secret": "secret", "pid": "environment"}
    assert settings.web.port == 81
    assert settings.port_was_named


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "TAOKE_WEB__PROT",
            "1",
            "TAOKE_WEB__PROT: unknown setting; the nearest known one is TAOKE_WEB__PORT",
        ),
        ("TAOKE_WEB__PORT", "many", "TAOKE_WEB__PORT: Input should be a valid integer"),
        ("TAOKE_ADMIN__TOKEN", "hunter2", "TAOKE_ADMIN__TOKEN: must have at least 16 characters"),
        ("TAOKE_REDIS__URL", "http://x", "TAOKE_REDIS__URL: must start with redis://"),
        ("TAOKE_ADMIN__OPERATORS", "[1", "TAOKE_ADMIN__*: a list is written as JSON"),
        ("TAOKE_PLATFROMS__JD__APP_KEY", "x", "the nearest known one is TAOKE_PLATFORMS__"),
        ("TAOKE_CONFIG", "/nowhere.toml", "TAOKE_CONFIG: there is no file /nowhere.toml"),
        ("TAOKE_SECRETS_DIR", "/nowhere", "TAOKE_SECRETS_DIR: there is no folder /nowhere"),
        ("TAOKE_LANGUAGE", "fr", "TAOKE_LANGUAGE: Input should be 'zh_CN' or 'en'"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    name: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert line in message
    assert "hunter2" not in message
    assert len(message.splitlines()) == 1


def test_a_torn_file_and_an_unknown_key_in_it_are_named(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("[web")
    with pytest.raises(SettingsError, match=r"settings\.toml: "):
        load_settings(str(config))
    config.write_text("[web]\nprot = 1\n")
    with pytest.raises(
        SettingsError,
        match="TAOKE_WEB__PROT: unknown setting; the nearest known one is TAOKE_WEB__PORT",
    ):
        load_settings(str(config))


def test_an_empty_variable_is_the_same_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "SECRETS_DIR", "DATA_DIR", "LANGUAGE", "LOG_LEVEL", "WEB__PORT"):
        monkeypatch.setenv(f"TAOKE_{name}", "")
    settings = load_settings()
    assert (settings.data_dir, settings.language) == (Path("var"), "zh_CN")
    assert (settings.log_level, settings.port_was_named) == ("WARNING", False)
    config = tmp_path / "settings.toml"
    config.write_text('data_dir = "/srv/taoke"\nlanguage = ""\n')
    settings = load_settings(str(config))
    assert (settings.data_dir, settings.language) == (Path("/srv/taoke"), "zh_CN")


def test_the_data_folder_may_stand_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TAOKE_DATA_DIR", "~/x")
    assert load_settings().data_dir == tmp_path / "x"
    monkeypatch.setenv("TAOKE_DATA_DIR", "~nobody-of-this-name/x")
    with pytest.raises(SettingsError, match="TAOKE_DATA_DIR: there is no home folder ~nobody-of"):
        load_settings()


@pytest.mark.parametrize(
    ("folder", "fits"),
    [
        ("/" + "/".join(["a" * 149] * 3), True),
        ("/" + "/".join(["a" * 149] * 3) + "a", False),
        ("/" + "a" * 255, True),
        ("/" + "数" * 86, False),  # 258 bytes
    ],
)
def test_a_path_too_long_for_files_is_told(folder: str, fits: bool) -> None:
    if fits:
        assert load_settings(data_dir=folder).data_dir == Path(folder)
    else:
        with pytest.raises(SettingsError, match="TAOKE_DATA_DIR: the path is too long"):
            load_settings(data_dir=folder)
