"""Bytes of any common encoding to blocks of UTF-8 lines, saying what was found in them."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

from regulars.terms.errors import FileError, FormatError, InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word document",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"BZh91AY": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"<!DOC": "a web page",
    b"<html": "a web page",
}
# Windows-1252 leaves five bytes undefined; they stay the control characters of Latin-1.
_CP1252 = {b: bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(0x80, 0xA0)}
_LONGEST_LINE = 64 << 20


@dataclass
class Decoder:
    """Decodes one file; `notes()` tells afterwards what was found in it.

    `encoding` None: by the byte order mark, then UTF-16 by its zero bytes, then UTF-8, with
    Windows-1252 for each line that is not UTF-8. A name of a Python codec is obeyed.
    """

    name: str
    encoding: str | None = None
    windows_lines: int = 0
    nul_bytes: int = 0
    broken_characters: int = 0
    old_mac: bool = False
    found: str = field(default="utf-8", init=False)

    def lines(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks of whole lines, each ending in a line feed; the last gets one where it has none.

        FileError when the content is no text, FormatError when a line exceeds 64 MB,
        InputError when `encoding` names no codec.
        """
        rest = b""
        for block in self._utf8_bytes(blocks):
            if b"\x00" in block:
                self.nul_bytes += block.count(0)
                block = block.replace(b"\x00", b"")
            cut = block.rfind(b"\n") + 1
            if not cut:
                rest += block
                if len(rest) > _LONGEST_LINE:
                    raise FormatError(
                        f"{self.name} holds a line longer than 64 MB.",
                        "It is no table of records, or its line ends were lost.",
                    )
                continue
            yield self._checked(rest + block[:cut])
            rest = block[cut:]
        if rest:
            yield self._checked(rest + b"\n")

    def notes(self) -> tuple[str, ...]:
        """Sentences for the audit on what was unusual."""
        notes: list[str] = []
        if self.found != "utf-8":
            notes.append(f"Read as {self.found.upper()}.")
        if self.windows_lines:
            notes.append(
                f"{_count(self.windows_lines, 'line is', 'lines are')} not UTF-8 and"
                f" {'was' if self.windows_lines == 1 else 'were'} read as Windows-1252."
            )
        if self.nul_bytes:
            notes.append(f"{_count(self.nul_bytes, 'NUL byte was', 'NUL bytes were')} removed.")
        if self.broken_characters:
            n = _count(self.broken_characters, "character is", "characters are")
            notes.append(f"{n} not valid {self.found.upper()} and became U+FFFD.")
        if self.old_mac:
            notes.append("Lines end in a lone carriage return (old Mac).")
        return tuple(notes)

    def _utf8_bytes(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """UTF-8 (or still unchecked) bytes with CRLF and, in old Mac files, CR turned into LF."""
        first = next(blocks, b"")
        self._refuse_binary(first)
        mark, self.found = self._choose(first)
        decode = None
        if self.found != "utf-8":
            decode = codecs.getincrementaldecoder(self.found)("replace").decode
        block: bytes | None = first[mark:]
        pending, opening = b"", True
        while block is not None:
            following = next(blocks, None)
            if decode is not None:
                text = decode(block, following is None)
                self.broken_characters += text.count("\ufffd")
                block = text.encode("utf-8", "replace")
            block = pending + block
            pending = b""
            if opening:
                sample = block[: 1 << 20]
                self.old_mac = b"\r" in sample[:-1] and b"\n" not in sample
                opening = False
            if self.old_mac:
                block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            elif b"\r" in block:
                if following is not None and block.endswith(b"\r"):
                    block, pending = block[:-1], b"\r"
                block = block.replace(b"\r\n", b"\n")
            yield block
            block = following

    def _choose(self, first: bytes) -> tuple[int, str]:
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
                found = codecs.lookup(self.encoding).name.replace("utf-8-sig", "utf-8")
            except LookupError as error:
                raise InputError(
                    f"{self.encoding!r} is no encoding.", "Try utf-8, cp1252 or utf-16."
                ) from error
            marks = [len(m) for m, name in _BOMS if first.startswith(m) and name == found]
            return (marks[0] if marks else 0), found
        for mark, name in _BOMS:
            if first.startswith(mark):
                return len(mark), name
        sample = first[:4096]
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if odd > 0.3 * len(sample) / 2 and even < odd / 4:
            return 0, "utf-16-le"
        if even > 0.3 * len(sample) / 2 and odd < even / 4:
            return 0, "utf-16-be"
        return 0, "utf-8"

    def _refuse_binary(self, first: bytes) -> None:
        start = first.lstrip()[:16]
        what = next((w for s, w in _SIGNATURES.items() if start[: len(s)].lower() == s.lower()), "")
        if not what and not first.startswith(tuple(mark for mark, _ in _BOMS)):
            sample = first[:4096]
            control = sum(sample.count(code) for code in range(1, 32) if code not in _PLAIN)
            if control > len(sample) * 0.02 + 1:
                what = "binary data"
            elif sample and sample.count(0) > 0.3 * len(sample):
                _, found = self._choose(first)
                what = "" if found.startswith("utf-16") else "binary data"
        if what:
            raise FileError(
                f"{self.name} is {what}, not a table as text.",
                "Export the orders as CSV, Parquet, JSON lines or Excel.",
            )

    def _checked(self, block: bytes) -> bytes:
        """The block as valid UTF-8: a line that is not becomes so from Windows-1252."""
        if block.isascii():
            return block
        try:
            block.decode()
        except UnicodeDecodeError:
            lines = block.split(b"\n")
            for place, line in enumerate(lines):
                if not line.isascii() and not _is_utf8(line):
                    lines[place] = line.decode("latin-1").translate(_CP1252).encode()
                    self.windows_lines += 1
            return b"\n".join(lines)
        return block


_PLAIN = frozenset(b"\x01\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x1a")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
