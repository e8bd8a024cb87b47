"""From archived bytes to plain UTF-8 text or a plain binary file, bounded in size."""

import codecs
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingestion.landing.rejections import FileRejectedError
from ingestion.landing.sources import Format
from ingestion.settings import Settings

GZIP_SUFFIX = ".gz"
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_BINARIES = {
    _ZIP_MAGIC: ("a zip archive", ""),
    b"PAR1": ("a Parquet file", ".parquet"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", ".xls"),
}
_CHUNK = 2**20
_RATIO = 200
_FREE_BYTES = 64 * 2**20
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_TYPES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
}


def settled_format(file_name: str, declared: Format) -> Format:
    """Return the format with what was left open filled in from the file's suffix."""
    suffix = Path(file_name.lower().removesuffix(GZIP_SUFFIX)).suffix
    kind = declared.type or _TYPES.get(suffix)
    if kind is None:
        raise FileRejectedError(
            "unknown_format",
            f"nothing says how to read {file_name}; give its source.yml a `format: {{type: …}}`",
        )
    delimiter = declared.delimiter or ("\t" if suffix == ".tsv" else ",")
    return declared.model_copy(update={"type": kind, "delimiter": delimiter})


def plain(archived: Path, file_name: str, form: Format, work: Path, settings: Settings) -> Path:
    """Return a path to the file's plain content: inflated, and UTF-8 without a mark where text.

    The archived file itself is returned when it already is. Raises FileRejectedError for an empty,
    truncated, oversized or undecodable file.
    """
    path = archived
    if archived.stat().st_size == 0:
        raise FileRejectedError("empty_file", f"{file_name} is empty; ask its sender for it again")
    if _starts_with(path, _GZIP_MAGIC):
        path = _inflated(path, file_name, work / "inflated", settings)
    if form.type == "excel":
        _check_workbook(path, file_name)
    if form.type in {"parquet", "excel"}:
        return path
    _check_text(path, file_name)
    return _as_utf8(path, file_name, form.encoding, work / "decoded")


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic


def _inflated(path: Path, file_name: str, target: Path, settings: Settings) -> Path:
    limit = min(settings.max_file_bytes, max(_FREE_BYTES, _RATIO * path.stat().st_size))
    written = 0
    try:
        with target.open("wb") as copy:
            for chunk in _gunzip(path):
                written += len(chunk)
                if written > limit:
                    raise FileRejectedError(
                        "too_large",
                        f"{file_name} unpacks to more than {limit} bytes; split it before sending",
                    )
                copy.write(chunk)
    except (EOFError, zlib.error) as error:
        raise FileRejectedError(
            "unreadable",
            f"{file_name} is not a whole gzip file ({error}); ask its sender for it again",
        ) from error
    if not written:
        raise FileRejectedError("empty_file", f"{file_name} unpacks to nothing")
    return target


def _gunzip(path: Path) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    with path.open("rb") as stream:
        pending = stream.read(_CHUNK)
        while pending:
            yield inflater.decompress(pending, _CHUNK)
            pending = inflater.unconsumed_tail
            if inflater.eof:
                pending = inflater.unused_data or stream.read(_CHUNK)
                inflater = zlib.decompressobj(wbits=31) if pending.strip(b"\0") else inflater
                pending = pending if pending.strip(b"\0") else b""
                if not pending:
                    return
            pending = pending or stream.read(_CHUNK)
    if not inflater.eof:
        raise EOFError("it ends in the middle")


def _as_utf8(path: Path, file_name: str, encoding: str, target: Path) -> Path:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    for mark, marked in _MARKS.items():
        if head.startswith(mark):
            encoding = marked
            break
    if encoding != "utf-8":
        path = _transcoded(path, file_name, encoding, target)
    return _with_line_feeds(path, target.with_suffix(".lf"))


def _transcoded(path: Path, file_name: str, encoding: str, target: Path) -> Path:
    """Decode what can be decoded; a stray byte in marked UTF-8 stays for the record's own check."""
    if encoding == "utf-8-sig":
        with path.open("rb") as stream, target.open("wb") as copy:
            stream.seek(len(codecs.BOM_UTF8))
            while chunk := stream.read(_CHUNK):
                copy.write(chunk)
        return target
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream, target.open("wb") as copy:
            while chunk := stream.read(_CHUNK):
                copy.write(decoder.decode(chunk).encode())
            copy.write(decoder.decode(b"", final=True).encode())
    except UnicodeError as error:
        raise FileRejectedError(
            "undecodable",
            f"{file_name} is not {encoding} text ({error}); correct `encoding` in source.yml",
        ) from error
    return target


def _with_line_feeds(path: Path, target: Path) -> Path:
    """Return a copy with line feeds when the only line breaks are carriage returns."""
    has_return = False
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if b"\n" in chunk:
                return path
            has_return = has_return or b"\r" in chunk
    if not has_return:
        return path
    with path.open("rb") as stream, target.open("wb") as copy:
        while chunk := stream.read(_CHUNK):
            copy.write(chunk.replace(b"\r", b"\n"))
    return target


def _check_text(path: Path, file_name: str) -> None:
    """Raise FileRejectedError for a file that begins as something else than text does."""
    magic = next((magic for magic in _BINARIES if _starts_with(path, magic)), None)
    if magic is not None:
        is_workbook = magic == _ZIP_MAGIC and _is_workbook(path)
        what, suffix = ("an Excel workbook", ".xlsx") if is_workbook else _BINARIES[magic]
        todo = f"give it a name that ends in {suffix}" if suffix else "unpack it"
        raise FileRejectedError(
            "unreadable",
            f"{file_name} is {what}, whatever its name says; {todo} and land it again",
        )


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _check_workbook(path: Path, file_name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FileRejectedError(
            "unreadable", f"{file_name} is not an Excel workbook ({error}); save it as .xlsx again"
        ) from error
    if unpacked > 4 * _FREE_BYTES:
        raise FileRejectedError(
            "too_large",
            f"{file_name} unpacks to {unpacked} bytes; send a table this large as CSV or Parquet",
        )
