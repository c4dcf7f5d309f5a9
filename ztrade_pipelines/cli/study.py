"""The group `ztrade study`: which commands there are, and where each one lives."""

from ztrade_pipelines.cli.commands import LazyGroup

_HERE = "ztrade_pipelines.cli"

study = LazyGroup(
    name="study",
    help="Studies: many backtests that answer one question.",
    lazy={
        "sweep": (f"{_HERE}.study_sweep:study_sweep", "Try many parameters of an agent."),
        "walk-forward": (
            f"{_HERE}.study_walk_forward:study_walk_forward",
            "Fit on the months before each month, judge the month.",
        ),
        "canary": (f"{_HERE}.study_canary:canary", "Does anything depend on what came later?"),
        "costs": (f"{_HERE}.study_costs:study_costs", "An agent at multiples of its costs."),
        "sentiment": (
            f"{_HERE}.study_sentiment:study_sentiment",
            "An agent with, without and with late sentiment.",
        ),
        "list": (f"{_HERE}.study_list:study_list", "The newest studies."),
        "show": (f"{_HERE}.study_show:study_show", "One study, its best trials first."),
    },
)
