"""No strategy looks ahead, in either engine, on random bars full of gaps, ties and dry stretches."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.kernels import whole_kernel
from tests.fakes.portfolios import portfolios
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.studies.canary import Effort, look_for_peeking
from ztrade_core.studies.canary_findings import CanaryInput, Data, Future

EFFORT = Effort(window_bars=6, drawn=2, futures=(Future.CRASH, Future.BOOM, Future.NOTHING))


@given(case=portfolios(most=1), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_no_strategy_looks_ahead(case: PortfolioInput, seed: int) -> None:
    leg = case.legs[0]
    report = look_for_peeking(
        CanaryInput(
            company=case.house,
            agent=leg.agent,
            calendar=case.calendar,
            data=Data(series=leg.series),
            first=leg.first,
            source=leg.source,
            mind_of=lambda _: StrategyMaker(),
            kernel=whole_kernel(),
        ),
        effort=EFFORT,
        seed=seed,
    )
    assert report.passed, report.line()
    assert report.loop.runs > 0
