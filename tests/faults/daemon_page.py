"""What a person clicks on the page, as the GraphQL that the browser sends."""

from contextlib import suppress
from typing import Any

from tests.faults.daemon_house import LOCATION, House
from tests.faults.daemon_records import until
from ztrade_pipelines.cli.launching import REPOSITORY

LOADED = """{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"""
LAUNCHED = """__typename
  ... on LaunchRunSuccess { run { runId } }
  ... on PythonError { message }"""
LAUNCH = f"""mutation ($asked: ExecutionParams!) {{
  launchRun(executionParams: $asked) {{ {LAUNCHED} }} }}"""
RE_EXECUTE = f"""mutation ($asked: ReexecutionParams!) {{
  launchRunReexecution(reexecutionParams: $asked) {{ {LAUNCHED} }} }}"""
PATIENCE_SECONDS = 60.0


def await_page(house: House) -> None:
    """Wait until the page has loaded the code location."""

    def loaded() -> Any:
        with suppress(ConnectionError):  # a server that has just begun to listen may hang up
            return house.ask(LOADED)["repositoriesOrError"]["nodes"]
        return None

    until(loaded, PATIENCE_SECONDS, "the page knows the code location")


def launch(house: House, job: str, config: dict[str, Any] | None = None) -> str:
    """Press Launch; return the run's id."""
    selector = {
        "repositoryName": REPOSITORY,
        "repositoryLocationName": LOCATION,
        "jobName": job,
    }
    asked = {"selector": selector, "runConfigData": config or {}}
    return _run_id(house.ask(LAUNCH, asked=asked)["launchRun"])


def re_execute(house: House, run_id: str) -> str:
    """Press Re-execute all; return the new run's id."""
    asked = {"parentRunId": run_id, "strategy": "ALL_STEPS"}
    return _run_id(house.ask(RE_EXECUTE, asked=asked)["launchRunReexecution"])


def _run_id(answer: Any) -> str:
    assert answer["__typename"] == "LaunchRunSuccess", answer
    run_id: str = answer["run"]["runId"]
    return run_id
