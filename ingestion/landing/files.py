"""Registration: which paths may be read, their content hash, and the archive of original bytes."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.landing.batches import staging_name
from ingestion.settings import Settings

_CHUNK = 4 * 2**20


class RefusedPathError(ValueError):
    """A path that is not a plain file, or too large; it was never read."""


class ChangingFileError(RuntimeError):
    """A file was still being written while it was archived."""


@dataclass(frozen=True)
class RegisteredFile:
    """A file whose original bytes are archived; only the archived copy is parsed."""

    file_name: str
    content_hash: str
    byte_count: int
    archived: Path


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield every path to land, folders expanded in name order, links listed but not followed."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from walk(_inside(path))
        elif not path.name.startswith(".") and path.suffix not in {".part", ".tmp"}:
            yield path


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:  # it went while its neighbours were looked at
        return []


def archive_path(settings: Settings, content_hash: str) -> Path:
    """Return where the bytes with this hash are archived."""
    return settings.archive / content_hash[:2] / content_hash


def register(settings: Settings, path: Path) -> RegisteredFile:
    """Archive the file's bytes under their SHA-256 and return what was registered.

    Raises RefusedPathError for anything but a plain file of bounded size, ChangingFileError when
    the file changed meanwhile.
    """
    descriptor = _open_plain(path)
    with os.fdopen(descriptor, "rb") as stream:
        before = os.fstat(descriptor)
        if before.st_size > settings.max_file_bytes:
            raise RefusedPathError(
                f"{path.name} has {before.st_size} bytes; at most {settings.max_file_bytes} are "
                "read. Split it, or raise TRUESTOCK_MAX_FILE_BYTES."
            )
        staged = settings.archive / staging_name()
        settings.archive.mkdir(parents=True, exist_ok=True)
        try:
            content_hash, byte_count = _copy(stream.fileno(), staged)
            after = os.fstat(descriptor)
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise ChangingFileError(f"{path.name} is still being written; it lands next time.")
            archived = archive_path(settings, content_hash)
            archived.parent.mkdir(exist_ok=True)
            staged.replace(archived)
        finally:
            staged.unlink(missing_ok=True)
    return RegisteredFile(path.name, content_hash, byte_count, archived)


def _open_plain(path: Path) -> int:
    kind = _kind(path)
    if kind != "a plain file":
        raise RefusedPathError(
            f"{path.name} is {kind}; only plain files are read. Put the file itself here."
        )
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise RefusedPathError(
            f"{path.name} cannot be opened: {error.strerror}. Check its permissions."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RefusedPathError(f"{path.name} is not a plain file. Put the file itself here.")
    return descriptor


def _kind(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"unreachable ({error.strerror})"
    kinds = {
        stat.S_IFREG: "a plain file",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")


def _copy(source: int, target: Path) -> tuple[str, int]:
    digest, byte_count = hashlib.sha256(), 0
    with target.open("wb") as copy:
        while chunk := os.read(source, _CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            byte_count += len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), byte_count
