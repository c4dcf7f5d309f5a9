"""Whether a canary can speak for an agent's newest run: it runs the agent's own mind, nothing else."""

from collections.abc import Mapping

from ztrade_core.backtest.runs import Bench
from ztrade_core.decision_makers.recorded import RecordedMaker
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.canonical import plain
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.ports.mind import ModelMaker


def why_not_judged(bench: Bench, agent_id: str) -> str:
    """Return in one line why an agent's newest stored run cannot be judged; empty: it can."""
    agent = bench.company.agent(agent_id)
    if agent is None:
        return ""
    for run in bench.backtests.runs(agent_id, limit=1):
        why = _of_run(run, agent)
        if why:
            return f"not judged: the run {run.run_id} {why}"
    mind = bench.maker_of(agent)
    if isinstance(mind, ModelMaker):
        return (
            f"not judged: {agent_id} is decided by the model {mind.model}, which a canary does not ask;"
            " what a model sees is frozen, by the hash of each snapshot"
        )
    if isinstance(mind, RecordedMaker):
        return (
            f"not judged: {agent_id} repeats a recording, and what that was made from is not known"
        )
    return ""


def _of_run(run: BacktestRun, agent: AgentConfig) -> str:
    recorded, model = run.config.get("recorded"), run.config.get("model")
    if isinstance(recorded, Mapping):
        return (
            f"repeated a recording ({recorded['source']}), and what that was made from is not known:"
            " only the agent's own mind can be run before other futures"
        )
    if isinstance(model, Mapping):
        return (
            f"was decided by the model {model['name']}, which a canary does not ask; what a model sees"
            " is frozen, by the hash of each snapshot"
        )
    then = run.config.get("agent")
    strategy = then.get("strategy") if isinstance(then, Mapping) else None
    name = strategy.get("name") if isinstance(strategy, Mapping) else None
    if name is not None and name != agent.strategy.name:
        return (
            f"was decided by {name}, and {agent.agent_id} is now configured with"
            f" {agent.strategy.name}: run the backtest again"
        )
    voted = then.get("ensemble") if isinstance(then, Mapping) else None
    if voted != (None if agent.ensemble is None else plain(agent.ensemble)):
        return (
            f"was decided by other minds than {agent.agent_id} is configured with now (ensemble): run the"
            " backtest again"
        )
    return ""
