"""Several files at once: all of them appear in a folder, or none does."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulars.terms.errors import OutputError


@contextmanager
def set_aside(folder: Path) -> Iterator[Path]:
    """A hidden folder whose files move into `folder` if all went well, else vanish.

    Raises:
        OutputError: when the folder cannot be written.
    """
    aside = folder / ".writing"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        yield aside
        for path in sorted(p for p in aside.rglob("*") if p.is_file()):
            target = folder / path.relative_to(aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    except OutputError as error:  # named by the file's place of the moment
        message = error.message.replace(str(aside), str(folder))
        raise OutputError(message, "Earlier results are as they were. " + error.fix) from error
    except OSError as error:
        raise _output_error(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _output_error(folder: Path, error: OSError) -> OutputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return OutputError(
        f"Could not write to {folder}: {error.strerror or error}.",
        "Earlier results are as they were. "
        + ("Free some space or choose another --out." if full else "Choose another --out."),
    )
