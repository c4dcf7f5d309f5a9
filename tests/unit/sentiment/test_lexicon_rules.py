"""The lexicon's rules one by one, the expected scores reasoned by hand from the weights in the word list."""

import pytest

from ztrade_core.ports.scorer import Scored
from ztrade_core.sentiment.lexicon.scorer import LexiconScorer, label_of

SCORER = LexiconScorer()


def scored(text: str) -> Scored:
    found = SCORER.score([text])[0]
    assert found is not None
    return found


def score(text: str) -> float:
    return scored(text).score


def of(said: float) -> float:
    """So much said in all, as a score: said / (|said| + 0.5)."""
    return said / (abs(said) + 0.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profit rose", 0.8 * 1.0),
        ("profit fell", -0.8 * 1.0),
        ("costs rose", 0.8 * -0.75),
        ("costs fell", -0.8 * -0.75),
        ("the company cut costs", -0.8 * -0.75),
        ("the dividend was cut", -0.8 * 0.9),
        ("weak demand", -0.8 * 0.85),
        ("losses narrowed", -0.8 * -0.8),
        ("higher losses", 0.7 * -0.8),
        ("swings to loss", 0.7 * -0.8),
        ("swings to profit", 0.7 * 1.0),
    ],
)
def test_a_move_is_multiplied_with_the_thing_it_speaks_of(text: str, said: float) -> None:
    assert score(text) == pytest.approx(of(said))


def test_a_noun_looks_ahead_where_in_follows() -> None:
    """`a fall in costs`: fall -0.8 x costs -0.75, not the company's shares."""
    assert score("a fall in costs") == pytest.approx(of(0.6))


def test_a_verb_looks_back_even_where_a_place_in_the_world_follows() -> None:
    assert score("profit rose in Finland") == score("profit rose")


def test_a_thing_that_is_told_of_says_nothing_of_its_own() -> None:
    """Layoffs alone are -0.55; cancelled ones are -0.6 x -0.8."""
    assert score("layoffs") == pytest.approx(of(-0.55))
    assert score("layoffs cancelled") == pytest.approx(of(0.48))


def test_a_thing_given_back_for_a_better_one_speaks_again() -> None:
    """`cancels` takes layoffs, then contracts, which it leads: layoffs alone -0.55, contract -0.6 x 0.7."""
    assert score("amid layoffs Acme cancels contract") == pytest.approx(of(0.6 * (-0.55 - 0.42)))


def test_each_clause_is_read_by_itself() -> None:
    """0.95 x 0.8 for sales, 1.0 x -0.8 for profit; `but` makes the later one count 1.4 times."""
    assert score("sales rose; profit fell") == pytest.approx(of(0.76 - 0.8))
    assert score("sales rose but profit fell") == pytest.approx(of(0.76 - 0.8 * 1.4))


def test_what_follows_despite_counts_little_and_up_to_the_comma() -> None:
    assert score("profit fell despite upgrade") == pytest.approx(of(-0.8 + 0.8 * 0.3))
    assert score("despite upgrade, profit fell") == pytest.approx(of(0.8 * 0.3 - 0.8))


def test_what_follows_after_is_the_reason_and_counts_less() -> None:
    assert score("shares fell after upgrade") == pytest.approx(of(-0.8 + 0.8 * 0.6))


@pytest.mark.parametrize(
    ("plain", "denied"),
    [
        ("upgraded", "not upgraded"),
        ("profitable", "isn't profitable"),
        ("bankruptcy", "avoids bankruptcy"),
        ("fraud", "denies any fraud"),
    ],
)
def test_negation_turns_a_word_round_at_six_tenths(plain: str, denied: str) -> None:
    said = score(plain) * 0.5 / (1.0 - abs(score(plain)))
    assert score(denied) == pytest.approx(of(-0.6 * said))


def test_negation_ends_after_four_words_and_at_the_end_of_the_clause() -> None:
    assert score("not one two three upgraded") < 0.0
    assert score("not one two three four upgraded") == score("upgraded")
    assert score("not now, upgraded") == score("not now; upgraded") == score("upgraded")


def test_an_analysts_target_moves_like_any_thing_and_leaves_its_old_value() -> None:
    """raises 0.8 x target 0.95, cuts -0.8 x 0.95."""
    assert score("Morgan raises price target to $60 from $50") == pytest.approx(of(0.76))
    assert score("Morgan cuts price target to $50 from $60") == pytest.approx(of(-0.76))


def test_a_rating_left_behind_counts_the_other_way() -> None:
    """Downgraded is -0.8, buy 0.4, and after `from` -0.6 of it."""
    assert score("downgraded to hold from buy") == pytest.approx(of(-0.8 - 0.6 * 0.4))


