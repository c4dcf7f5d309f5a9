"""The group `ztrade sentiment`: which commands there are, and where each one lives."""

from ztrade_pipelines.cli.commands import LazyGroup

_HERE = "ztrade_pipelines.cli"

sentiment = LazyGroup(
    name="sentiment",
    help="Sentiment: scores of news, what they say now, and the scorers' models.",
    lazy={
        "score": (f"{_HERE}.sentiment_score:score", "What the scorer says of texts."),
        "score-stored": (
            f"{_HERE}.sentiment_stored:score_stored",
            "Scores for the stored stories that have none.",
        ),
        "status": (
            f"{_HERE}.sentiment_status:status",
            "Each symbol's stories, scores and newest reading.",
        ),
        "effectiveness": (
            f"{_HERE}.sentiment_effectiveness:effectiveness",
            "What followed the sentiment that our decisions saw.",
        ),
        "fetch-model": (
            f"{_HERE}.sentiment_model:fetch_model",
            "Download the model; nothing else ever does.",
        ),
        "export-onnx": (
            f"{_HERE}.sentiment_model:export_onnx",
            "Make the fast int8 form of the model that is here.",
        ),
    },
)
