"""A kit is explained by its components: what they make, which limits, what lies put together."""

import pytest

from app.queries import promise
from dagster_project.lib.explanation import KitExplanation, explain


@pytest.fixture
def kits(publish_rows, places):
    network = {"kit_sku": "KIT22", "location_id": "*", "channel_id": "shop"}
    part = network | {"component_quantity": 1}
    return publish_rows(
        dim_products=[{"sku": "KIT22", "title": "Set"}, {"sku": "TEE-1", "title": "Tee"}],
        fct_kit_availability=[
            network
            | {
                "limiting_sku": "TEE-2",
                "shared_sku": "TEE-1",
                "own_free_quantity": 2,
                "own_demand_quantity": 4,
                "own_atp_quantity": -2,
                "individual_quantity": 3,
                "available_quantity": 1,
                "joint_quantity": 4,
                "joint_limit_quantity": 5,
            }
        ],
        fct_kit_components=[
            part | {"component_sku": "TEE-1", "signed_atp_quantity": 9, "kit_quantity": 9},
            part | {"component_sku": "TEE-2", "signed_atp_quantity": 3, "kit_quantity": 3},
        ],
        fct_order_lines=[
            {"order_id": "o1", "line_id": "1", "sku": "KIT22", "open_quantity": 4},
            {"order_id": "o2", "line_id": "1", "sku": "KIT22", "open_quantity": -1},
        ],
        **places,
    )


@pytest.mark.usefixtures("kits")
def test_a_kit_is_explained_by_its_scarcest_component_first(settings):
    found = explain(settings, "kit22")

    assert isinstance(found, KitExplanation)
    assert (found.available_quantity, found.own_atp_quantity, found.own) == (1, -2, None)
    assert [part["component_sku"] for part in found.components] == ["TEE-2", "TEE-1"]


def test_a_kits_page_knows_what_is_waited_for_and_what_its_components_make(kits):
    (figures,) = promise.kit(kits, "KIT22").to_dicts()

    assert (figures["location"], figures["available_quantity"]) == ("All locations", 1)
    assert promise.kit_components(kits, "KIT22")["sku"].to_list() == ["TEE-2", "TEE-1"]
    assert promise.kit_demand(kits, "KIT22") == 4


def test_what_is_no_kit_has_no_figures_of_one(kits):
    assert promise.kit(kits, "TEE-1").is_empty()
