"""What units are worth, as the current published generation says."""

from decimal import Decimal

from ingestion.generations import NoGenerationError, current, open_generation
from ingestion.settings import Settings


class PublishedCosts:
    """Unit costs of the generation that is current at the moment of asking."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, sku: str) -> Decimal | None:
        """Return the cost of one each of `sku`; None when nobody has published it."""
        try:
            generation = current(self._settings)
        except NoGenerationError:
            return None
        with open_generation(generation) as connection:
            found = connection.execute(
                "select unit_cost_amount from dim_products where sku = ?", [sku]
            ).fetchone()
        return None if found is None or found[0] is None else Decimal(found[0])
