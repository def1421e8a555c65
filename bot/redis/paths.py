"""Where the guardian, its store and their sockets are."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.redis.errors import EmbeddedStoreError

__all__ = ["STORE_DIR", "Paths"]

STORE_DIR = "store"
MAX_SOCKET_PATH = 100
"""Linux takes 107 bytes, macOS 103."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The files of one data folder. Sockets stand in `run`, which only this user may enter."""

    data: Path
    run: Path

    @classmethod
    def of(cls, data_dir: Path) -> Paths:
        """Paths of a data folder; nothing is made. `run` is in the temporary folder, under a name
        that tells the data folder, where a socket's path would be too long otherwise."""
        data = Path(data_dir).absolute().resolve()
        run = data / "run"
        if len(os.fsencode(run / "guardian.sock")) > MAX_SOCKET_PATH:
            name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
            run = Path(tempfile.gettempdir()) / f"taoke-{os.getuid()}-{name}"
        return cls(data=data, run=run)

    @property
    def store(self) -> Path:
        """The folder of the append-only files."""
        return self.data / STORE_DIR

    @property
    def guardian_lock(self) -> Path:
        """Held by the guardian."""
        return self.data / "guardian.lock"

    @property
    def store_lock(self) -> Path:
        """Held by the store itself, so also by one whose guardian was killed."""
        return self.data / "store.lock"

    @property
    def log(self) -> Path:
        """What the guardian and its processes say."""
        return self.data / "guardian.log"

    @property
    def ports(self) -> Path:
        """The ports that children had, as JSON by name."""
        return self.data / "ports.json"

    @property
    def control(self) -> Path:
        """The guardian's socket."""
        return self.run / "guardian.sock"

    @property
    def socket(self) -> Path:
        """The store's socket."""
        return self.run / "store.sock"

    @property
    def config(self) -> Path:
        """The store's configuration, written at every start."""
        return self.run / "store.conf"

    def make(self) -> None:
        """Make the folders. EmbeddedStoreError, in one sentence, if that cannot be."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.store.mkdir(exist_ok=True, mode=0o700)
            self.run.mkdir(exist_ok=True, mode=0o700)
            _writable(self.data)
        except OSError as error:
            raise EmbeddedStoreError(
                f"the data folder {self.data} cannot be written ({error.strerror}): make it"
                " writable, or set TAOKE_DATA_DIR to another"
            ) from error
        about = self.run.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
            raise EmbeddedStoreError(f"the folder {self.run} belongs to somebody else: remove it")
        self.run.chmod(0o700)


def _writable(folder: Path) -> None:
    """Really write: permissions do not tell of a read-only disk or a full one."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
        file.flush()
