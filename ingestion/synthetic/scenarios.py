"""The operating models: four ways of doing business, each complete as data."""

from types import MappingProxyType

from ingestion.contracts.vocabulary import ChannelKind, LocationKind, SiteStep
from ingestion.synthetic.model import (
    Category,
    Channel,
    FaultRates,
    Kits,
    Lots,
    OperatingModel,
    Site,
    Trade,
    UnknownScenarioError,
)

_NO_PACKING = (SiteStep.RESERVE, SiteStep.PICK, SiteStep.PUT_AWAY)

_DTC = OperatingModel(
    scenario="dtc",
    currency="USD",
    sites=(
        Site(
            "fc_east", "Newark fulfilment centre", "America/New_York", "40.735700", "-74.172400",
            4000, 15, 0.58, 1,
        ),
        Site(
            "fc_west", "Reno fulfilment centre", "America/Los_Angeles", "39.529600", "-119.813800",
            3000, 14, 0.42, 9, _NO_PACKING,
        ),
    ),
    channels=(
        Channel("own_shop", "Own shop", ChannelKind.OWN_SHOP, 2, 48, 5, 8, 0.57, 16),
        Channel(
            "marketplace", "Marketplace", ChannelKind.MARKETPLACE, 1, 30, 12, 20, 0.31, 7,
            refunds_before_receipt=True,
        ),
        Channel("service_desk", "Service desk", ChannelKind.SERVICE_DESK, 3, 72, 3, 5, 0.12, 21),
    ),
    categories=(
        Category("Kitchen", "KIT", 0.07, 12, 0.35, ("Pan", "Kettle", "Knife", "Bowl", "Grater")),
        Category("Outdoor", "OUT", 0.09, 6, 0.60, ("Lantern", "Tent Peg", "Flask", "Hammock")),
        Category("Apparel", "APP", 0.22, 10, 0.30, ("Jacket", "Tee", "Socks", "Cap", "Scarf")),
        Category("Electronics", "ELE", 0.11, 11, 0.55, ("Charger", "Speaker", "Cable", "Lamp")),
        Category("Toys", "TOY", 0.05, 12, 0.80, ("Puzzle", "Blocks", "Kite", "Game", "Robot")),
        Category("Office", "OFF", 0.05, 9, 0.30, ("Notebook", "Pen Set", "Desk Mat", "Folder")),
    ),
)  # fmt: skip

_MARKETPLACE = OperatingModel(
    scenario="marketplace",
    currency="USD",
    sites=(
        Site(
            "fc_own", "Columbus fulfilment centre", "America/New_York", "39.961200", "-82.998800",
            3000, 15, 0.62, 4,
        ),
        Site(
            "3pl_south", "Dallas 3PL", "America/Chicago", "32.776700", "-96.797000",
            2000, 14, 0.38, 7, _NO_PACKING, LocationKind.THIRD_PARTY, system="threepl",
        ),
        Site(
            "mp_fc", "Marketplace fulfilment centre", "America/Los_Angeles", "34.055600",
            "-117.182500", 2500, 13, 0.0, 9, _NO_PACKING, LocationKind.MARKETPLACE_FC,
            system="marketplace_fc",
        ),
    ),
    channels=(
        Channel(
            "prime_market", "Prime marketplace", ChannelKind.MARKETPLACE, 1, 26, 25, 40, 0.36, 4,
            refunds_before_receipt=True, fulfilled_by="mp_fc",
        ),
        Channel(
            "deal_market", "Deal marketplace", ChannelKind.MARKETPLACE, 2, 36, 15, 30, 0.27, 5,
            refunds_before_receipt=True,
        ),
        Channel("craft_market", "Craft market", ChannelKind.MARKETPLACE, 3, 60, 8, 15, 0.19, 8),
        Channel("social_shop", "Social shop", ChannelKind.SOCIAL, 4, 60, 4, 10, 0.07, 10),
        Channel("own_shop", "Own shop", ChannelKind.OWN_SHOP, 5, 48, 5, 8, 0.11, 14),
    ),
    categories=(
        Category("Beauty", "BEA", 0.06, 11, 0.40, ("Serum", "Soap", "Brush", "Balm", "Mask")),
        Category("Pets", "PET", 0.05, 12, 0.25, ("Leash", "Bowl", "Bed", "Toy", "Comb")),
        Category("Garden", "GAR", 0.07, 5, 0.65, ("Hose", "Shears", "Planter", "Gloves")),
        Category("Phones", "PHO", 0.13, 11, 0.55, ("Case", "Stand", "Cable", "Holder")),
        Category("Shoes", "SHO", 0.24, 9, 0.30, ("Sneaker", "Boot", "Sandal", "Loafer")),
    ),
    line_factor=0.85,
    safety_factor=-0.4,
    cover_days=14,
    spare_staff=0.8,
)  # fmt: skip