def test_estimates_are_beaten_and_missed() -> None:
    assert score("EPS beats estimates") == pytest.approx(of(0.7))
    assert score("EPS misses estimates") == pytest.approx(of(-0.65))
    assert score("EPS in line with estimates") == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profit was EUR 10 mn, compared to EUR 8 mn", 0.8),
        ("profit was EUR 8 mn, compared to EUR 10 mn", -0.8),
        ("profit was EUR13 .1 mn versus EUR13 .4 mn", -0.8),
        ("profit was EUR 900 thousand, compared to EUR 8 mn", -0.8),
        ("profit was EUR 1.1 bn, compared to EUR 980 mn", 0.8),
        ("profit was EUR 10 mn, compared to EUR 10 mn", 0.0),
        ("profit was EUR 10 mn in 2006, compared to 2005", 0.0),
        ("profit from EUR 8 mn to EUR 10 mn", 0.8),
        ("costs were EUR 10 mn, compared to EUR 8 mn", -0.6),
        ("profit of EUR 1 mn, compared to a loss of EUR 3 mn", 0.8 + 0.24),
    ],
)
def test_figures_are_compared_where_no_word_says_which_way(text: str, said: float) -> None:
    """Weight 0.8 x the thing's; a loss that was (-0.4) counts -0.6 of it."""
    assert score(text) == pytest.approx(of(said))


def test_a_signed_percentage_speaks_where_no_move_is_told() -> None:
    assert score("Acme +5%") == score("Acme (+5 %)") == pytest.approx(of(0.5))
    assert score("Acme -5%") == pytest.approx(of(-0.5))
    assert score("Acme grows 3-5%") == score("Acme grows 3")
    assert score("profit fell -5%") == score("profit fell")


def test_up_and_down_say_more_beside_a_figure() -> None:
    """`up` alone is 0.15, and twice that with a figure after it."""
    assert score("Acme up 5%") == pytest.approx(of(0.3))
    assert score("Acme up again") == pytest.approx(of(0.15))


def test_hedges_and_questions_lower_the_confidence() -> None:
    sure = scored("profit rose")
    hedged = scored("profit reportedly rose")
    asked = scored("profit rose?")
    assert hedged.score == sure.score
    assert hedged.confidence == pytest.approx(0.7 * sure.confidence)
    assert asked.confidence < sure.confidence
    assert asked.score == pytest.approx(of(0.3 * 0.8))


def test_confidence_grows_with_what_is_said_and_shrinks_where_it_disagrees() -> None:
    """0.3 + 0.7 x size / (size + 0.5) x agreement: 0.8 said is 0.3 + 0.7 x 8 / 13."""
    assert scored("profit rose").confidence == pytest.approx(0.3 + 0.7 * 8 / 13)
    assert scored("profit rose, upgraded").confidence > scored("profit rose").confidence
    assert scored("profit rose, downgraded").confidence == 0.3
    assert scored("annual report published").confidence == 0.3


@pytest.mark.parametrize(
    "text", ["$QRX", "@someone https://t.co/x", "🚀🚀", "", " ", "5 12 ?!", "利益が増加"]
)
def test_a_text_without_latin_words_has_no_score(text: str) -> None:
    assert SCORER.score([text]) == [None]


def test_a_signed_percentage_needs_no_words() -> None:
    assert score("$QRX +5%") == score("Acme +5%")


@pytest.mark.parametrize(
    "text",
    ["up to 5 machines", "long term plan", "Best Buy", "puts on a show", "declined to comment"],
)
def test_phrases_take_away_what_a_word_of_them_would_say(text: str) -> None:
    assert score(text) == 0.0


def test_the_longest_phrase_is_read() -> None:
    """`cut` -0.3 alone, `cut at` -0.7, `cut to hold` -0.75, none of their words besides."""
    assert score("cut") == pytest.approx(of(-0.3))
    assert score("cut at Acme") == pytest.approx(of(-0.7))
    assert score("cut to hold") == pytest.approx(of(-0.75))


def test_trader_talk_is_understood() -> None:
    for text in ("bullish", "$QRX breakout", "loading calls", "#bullish on $QRX", "short squeeze"):
        assert label_of(score(text)) == "positive", text
    for text in ("bearish", "$QRX breakdown", "loading puts", "short $QRX", "dump it"):
        assert label_of(score(text)) == "negative", text


def test_the_label_changes_at_the_threshold() -> None:
    assert [label_of(value) for value in (0.2, 0.1999, 0.0, -0.1999, -0.2)] == [
        "positive",
        "neutral",
        "neutral",
        "neutral",
        "negative",
    ]


def test_after_by_or_on_a_move_speaks_of_what_follows() -> None:
    """Profit is not what increased: burdened -0.5, increased 0.8 x costs -0.75."""
    assert score("profit burdened by increased costs") == pytest.approx(of(-0.5 - 0.6))


def test_a_high_after_a_span_of_time_is_news_and_was_reached() -> None:
    assert score("Acme hits 12-year high") == pytest.approx(of(0.6))
    assert score("Acme hits 12-year low") == pytest.approx(of(-0.6))
    assert score("Acme hits 5,000") == score("Acme hits a wall") == 0.0
    assert score("Acme hits wall") == pytest.approx(of(-0.5))
    assert score("Acme in the red") == pytest.approx(of(-0.55))


def test_off_is_a_move_before_a_figure_only() -> None:
    assert score("shares off 7%") == pytest.approx(of(-0.8))
    assert score("stocks kick off the week") == 0.0


def test_a_weak_move_does_not_take_away_what_a_thing_says_alone() -> None:
    """extends 0.3 x losses -0.8 is -0.24, less than the -0.4 that losses are."""
    assert score("extends losses") == pytest.approx(of(-0.4))
