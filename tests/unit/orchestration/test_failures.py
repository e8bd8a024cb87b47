import dagster as dg
import pytest

from dagster_project.lib.failures import cause_of, is_blocked, is_interrupted, is_overtaken
from dagster_project.lib.release import RebuiltError
from ingestion.warehouse import AnotherRunError


@dg.op
def breaks():
    raise OSError("no space left in the home")


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
def breaks_twice():
    raise OSError("no space left in the home")


def failure_of(op) -> dg.DagsterEvent:
    job = dg.GraphDefinition(name="job", node_defs=[op]).to_job()
    with dg.DagsterInstance.ephemeral() as instance:
        finished = job.execute_in_process(instance=instance, raise_on_error=False)
    return finished.get_step_failure_events()[0]


def told_of(op) -> str:
    return cause_of(failure_of(op))


def test_a_broken_step_says_what_broke_not_what_dagster_calls_it():
    assert told_of(breaks) == "breaks: no space left in the home"


def test_a_step_that_was_tried_again_still_says_what_broke():
    assert told_of(breaks_twice) == "breaks_twice: no space left in the home"


@pytest.mark.parametrize("error", [AnotherRunError, RebuiltError])
def test_a_step_that_gave_way_to_another_run_is_overtaken(error):
    @dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
    def gives_way():
        raise error("the other one publishes")

    assert is_overtaken(failure_of(gives_way))


def test_a_broken_step_is_not_overtaken():
    assert not is_overtaken(failure_of(breaks))


def test_a_step_that_a_person_ends_is_interrupted():
    @dg.op
    def is_ended():
        raise dg.DagsterExecutionInterruptedError

    assert is_interrupted(failure_of(is_ended))
    assert not is_interrupted(failure_of(breaks))


def test_a_blocking_check_is_told_apart_from_a_judge_that_broke():
    @dg.asset
    def judged():
        pass

    def refuses():
        return dg.AssetCheckResult(passed=False)

    failures = []
    for answer in (refuses, breaks.compute_fn.decorated_fn):
        check = dg.asset_check(asset=judged, blocking=True, name="sound")(answer)
        with dg.DagsterInstance.ephemeral() as instance:
            job = dg.Definitions(assets=[judged], asset_checks=[check])
            finished = job.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=instance, raise_on_error=False
            )
        failures += finished.get_step_failure_events()
    assert [is_blocked(event) for event in failures] == [True, False]
