"""The contract as SQL: one SELECT that cleans, casts and judges every mapped row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ingestion.contracts.feeds import CODES, LINEAGE, WIDEST_SKEW, Column, Feed, Kind
from ingestion.contracts.vocabulary import ON_HAND
from ingestion.contracts.zones import known_zones
from ingestion.landing.sql import identifier, literal

SYSTEM_COLUMNS = tuple(
    replace(column, required=False)
    for column in LINEAGE
    if column.name in {"source_system", "source_event_key", "recorded_at"}
)
_WHOLES = {Kind.QUANTITY, Kind.INTEGER}
_DECIMALS = {Kind.MONEY, Kind.DECIMAL}
_EARLIEST, _LATEST = "1990-01-01", "2101-01-01"
_INVISIBLE = r"[\x{00AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]"
_BLANK = literal(" \t\r\n\u00a0")
_WHOLE = r"[+-]?[0-9]+([.]0*)?"
_DECIMAL = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
_DATE_LIKE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
_TIME = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
_USUAL_TIME = "____-__-__T__:__:__Z"
_USUAL_LOCAL_TIME = "____-__-__ __:__:__"
_OFFSET = r" ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
_CLOCK_TIME = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_COUNTRY = "[A-Z]{2}"
_MIDNIGHT = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]00:00(:00([.]0+)?)?)?"
_TRUE = "('true', 't', 'yes', 'y', '1')"
_FALSE = "('false', 'f', 'no', 'n', '0')"


_INSIDE = ", ".join(literal(state) for state in sorted(ON_HAND))


@dataclass(frozen=True)
class RowRule:
    """What the columns of a row must not say together; `broken` is a condition on typed columns."""

    name: str
    broken: str
    reason: str


_ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    "adjustments": (
        RowRule("nothing_moved", "quantity = 0", "quantity is 0, so nothing moved; leave it out"),
        RowRule(
            "negative_inside",
            f"quantity < 0 and from_state in ({_INSIDE}) and to_state in ({_INSIDE})",
            "quantity is below 0 though from_state and to_state are both inside the building; send "
            "it positive, with the states in the order in which the units went",
        ),
    ),
    "transfers": (
        RowRule(
            "same_location",
            "from_location_id = to_location_id",
            "from_location_id and to_location_id are the same, so nothing moved; name both ends",
        ),
    ),
    "orders": (
        RowRule(
            "cancelled_before_placed",
            # a system may give the day alone
            "cast(cancelled_at as date) < cast(placed_at as date)",
            "cancelled_at lies before placed_at; correct the one that is wrong",
        ),
    ),
}


@dataclass(frozen=True)
class Stamp:
    """What landing itself knows about every row of a batch."""

    batch_id: str
    system: str
    timezone: str
    registered_at: datetime
    ingested_at: datetime
    has_decimal_comma: bool = False

    @property
    def latest(self) -> datetime:
        """The latest instant that can have happened, on whatever clock, when the file came."""
        return self.registered_at + WIDEST_SKEW


@dataclass(frozen=True)
class Check:
    """The contract of one feed, put to the columns that a mapping gives."""

    feed: Feed
    present: tuple[str, ...]
    stamp: Stamp

    @property
    def added(self) -> tuple[str, ...]:
        """Columns that the contract does not know."""
        known = {column.name for column in (*self.feed.columns, *LINEAGE)}
        return tuple(name for name in self.present if name.lower() not in known)

    @property
    def named(self) -> frozenset[str]:
        """The columns that the mapping gives, as the contract spells them."""
        return frozenset(name.lower() for name in self.present)

    @property
    def absent(self) -> tuple[str, ...]:
        """Columns that the feed cannot do without and the mapping does not give."""
        return tuple(name for name in ("row_number", *self.feed.required) if name not in self.named)

    def rows_sql(self, mapped: str) -> str:
        """Return the SELECT of the feed's typed rows: contract, lineage, and `rule`.

        `rule` is the first one a row breaks, null for a good row. The hash leaves out a
        recorded_at that is only the file's registration: the same statement in a later file hashes
        the same.
        """
        stamp = self.stamp
        return f"""
            with cleaned as ({self._cleaned_sql(mapped)}),
            typed as ({self._typed_sql()}),
            judged as (select *, {self._rule_sql()} as rule from typed),
            identified as (select * replace (
                coalesce(source_system, {literal(stamp.system)}) as source_system,
                coalesce(source_event_key, {_key(self.feed)}) as source_event_key,
                coalesce(recorded_at, {self.feed.time_column or "null"}) as recorded_at
            ) from judged)
            select
                {", ".join(identifier(name) for name in self.feed.column_names)},
                source_system, source_event_key,
                coalesce(identified.recorded_at, {_timestamp(stamp.registered_at)}) as recorded_at,
                {literal(stamp.batch_id)} as batch_id,
                row_number,
                {_timestamp(stamp.ingested_at)} as ingested_at,
                {_hash(self._columns)} as record_hash,
                rule
            from identified"""

    def faults_sql(self, mapped: str) -> str:
        """Return the SELECT of rows that break a rule: row_number, rule and a person's reason."""
        reasons = ", ".join(
            [_reason(column, self.feed, self.stamp) for column in self._columns]
            + [
                f"case when {rule.broken} then {literal(rule.reason)} end"
                for rule in self._row_rules
            ]
        )
        return f"""
            with cleaned as ({self._cleaned_sql(mapped)}),
            typed as ({self._typed_sql()}),
            judged as (select *, {self._rule_sql()} as rule from typed)
            select row_number, rule, concat_ws('; ', {reasons}){_of_which(self.feed)} as reason
            from judged where rule is not null"""

    @property
    def _columns(self) -> tuple[Column, ...]:
        wanted = (*self.feed.columns, *SYSTEM_COLUMNS)
        return tuple(column for column in wanted if column.name in self.named)

    def _cleaned_sql(self, mapped: str) -> str:
        fields = ", ".join(f"{_cleaned(c, self.stamp)} as {_text(c)}" for c in self._columns)
        return f"select cast(row_number as bigint) as row_number, {fields} from {mapped}"

    def _typed_sql(self) -> str:
        typed = [f"{_typed(c, self.stamp)} as {identifier(c.name)}" for c in self._columns]
        typed += [
            f"cast(null as {column.sql_type}) as {identifier(column.name)}"
            for column in (*self.feed.columns, *SYSTEM_COLUMNS)
            if column not in self._columns
        ]
        return f"select *, {', '.join(typed)} from cleaned"

    def _rule_sql(self) -> str:
        rules = [_rule(column, self.stamp) for column in self._columns]
        rules += [f"case when {rule.broken} then '{rule.name}' end" for rule in self._row_rules]
        return f"coalesce({', '.join(rules)}, null)"

    @property
    def _row_rules(self) -> tuple[RowRule, ...]:
        return _ROW_RULES.get(self.feed.name, ())


