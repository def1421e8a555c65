"""The sample package of a third party passes the contract, found by its entry points."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from adapters import registry
from adapters.testing import AdapterContract
from tests.contract.sample_package import PROJECT, MockSampleMall, SampleMallAdapter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as an installer would leave it: a `dist-info` made from its pyproject."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    info = tmp_path / f"taoke_sample-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(PROJECT))
    monkeypatch.syspath_prepend(str(tmp_path))


class TestSampleMall(AdapterContract):
    """Everything that an adapter promises."""

    adapter_class = SampleMallAdapter
    mock_class = MockSampleMall


def test_it_stands_beside_our_own_without_being_imported() -> None:
    entry = registry.find_adapters()["samplemall"]
    assert entry.package == "taoke-sample"
    assert entry.target == "taoke_sample.adapter:SampleMallAdapter"
    assert registry.find_mocks()["samplemall"].target == "taoke_sample.mock:MockSampleMall"
