"""What a person does by hand: reconcile, halt, resume, flatten, verify. Each is recorded as a run.

Run configurations are flat: `{who: ..., why: ...}` is the whole file.
"""

from typing import Any

import dagster as dg

from ztrade_pipelines import keys
from ztrade_pipelines.operations.config import AccountConfig, AuditConfig, OverrideConfig
from ztrade_pipelines.resources import Ztrade, clear_failures

PORTFOLIO_OP = keys.PORTFOLIO.to_python_identifier()
RECONCILE = "reconcile"


@dg.config_mapping
def account_of(config: AccountConfig) -> dict[str, Any]:
    """Hand the account to the portfolio's op."""
    return {"ops": {PORTFOLIO_OP: {"config": config.model_dump()}}}


def reconcile_job() -> Any:
    """Return the job that reconciles, protects and marks an account."""
    return dg.define_asset_job(
        RECONCILE,
        selection=dg.AssetSelection.assets(keys.PORTFOLIO),
        config=account_of,
        description="Bring our book to what the broker says, see that every position carries its"
        " stop, mark the account, and materialize company/portfolio with its checks. It decides"
        " nothing and opens nothing. Config: account (paper unless said otherwise).",
        executor_def=dg.in_process_executor,
    )


@dg.op(description="Stop entries of an agent, or of the company, and cancel the open ones.")
def halt(
    context: dg.OpExecutionContext, config: OverrideConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Halt until a person resumes."""
    from ztrade_pipelines.operations.overrides import halt_trading  # noqa: PLC0415

    halt_trading(context, config, ztrade)


@dg.op(description="Lift the halts of an agent, or every halt, and store new baselines.")
def resume(
    context: dg.OpExecutionContext, config: OverrideConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Resume after a halt."""
    from ztrade_pipelines.operations.overrides import resume_trading  # noqa: PLC0415

    resume_trading(context, config, ztrade)


@dg.op(description="Halt, then sell every position of an agent, or of the company, at market.")
def flatten(
    context: dg.OpExecutionContext, config: OverrideConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Flatten: fails, naming them, when positions are left that the broker would not sell."""
    from ztrade_pipelines.operations.overrides import flatten_positions  # noqa: PLC0415

    flatten_positions(context, config, ztrade)


@dg.op(description="Verify the decision ledger's hash chain, row by row, past its newest anchor.")
def verify(
    context: dg.OpExecutionContext, config: AuditConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Fail, naming the row, when the chain is broken."""
    from ztrade_core.trading.audit import parse_anchor, verify_ledger  # noqa: PLC0415

    with clear_failures():
        audit = verify_ledger(ztrade.workshop().store, parse_anchor(config.anchor))
    if audit.fault is not None:
        text = f"the ledger is broken at row {audit.fault.sequence}: {audit.fault.problem}"
        raise dg.Failure(text, allow_retries=False)
    context.add_output_metadata(
        {"rows": audit.rows, "chain_head": f"{audit.head.sequence}:{audit.head.digest}"}
    )


def _override_job(op: dg.OpDefinition, name: str) -> dg.JobDefinition:
    @dg.config_mapping
    def flat(config: OverrideConfig) -> dict[str, Any]:
        return {"ops": {op.name: {"config": config.model_dump()}}}

    @dg.job(
        name=name,
        config=flat,
        description=f"{op.description} Config: who, why, agent_id (left out: all), account.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        op()

    return job


def _verify_job() -> dg.JobDefinition:
    @dg.config_mapping
    def flat(config: AuditConfig) -> dict[str, Any]:
        return {"ops": {verify.name: {"config": config.model_dump()}}}

    @dg.job(
        name="verify_ledger",
        config=flat,
        description=f"{verify.description} Fails when a row was edited, deleted, reordered or cut.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        verify()

    return job


def operations_jobs() -> list[Any]:
    """Return every operation's job."""
    return [
        reconcile_job(),
        _override_job(halt, keys.HALT),
        _override_job(resume, keys.RESUME),
        _override_job(flatten, keys.FLATTEN),
        _verify_job(),
    ]