def _text(column: Column) -> str:
    return identifier(f"text of {column.name}")


def _cleaned(column: Column, stamp: Stamp) -> str:
    """Trim, and normalise codes; plain text without a blank is the common case and the fast one."""
    raw = f"cast({identifier(column.name)} as varchar)"
    trimmed = f"trim({raw}, {_BLANK})"
    if column.kind in CODES:
        visible = f"regexp_replace({raw}, {literal(_INVISIBLE)}, '', 'g')"
        trimmed = f"nfc_normalize(trim({visible}, {_BLANK}))"
    cleaned = f"case when regexp_matches({raw}, '^[!-~]+$') then {raw} else {trimmed} end"
    if column.name == "sku" or column.name.endswith("_sku") or column.kind is Kind.COUNTRY:
        cleaned = f"upper({cleaned})"
    if stamp.has_decimal_comma and column.kind in _WHOLES | _DECIMALS:
        cleaned = (
            f"case when contains({raw}, '.') then {raw} || ' (with a point)' "
            f"else replace({cleaned}, ',', '.') end"
        )
    return f"nullif({cleaned}, '')"


def _typed(column: Column, stamp: Stamp) -> str:
    text = _text(column)
    if column.kind is Kind.TIMESTAMP:
        return _instant(text, stamp.timezone)
    if column.kind in _WHOLES:
        return (
            f"case when cast(try_cast({text} as bigint) as varchar) = {text} "
            f"then try_cast({text} as bigint) "
            f"when regexp_full_match({text}, '{_WHOLE}') "
            f"then try_cast(split_part({text}, '.', 1) as bigint) end"
        )
    if column.kind in _DECIMALS:
        spelling = f"regexp_full_match({text}, '{_precise(column)}')"
        return f"case when {spelling} then try_cast({text} as {column.sql_type}) end"
    if column.kind is Kind.BOOLEAN:
        lowered = f"lower({text})"
        return f"case when {lowered} in {_TRUE} then true when {lowered} in {_FALSE} then false end"
    if column.kind is Kind.DATE:
        spelling = f"regexp_full_match({text}, '{_MIDNIGHT}')"
        return f"case when {spelling} then try_cast({text} as date) end"
    spelling = _spelling(column, text)
    return f"case when {spelling} then {text} end" if spelling else text


