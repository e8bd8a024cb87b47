import dagster as dg

from dagster_project.lib.failures import cause_of


@dg.op
def breaks():
    raise OSError("no space left in the home")


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
def breaks_twice():
    raise OSError("no space left in the home")


def told_of(op) -> str:
    job = dg.GraphDefinition(name="job", node_defs=[op]).to_job()
    with dg.DagsterInstance.ephemeral() as instance:
        finished = job.execute_in_process(instance=instance, raise_on_error=False)
    return cause_of(finished.get_step_failure_events()[0])


def test_a_broken_step_says_what_broke_not_what_dagster_calls_it():
    assert told_of(breaks) == "breaks: no space left in the home"


def test_a_step_that_was_tried_again_still_says_what_broke():
    assert told_of(breaks_twice) == "breaks_twice: no space left in the home"
