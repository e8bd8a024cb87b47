"""Sources: the folders that say how a system's files become feeds.

A source is a folder with a `source.yml` and one SELECT per mapping. The built-in ones lie in
`ingestion/sources/`, the user's in the home; a user's source replaces a built-in one of the same
system.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from ingestion.contracts.feeds import FEEDS
from ingestion.contracts.zones import known_zones
from ingestion.settings import Settings

DEFINITION = "source.yml"
REFERENCE = "reference"
NATIVE = "native"
BUILT_IN = Path(__file__).resolve().parent.parent / "sources"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
SystemId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class SourceError(ValueError):
    """A source folder cannot be used as it is written."""


class UnknownSourceError(LookupError):
    """A system was named that no source folder describes."""


class Format(BaseModel):
    """How the bytes of a file become records; what is not given follows from the file's suffix.

    `columns` names the fields of a file without a header; for a file with one they are columns it
    cannot do without. `null_text` lists spellings of nothing, besides the empty one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["csv", "ndjson", "json", "parquet", "excel"] | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'
    header: bool = True
    columns: tuple[str, ...] = ()
    encoding: Literal["utf-8", "utf-16", "latin-1", "cp1252"] = "utf-8"
    decimal_comma: bool = False
    null_text: tuple[str, ...] = ()
    sheet: str | None = None


class FeedRule(BaseModel):
    """Which files feed one feed, through which SELECT, with which lookup files beside them."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    feed: str
    files: tuple[str, ...] = Field(min_length=1)
    mapping: Name | None = None
    format: Format | None = None
    lookups: dict[Name, str] = Field(default_factory=dict[str, str], alias="with")
    filters: bool = False

    @field_validator("feed")
    @classmethod
    def _a_known_feed(cls, feed: str) -> str:
        if feed != REFERENCE and feed not in FEEDS:
            raise ValueError(f"unknown feed {feed!r}; choose {REFERENCE} or one of {list(FEEDS)}")
        return feed

    @field_validator("files", "lookups")
    @classmethod
    def _names_only(cls, patterns: tuple[str, ...] | dict[str, str]) -> object:
        names = patterns.values() if isinstance(patterns, dict) else patterns
        for name in names:
            if "/" in name or "\\" in name:
                raise ValueError(f"{name!r} must match a file name, without a folder")
        return patterns

    def claims(self, file_name: str) -> bool:
        """Whether a file of this name feeds this feed."""
        return any(matches(file_name, pattern) for pattern in self.files)

    @property
    def mapping_name(self) -> str:
        """The stem of the SQL file."""
        return self.mapping or self.feed


class Definition(BaseModel):
    """What source.yml says; `uses` takes over the feeds of another source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: SystemId
    owner: str = Field(min_length=1)
    timezone: str = "UTC"
    rank: int = Field(100, ge=0)
    cadence_minutes: int = Field(1440, ge=1)
    fallback: str = "keep the last good state"
    format: Format = Format()
    uses: SystemId | None = None
    ignores: tuple[str, ...] = ()
    feeds: tuple[FeedRule, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _a_known_zone(cls, timezone: str) -> str:
        if timezone not in known_zones():
            raise ValueError(
                f"unknown time zone {timezone!r}; use an IANA name like Europe/Berlin or UTC"
            )
        return timezone


@dataclass(frozen=True)
class Source:
    """One usable source: its definition, where it came from, and the text of its mappings.

    `has_folder` is false for a system that only borrows another's.
    """

    definition: Definition
    directory: Path
    is_builtin: bool
    mappings: dict[str, str]
    has_folder: bool = True

    @property
    def system(self) -> str:
        """The system id its rows carry unless they name another."""
        return self.definition.system

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds it delivers, in the order of source.yml, lookups left out."""
        rules = self.definition.feeds
        return tuple(dict.fromkeys(rule.feed for rule in rules if rule.feed != REFERENCE))

    def rules_for(self, file_name: str) -> tuple[FeedRule, ...]:
        """Return the rules that claim a file of this name."""
        return tuple(rule for rule in self.definition.feeds if rule.claims(file_name))

    def ignores(self, file_name: str) -> bool:
        """Whether files of this name are no deliveries, like a licence beside an export."""
        return any(matches(file_name, pattern) for pattern in self.definition.ignores)

    def format_for(self, rule: FeedRule) -> Format:
        """Return the rule's format, or the source's own where the rule has none."""
        return rule.format or self.definition.format

    def under_another_name(self, system: str) -> Self:
        """Return the same source for a system that has no folder of its own."""
        return type(self)(
            self.definition.model_copy(update={"system": system}),
            self.directory,
            self.is_builtin,
            self.mappings,
            has_folder=False,
        )


def matches(file_name: str, pattern: str) -> bool:
    """Whether a file name matches a pattern, upper and lower case alike."""
    return fnmatchcase(file_name.lower(), pattern.lower())


def load_sources(settings: Settings) -> dict[str, Source]:
    """Return every source by system id, the user's own before the built-in ones.

    Raises SourceError, naming the file and the field, for a folder that cannot be used.
    """
    sources: dict[str, Source] = {}
    for root, is_builtin in ((BUILT_IN, True), (settings.user_sources, False)):
        for definition in sorted(root.glob(f"*/{DEFINITION}")):
            source = read_source(definition.parent, is_builtin=is_builtin)
            sources[source.system] = source
    return {system: _resolved(source, sources) for system, source in sources.items()}


def read_source(directory: Path, *, is_builtin: bool = False) -> Source:
    """Return the source in one folder; raises SourceError when it cannot be used."""
    path = directory / DEFINITION
    definition = _definition(path)
    rules = definition.feeds
    wanted = sorted({rule.mapping_name for rule in rules if rule.feed != REFERENCE})
    missing = [name for name in wanted if not (directory / f"{name}.sql").is_file()]
    if missing:
        raise SourceError(
            f"{path} lists mappings without an SQL file: {', '.join(missing)}. "
            f"Add {directory / (missing[0] + '.sql')} with one SELECT over `source`."
        )
    if not rules and definition.uses is None:
        raise SourceError(f"{path} lists no feeds. Add `feeds:`, or `uses: {NATIVE}`.")
    mappings = {name: (directory / f"{name}.sql").read_text("utf-8") for name in wanted}
    return Source(definition, directory, is_builtin, mappings)


def _definition(path: Path) -> Definition:
    try:
        fields = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist. A source folder needs one.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not YAML: {error}. Correct it and try again.") from error
    try:
        return Definition.model_validate(fields)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(step) for step in fault['loc']) or 'the file'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SourceError(f"{path} cannot be used: {places}. Correct it and try again.") from error


def _resolved(source: Source, sources: dict[str, Source]) -> Source:
    uses = source.definition.uses
    if uses is None:
        return source
    if uses not in sources or sources[uses].definition.uses is not None:
        raise SourceError(
            f"{source.directory / DEFINITION} uses {uses!r}, which is no source with feeds of its "
            f"own. Choose one of: {', '.join(sorted(sources))}."
        )
    base = sources[uses]
    feeds = source.definition.feeds + base.definition.feeds
    definition = source.definition.model_copy(update={"feeds": feeds})
    return Source(definition, source.directory, source.is_builtin, base.mappings | source.mappings)