def _spelling(column: Column, text: str) -> str:
    """Return the condition under which a text is a value of its kind; empty when any is."""
    match column.kind:
        case Kind.JSON:
            return f"json_valid({text})"
        case Kind.TIMEZONE:
            return f"{text} in ({', '.join(map(literal, known_zones()))})"
        case Kind.COUNTRY:
            return f"regexp_full_match({text}, '{_COUNTRY}')"
        case Kind.CLOCK_TIME:
            return f"regexp_full_match({text}, '{_CLOCK_TIME}')"
        case _:
            return ""


def _precise(column: Column) -> str:
    places = 4 if column.kind is Kind.MONEY else 6
    return rf"[+-]?([0-9]+([.][0-9]{{0,{places}}}0*)?|[.][0-9]{{1,{places}}}0*)"


def _instant(text: str, timezone: str) -> str:
    """DuckDB's cast to timestamp drops an offset without a word, so each spelling has its own."""
    local = f"try_cast({text} as timestamp)"
    if timezone != "UTC":
        local = f"make_timestamp(epoch_us(timezone({literal(timezone)}, {local})))"
    return (
        f"case when {text} like '{_USUAL_TIME}' then try_cast({text} as timestamp) "
        f"when {text} like '{_USUAL_LOCAL_TIME}' or regexp_full_match({text}, '{_TIME}') "
        f"then {local} "
        f"when regexp_full_match({text}, '{_TIME}{_OFFSET}') "
        f"then make_timestamp(epoch_us(try_cast({text} as timestamptz))) end"
    )


def _rule(column: Column, stamp: Stamp) -> str:
    text, typed = _text(column), identifier(column.name)
    whens = [
        f"when {text} is null then {literal('required_missing') if column.required else 'null'}"
    ]
    whens += [f"when {typed} is null then {_misread(column, text)}"]
    if column.maximum is not None:
        bounds = f"-{column.maximum} and {column.maximum}"
        whens.append(f"when {typed} not between {bounds} then 'out_of_range'")
    if column.minimum is not None:
        whens.append(f"when {typed} < {column.minimum} then 'below_minimum'")
    if column.choices:
        choices = ", ".join(literal(choice) for choice in column.choices)
        whens.append(f"when {typed} not in ({choices}) then 'not_a_choice'")
    if column.has_happened:
        whens.append(f"when {_is_ahead(column, stamp)} then 'not_yet_happened'")
    if column.kind in {Kind.TIMESTAMP, Kind.DATE}:
        whens.append(
            f"when {typed} < date '{_EARLIEST}' or {typed} >= date '{_LATEST}' "
            "then 'implausible_date'"
        )
    return f"case {' '.join(whens)} end"


def _is_ahead(column: Column, stamp: Stamp) -> str:
    return f"{identifier(column.name)} > {_timestamp(stamp.latest)}"


