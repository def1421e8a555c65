"""Is the lock in step with pyproject.toml?

Offline by design: every requirement of `pyproject.toml` must be pinned in the lock to a version
that its range admits, every pin must carry a hash, and no index host may appear. `--write` lays
both locks anew with uv, which needs the package index.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"run": ROOT / "config/requirements/run.txt", "dev": ROOT / "config/requirements/dev.txt"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def pins(lock: Path) -> dict[str, str]:
    """Name -> pinned version."""
    found: dict[str, str] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            found[canonicalize_name(match[1])] = match[2]
    return found


def faults() -> list[str]:
    """One sentence for each thing that is out of step; empty when all is well."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        "run": project["dependencies"],
        "dev": project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    found: list[str] = []
    for name, lock in LOCKS.items():
        text = lock.read_text(encoding="utf-8")
        pinned = pins(lock)
        if re.search(r"https?://|file:|--(?:extra-)?index-url|--find-links", text):
            found.append(f"{lock.name}: names an index host or a path")
        blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
        found += [
            f"{lock.name}: {block.split()[0]} has no hash"
            for block in blocks
            if PIN.match(block) and "--hash=sha256:" not in block
        ]
        for line in wanted[name]:
            requirement = Requirement(line)
            version = pinned.get(canonicalize_name(requirement.name))
            if version is None:
                found.append(f"{lock.name}: {requirement.name} is not pinned")
            elif not requirement.specifier.contains(version, prereleases=True):
                found.append(f"{lock.name}: {requirement.name} {version} is outside {line}")
    return found


def write() -> None:
    """Lay both locks anew."""
    common = [
        str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml", "--universal",
        "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
        "--no-header", "--quiet",
    ]  # fmt: skip
    for name, lock in LOCKS.items():
        extra = ["--extra", "dev"] if name == "dev" else []
        subprocess.run([*common, *extra, "-o", str(lock)], cwd=ROOT, check=True)  # noqa: S603 - our own fixed words


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        write()
    problems = faults()
    sys.stderr.writelines(f"{problem}; run `make lock`\n" for problem in problems)
    sys.exit(1 if problems else 0)
