import pytest

from tests.unit.risk.builders import NAN, book, company, record
from ztrade_core.risk.breakers import breaker_trips


@pytest.mark.parametrize(
    ("equity", "kinds"),
    [
        (98000.01, []),
        (98000.0, ["daily_loss"]),
        (85000.0, ["daily_loss", "drawdown"]),
        (NAN, []),
        (None, []),
    ],
)
def test_company_breakers_trip_at_their_limits_exactly(
    equity: float | None, kinds: list[str]
) -> None:
    trips = breaker_trips(company(), book(equity=equity))
    assert [trip.kind for trip in trips] == kinds
    assert all(trip.agent_id is None for trip in trips)


def test_five_losses_in_a_row_trip_the_agents_own() -> None:
    standing = book(records=(record("agent_tsla", losses=4), record("agent_iwm", losses=5)))
    (trip,) = breaker_trips(company(), standing)
    assert (trip.kind, trip.agent_id) == ("consecutive_losses", "agent_iwm")
    assert trip.message == "agent_iwm lost 5 trades in a row; the breaker is at 5"


def test_what_is_off_does_not_trip() -> None:
    off = company(
        max_daily_loss_fraction=None, max_drawdown_fraction=None, enforce_agent_limits=False
    )
    standing = book(equity=1.0, records=(record("agent_tsla", losses=99),))
    assert breaker_trips(off, standing) == ()


@pytest.mark.parametrize(("failures", "kinds"), [(4, []), (5, ["runaway"]), (9, ["runaway"])])
def test_five_failures_in_a_row_trip_whatever_the_agents_own_limits_are(
    failures: int, kinds: list[str]
) -> None:
    standing = book(records=(record("agent_iwm", failures=failures),))
    for house in (company(), company(enforce_agent_limits=False)):
        trips = breaker_trips(house, standing)
        assert [(trip.kind, trip.agent_id) for trip in trips] == [(k, "agent_iwm") for k in kinds]
    assert breaker_trips(company(max_failures_in_a_row=None), standing) == ()