def _misread(column: Column, text: str) -> str:
    match column.kind:
        case Kind.QUANTITY | Kind.INTEGER:
            return (
                f"case when regexp_full_match({text}, '{_WHOLE}') then 'out_of_range' "
                f"when regexp_full_match({text}, '{_DECIMAL}') then 'not_whole' "
                "else 'not_a_number' end"
            )
        case Kind.MONEY | Kind.DECIMAL:
            return (
                f"case when regexp_full_match({text}, '{_precise(column)}') then 'out_of_range' "
                f"when regexp_full_match({text}, '{_DECIMAL}') then 'too_precise' "
                "else 'not_a_number' end"
            )
        case Kind.BOOLEAN:
            return "'not_boolean'"
        case Kind.TIMESTAMP | Kind.DATE:
            return (
                f"case when regexp_full_match({text}, '{_DATE_LIKE}') then 'impossible_date' "
                f"else 'not_a_{column.kind}' end"
            )
        case Kind.JSON:
            return "'not_json'"
        case _:
            return f"'not_a_{column.kind}'"


def _reason(column: Column, feed: Feed, stamp: Stamp) -> str:
    text, name = _text(column), column.name
    missing = literal(f"{name} is empty; every row of {feed.name} needs it")
    is_what, must_be = literal(f"{name} is '"), literal(f"'; it must be {_wanted(column)}")
    wrong = f"{is_what} || left({text}, 80) || {must_be}"
    whens = [
        f"when {_rule(column, stamp)} is null then null",
        f"when {text} is null then {missing}",
    ]
    if column.has_happened:
        ahead = literal(
            f"', which lies after its file came ({stamp.registered_at:%Y-%m-%d %H:%M} UTC); "
            f"correct the clock or the time zone of {stamp.system} and send the row again"
        )
        seen = f"{is_what} || left({text}, 80) || {ahead}"
        whens.append(f"when {_is_ahead(column, stamp)} then {seen}")
    return f"case {' '.join(whens)} else {wrong} end"


def _of_which(feed: Feed) -> str:
    """Return what names the thing a revisable row is about, where one code does."""
    if len(feed.key) != 1 or not feed.revisable:
        return ""
    (name,) = feed.key
    return f" || coalesce({literal(f' ({name} ')} || {identifier(name)} || ')', '')"


def _wanted(column: Column) -> str:
    bound = _bound(column)
    wanted = {
        Kind.QUANTITY: f"a whole number{bound}",
        Kind.INTEGER: f"a whole number{bound}",
        Kind.MONEY: f"a number{bound} with at most 4 decimals",
        Kind.DECIMAL: f"a number{bound} with at most 6 decimals",
        Kind.BOOLEAN: "true or false",
        Kind.TIMESTAMP: "a time that exists, like 2025-03-01T09:30:00Z, from 1990 to 2100",
        Kind.DATE: "a date that exists, like 2025-03-01, from 1990 to 2100",
        Kind.JSON: "JSON",
        Kind.TIMEZONE: "an IANA time zone, spelled like Europe/Berlin or UTC",
        Kind.COUNTRY: "an ISO 3166-1 alpha-2 code, like DE",
        Kind.CLOCK_TIME: "a time of day as HH:MM or HH:MM:SS, like 14:00",
    }
    return wanted.get(column.kind) or "one of " + ", ".join(column.choices)


def _bound(column: Column) -> str:
    if column.maximum is None:
        return "" if column.minimum is None else f" of at least {column.minimum}"
    least = -column.maximum if column.minimum is None else column.minimum
    return f" from {least:,} to {column.maximum:,}"


def _key(feed: Feed) -> str:
    parts = ", ".join(f"coalesce(cast({identifier(name)} as varchar), '')" for name in feed.key)
    return f"concat_ws('|', {parts})"


def _timestamp(instant: datetime) -> str:
    return f"timestamp {literal(instant.isoformat(sep=' '))}"


def _hash(columns: Iterable[Column]) -> str:
    """Hash named values only, so that a column added to the contract changes no hash."""
    names = dict.fromkeys([c.name for c in columns] + [c.name for c in SYSTEM_COLUMNS])
    parts = ", ".join(f"{literal(name + '=')} || {identifier(name)}" for name in names)
    return f"md5(concat_ws(chr(31), {parts}))"
