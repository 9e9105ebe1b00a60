"""Open a file in blocks of bytes: plain, gzip or zstd, hashed as stored, every failure in words."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

import pyarrow as pa

from regulars.terms.errors import FileError

BLOCK = 4 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def check_file(path: Path) -> None:
    """FileError, in words, unless `path` is a file with something in it that may be read."""
    if os.path.isdir(path):
        raise FileError(f"{path} is a directory.", "Name a file in it.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise FileError(f"{path} does not exist.", "Check the name and the directory.") from error
    except PermissionError as error:
        raise FileError(
            f"{path} may not be read.", "Ask its owner for permission, or copy it."
        ) from error
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be opened: {_reason(error)}.", "Check the name.") from error
    if empty:
        raise FileError(f"{path} is empty (0 bytes).", "Export it again.")


def head(path: Path, size: int = 32) -> bytes:
    """The first bytes as stored, after `check_file`."""
    check_file(path)
    with path.open("rb") as file:
        return file.read(size)


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes as stored, in hex."""
    check_file(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Hashing:
    """A readable that hashes what passes through it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.hash = hashlib.sha256()
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.hash.update(data)
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


class ByteFile(AbstractContextManager["ByteFile"]):
    """A file's content in blocks, unpacked where it is gzip or zstd by its first bytes.

    FileError when it is missing, a directory, empty, may not be read, ends too early, or is
    called .gz or .zst and is not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        start = head(path, 4)
        self.packing = "gzip" if start[:2] == _GZIP else "zstd" if start[:4] == _ZSTD else ""
        named = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix.lower(), "")
        if named and named != self.packing:
            raise FileError(
                f"{path} is called {path.suffix} but does not hold {named} data.",
                "Export it again, or rename it if it is not compressed.",
            )
        self._stored = path.open("rb")
        self._hashing = _Hashing(self._stored)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._stored.close()

    def blocks(self) -> Iterator[bytes]:
        """Blocks of about 4 MiB; FileError when nothing, or not everything, can be unpacked."""
        read = self._reader()
        nothing = True
        while True:
            try:
                block = read(BLOCK)
            except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, OSError) as error:
                raise FileError(
                    f"{self.path} cannot be read to its end: {_reason(error)}.",
                    "It is damaged or cut short. Export or download it again.",
                ) from error
            if not block:
                break
            nothing = False
            yield block
        if nothing:
            raise FileError(
                f"{self.path} holds nothing (0 bytes after unpacking).", "Export it again."
            )

    def digest(self) -> str:
        """SHA-256 of the bytes as stored; what was not read yet is read now."""
        while self._hashing.read(BLOCK):
            pass
        return self._hashing.hash.hexdigest()

    def _reader(self) -> Callable[[int], bytes]:
        stored = cast("BinaryIO", self._hashing)
        if self.packing == "gzip":
            return gzip.GzipFile(fileobj=stored, mode="rb").read
        if self.packing == "zstd":
            return pa.CompressedInputStream(pa.PythonFile(stored, mode="r"), "zstd").read
        return stored.read


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0].rstrip(".")