_HYBRID = OperatingModel(
    scenario="hybrid",
    currency="EUR",
    sites=(
        Site(
            "dc_central", "Kassel distribution centre", "Europe/Berlin", "51.312700", "9.479700",
            4000, 15, 0.70, 3, country="DE",
        ),
        Site(
            "dc_retail", "Utrecht retail warehouse", "Europe/Amsterdam", "52.090700", "5.121400",
            1500, 14, 0.30, 8, _NO_PACKING, country="NL",
        ),
    ),
    channels=(
        Channel(
            "wholesale", "Wholesale by EDI", ChannelKind.WHOLESALE, 1, 72, 40, 60, 0.30, 21,
            trade=Trade(60, "TRADE"),
        ),
        Channel(
            "key_accounts", "Key accounts", ChannelKind.WHOLESALE, 2, 96, 60, 90, 0.08, 25,
            trade=Trade(12, "KEY", price_percent=72, own_price_every=2, whole_order_rate=0.5),
        ),
        Channel("own_shop", "Own shop", ChannelKind.OWN_SHOP, 3, 48, 5, 8, 0.47, 16),
        Channel("service_desk", "Service desk", ChannelKind.SERVICE_DESK, 4, 72, 3, 5, 0.15, 21),
    ),
    categories=(
        Category("Tools", "TOO", 0.06, 4, 0.30, ("Hammer", "Wrench", "Drill Bit", "Saw", "Level")),
        Category("Fixings", "FIX", 0.03, 5, 0.20, ("Screws", "Plugs", "Brackets", "Hooks")),
        Category("Lighting", "LIG", 0.08, 11, 0.45, ("Bulb", "Spot", "Lamp", "Strip")),
        Category("Safety", "SAF", 0.05, 10, 0.25, ("Gloves", "Goggles", "Vest", "Helmet")),
        Category("Storage", "STO", 0.06, 1, 0.30, ("Bin", "Shelf", "Crate", "Rack")),
    ),
    line_factor=0.75,
    kits=Kits(),
    faults=FaultRates(fractional_rows=4),
)  # fmt: skip

_REGULATED = OperatingModel(
    scenario="regulated",
    currency="USD",
    sites=(
        Site(
            "dc_midwest", "Memphis cold store", "America/Chicago", "35.149500", "-90.049000",
            3500, 15, 0.60, 3,
        ),
        Site(
            "dc_east", "Harrisburg cold store", "America/New_York", "40.273200", "-76.886700",
            2500, 14, 0.40, 1, _NO_PACKING,
        ),
    ),
    channels=(
        Channel("pharmacies", "Pharmacies", ChannelKind.WHOLESALE, 1, 30, 20, 35, 0.45, 12),
        Channel("own_shop", "Own shop", ChannelKind.OWN_SHOP, 3, 48, 5, 8, 0.40, 14),
        Channel("care_desk", "Care desk", ChannelKind.SERVICE_DESK, 2, 24, 10, 20, 0.15, 10),
    ),
    categories=(
        Category("Vitamins", "VIT", 0.03, 1, 0.35, ("Vitamin C", "Vitamin D", "Zinc", "Iron")),
        Category("Formula", "FOR", 0.02, 6, 0.10, ("Stage 1", "Stage 2", "Stage 3", "Comfort")),
        Category("Dermatics", "DER", 0.04, 7, 0.40, ("Cream", "Lotion", "Gel", "Ointment")),
        Category("Test kits", "TES", 0.02, 12, 0.50, ("Glucose", "Allergy", "Flu", "Iron Test")),
        Category("Dressings", "DRE", 0.03, 8, 0.15, ("Gauze", "Plaster", "Bandage", "Pad")),
    ),
    line_factor=0.85,
    lots=Lots(),
)  # fmt: skip

OPERATING_MODELS = MappingProxyType(
    {model.scenario: model for model in (_DTC, _MARKETPLACE, _HYBRID, _REGULATED)}
)


def operating_model(scenario: str | OperatingModel) -> OperatingModel:
    """Return the model called `scenario`, or the caller's own; raises UnknownScenarioError."""
    if isinstance(scenario, OperatingModel):
        return scenario
    try:
        return OPERATING_MODELS[scenario]
    except KeyError:
        raise UnknownScenarioError(
            f"There is no operating model {scenario!r} to generate. "
            f"Choose one of: {', '.join(OPERATING_MODELS)}."
        ) from None
