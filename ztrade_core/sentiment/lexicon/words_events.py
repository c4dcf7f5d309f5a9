"""Words that are news by themselves: ratings, courts, deals, trader talk.

A line is the words and what they say (-1..1). The words and weights are this project's own.
"""

Events = tuple[tuple[str, float], ...]

EVENTS: Events = (
    ("beat beats beating tops topped topping outpace outpaces outpaced crush crushes crushed", 0.7),
    ("smash smashes smashed outperforms outperformed outperforming trounces", 0.7),
    ("upgrade upgrades upgraded upgrading", 0.8),
    ("upside tailwind tailwinds", 0.4),
    ("buyback buybacks buy-back buy-backs", 0.5),
    ("repurchase repurchases", 0.2),
    ("closure closures", -0.4),
    ("approve approves approved greenlight greenlights ok'd", 0.45),
    ("breakthrough milestone", 0.45),
    ("profitable profitably lucrative", 0.4),
    ("award awards awarded", 0.35),
    ("success successful successfully succeed succeeds", 0.4),
    ("excellent outstanding impressive impresses impressed remarkable great terrific superb", 0.5),
    ("good nice favorable favourable positive encouraging promising", 0.4),
    ("better better-than-expected stronger-than-expected higher-than-expected", 0.5),
    ("best", 0.1),
    ("best-ever", 0.4),
    ("optimistic confident cheer cheers cheered cheering", 0.45),
    ("bullish bull bulls ", 0.7),
    ("breakout breakouts", 0.5),
    ("outperformer winner winners", 0.4),
    ("takeover premium", 0.2),
    ("improvement improvements competitive efficient", 0.35),
    ("stimulus truce", 0.2),
    ("undervalued oversold cheap bargain", 0.4),
    ("thrive thrives thriving boom booms flourish flourishes shine shines", 0.55),
    ("benefit benefits benefited benefiting profit-making", 0.4),
    ("opportunity opportunities", 0.12),
    ("attractive", 0.35),
    ("innovative leading leader leadership", 0.1),
    ("partnership partners partner collaboration", 0.1),
    ("acquire acquires acquired buys", 0.1),
    ("launches launched unveils unveiled", 0.1),
    ("uptrend", 0.4),
    ("buying", 0.12),
    ("accumulate accumulating", 0.3),
    ("love loving loves", 0.12),
    ("miss misses missed missing", -0.65),
    ("lag lags lagged lagging trail trails underperforms underperformed", -0.5),
    ("downgrade downgrades downgraded downgrading", -0.8),
    ("downside", -0.4),
    ("bankrupt bankruptcy insolvent insolvency liquidation receivership chapter-11", -0.85),
    ("delist delists delisted delisting", -0.7),
    ("fraud fraudulent ponzi scam embezzlement bribery corruption misconduct", -0.75),
    ("sue sues sued suing indicted indictment charged guilty", -0.55),
    ("warn warns warned", -0.6),
    ("disappoint disappoints disappointed disappointment", -0.65),
    ("fails failed failing failure failures flop flops", -0.55),
    ("reject rejects rejected rejection", -0.5),
    ("grounded grounding grounds", -0.45),
    ("worse worse-than-expected weaker-than-expected lower-than-expected", -0.6),
    ("worst terrible awful horrible ugly bad lousy disaster disastrous", -0.6),
    ("negative negatively unfavorable unfavourable adverse adversely", -0.5),
    ("blow battered hammered slammed punished pummeled clobbered destroyed", -0.5),
    ("burden burdens burdened", -0.5),
    ("weigh weighs weighed struggle struggles struggled struggling", -0.5),
    ("bearish bear bears ", -0.7),
    ("dump dumps dumped dumping unload unloads", -0.6),
    ("short shorts shorting shorted", -0.45),
    ("breakdown rout bloodbath carnage meltdown freefall bust", -0.7),
    ("puke rekt bagholder bagholders bleeding", -0.6),
    ("overvalued overbought overpriced bubble expensive", -0.45),
    ("dilution dilutive dilutes", -0.5),
    ("selling sellers", -0.35),
    ("downtrend", -0.4),
    ("fired firing fires ousted ouster", -0.3),
    ("resign resigns resigned", -0.25),
    ("breach breached hacked cyberattack", -0.5),
    ("steal steals stole stolen theft thefts heist hackers ransomware", -0.5),
    ("terminate terminates terminated termination", -0.4),
    ("crisis plague plagued toxic", -0.6),
    ("unprofitable loss-making money-losing", -0.55),
    ("scrutiny crackdown", -0.4),
    ("cautious pessimistic", -0.35),
    ("hard tough difficult challenging", -0.3),
    ("block blocks blocked", -0.45),
    ("downbeat lacks lacking lack", -0.4),
    ("bailout wipeout wiped", -0.4),
    ("fined dragged drags inverts clouds contagion", -0.45),
    ("dims dim dimmed quits exits", -0.3),
    ("dead died kill kills killed", -0.3),
    ("cost-cutting", 0.25),
    ("profit-taking", -0.35),
)

REACHED: Events = (("hit hits hitting", -0.5),)
"""A blow, unless a figure follows: that was reached."""

RATINGS: Events = (
    ("outperform overweight buy strong-buy", 0.4),
    ("underperform underweight sell", -0.5),
)
"""An analyst's word, or a trader's; after `from` it is what was left, and counts the other way."""

TRADES: Events = (
    ("calls long longs", 0.12),
    ("puts", -0.12),
)
"""What a trader holds."""

NEGATIONS = (
    "not no never without neither nor cannot can't won't don't doesn't didn't isn't aren't wasn't weren't"
    " hasn't haven't hadn't wouldn't couldn't shouldn't ain't unable hardly barely"
)
DENIALS = (
    "avert averts averted averting avoid avoids avoided avoiding escape escapes escaped escaping"
    " denies denied deny denying refuses refused"
)
HEDGES = (
    "may might could would possibly perhaps maybe reportedly rumor rumors rumour rumours rumored rumoured"
    " speculation considering considers mulls mulling explores exploring potential potentially likely if"
    " unclear hope hopes"
)
ASIDES = "despite although though notwithstanding"
BACKGROUND = "after as following amid when since because ahead before"
TURNS = "but however yet nevertheless"
COMPARISONS = "compared compares comparing versus vs from against"
COMMAS = ","
STOPS = "; - -- ---"
QUESTIONS = "?"
