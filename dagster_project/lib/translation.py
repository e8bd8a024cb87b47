"""How dbt's nodes appear in Dagster: keys mirror the warehouse, groups the folders."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings


class WarehouseTranslator(DagsterDbtTranslator):
    """Keys are schema/name, groups are layers, owners come from dbt's groups."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_asset_checks=True, enable_dbt_selection_by_name=True
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return schema/name, as in the warehouse."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer, or `vocabulary` for a seed."""
        if dbt_resource_props["resource_type"] == "seed":
            return "vocabulary"
        return dbt_resource_props["fqn"][1]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Return the team that answers for the layer."""
        group = dbt_resource_props.get("group") or "landing"
        return [f"team:{group}"]
