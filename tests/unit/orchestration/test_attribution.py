"""How planted causes are held against those that were found."""

from collections import Counter

from dagster_project.lib.attribution import Score, pooled

ONE = Score(
    planted=Counter(missing_receipt=10, sync_delay=4),
    found=Counter(missing_receipt=9, sync_delay=3, cut_off=2),
    hit=Counter(missing_receipt=8, sync_delay=3),
    confused=Counter({("missing_receipt", "cut_off"): 1}),
    claims=5,
)


def test_the_matrix_holds_every_planted_unit_against_what_was_found_instead():
    matrix = ONE.matrix()
    assert matrix["missing_receipt"] == {
        "cut_off": 1, "missing_receipt": 8, "sync_delay": 0, "not found": 1,
    }  # fmt: skip
    assert matrix["sync_delay"]["not found"] == 1
    assert matrix["not planted"] == {
        "cut_off": 1, "missing_receipt": 1, "sync_delay": 0, "not found": 0,
    }  # fmt: skip


def test_scores_of_operating_models_are_pooled_in_units():
    whole = pooled([ONE, ONE])
    assert whole.by_cause()["missing_receipt"] == {"precision": 0.8889, "recall": 0.8, "units": 20}
    assert whole.claims == 10
    assert ONE.claims == 5
