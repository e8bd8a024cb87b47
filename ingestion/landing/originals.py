"""Records as they stood in their file, long after it landed."""

from collections.abc import Collection

from ingestion.landing.batches import Manifest, staged_batch
from ingestion.landing.files import archive_path
from ingestion.landing.mapping import SOURCE, Workbench
from ingestion.landing.reading import scratch_database
from ingestion.landing.rejections import FileRejectedError
from ingestion.landing.sources import Source
from ingestion.settings import Settings


def original_records(
    settings: Settings, source: Source, manifest: Manifest, numbers: Collection[int]
) -> dict[int, str]:
    """Return the text of these records of an archived file, by row number.

    Nothing where the source does not read such a file any more.
    """
    rules = source.rules_for(manifest.file_name)
    archived = archive_path(settings, manifest.content_hash)
    if not rules or not numbers or not archived.is_file():
        return {}
    with staged_batch(settings) as (batch, work):
        connection = scratch_database(settings, work, batch)
        bench = Workbench(connection, settings, work, batch)
        with connection:
            form = source.format_for(rules[0])
            try:
                parsed = bench.parse(archived, manifest.file_name, form, SOURCE)
            except FileRejectedError:
                return {}
            return parsed.original(sorted(numbers))
