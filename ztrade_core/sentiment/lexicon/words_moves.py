"""Words that say which way something went, and how strongly.

A line is the words, how far they move what they speak of (-1..1), and what they say when nothing they
could speak of is named (-1..1): `soars` alone is a share price, `raises` alone may be a round of funding.
The words and weights are this project's own.
"""

Moves = tuple[tuple[str, float, float], ...]

FOLLOWING: Moves = (
    (
        "soar soars soared soaring surge surges surged surging skyrocket skyrockets skyrocketed",
        1.0,
        0.8,
    ),
    (
        "skyrocketing rocket rockets rocketed rocketing moon moons mooning rip rips ripped ripping",
        1.0,
        0.7,
    ),
    ("rally rallies rallied rallying", 0.9, 0.7),
    ("pop pops popped popping explode explodes exploded", 0.9, 0.6),
    (
        "jump jumps jumped jumping leap leaps leapt leaped leaping spike spikes spiked spiking",
        0.9,
        0.6,
    ),
    ("double doubles doubled doubling triple triples tripled tripling quadrupled", 1.0, 0.4),
    ("rise rises rose risen rising climb climbs climbed climbing", 0.8, 0.55),
    ("gain gains gained gaining advance advances advanced advancing", 0.8, 0.5),
    ("rebound rebounds rebounded rebounding recover recovers recovered recovering", 0.8, 0.5),
    ("bounce bounces bounced bouncing", 0.7, 0.45),
    ("grow grows grew grown increase increases increased", 0.8, 0.35),
    (
        "improve improves improved improving strengthen strengthens strengthened strengthening",
        0.8,
        0.5,
    ),
    ("accelerate accelerates accelerated accelerating", 0.7, 0.3),
    ("uptick upswing upturn", 0.7, 0.5),
    ("expand expands expanded expanding widen widens widened widening", 0.6, 0.15),
    (
        "mount mounts mounted mounting swell swells swelled swelling balloon balloons ballooned",
        0.8,
        0.0,
    ),
    ("inch inches inched tick ticks ticked edge edges edged", 0.4, 0.1),
    ("up", 0.7, 0.15),
    ("upward upwards", 0.6, 0.35),
    ("plunge plunges plunged plunging plummet plummets plummeted plummeting", -1.0, -0.8),
    ("collapse collapses collapsed collapsing crash crashes crashed crashing", -1.0, -0.8),
    ("nosedive nosedives nosedived crater craters cratered cratering implode imploded", -1.0, -0.8),
    ("tumble tumbles tumbled tumbling tank tanks tanked tanking", -1.0, -0.7),
    ("sink sinks sank sunk sinking slump slumps slumped slumping", -0.9, -0.7),
    ("slide slides slid sliding dive dives dived diving", -0.8, -0.6),
    ("fall falls fell fallen falling", -0.8, -0.6),
    ("drop drops dropped dropping", -0.8, -0.5),
    ("decline declines declined declining", -0.8, -0.5),
    (
        "decrease decreases decreased decreasing diminish diminishes diminished diminishing",
        -0.8,
        -0.35,
    ),
    ("contracted contracting shrink shrinks shrank shrunk shrinking", -0.8, -0.4),
    ("skid skids skidded sour sours soured", -0.8, -0.5),
    ("slip slips slipped slipping dip dips dipped dipping ease eases eased easing", -0.6, -0.35),
    ("retreat retreats retreated retreating", -0.7, -0.45),
    ("weaken weakens weakened weakening deteriorate deteriorates deteriorated", -0.8, -0.55),
    ("deteriorating worsening worsen worsens worsened", -0.8, -0.6),
    ("stumble stumbles stumbled stumbling falter falters faltered faltering", -0.8, -0.6),
    ("sag sags sagged sagging wobble wobbles wobbled", -0.6, -0.4),
    ("slow slows slowed slowing cool cools cooled cooling", -0.7, -0.25),
    ("fade fades faded fading dwindle dwindles dwindled dwindling wane wanes waned", -0.8, -0.3),
    ("narrow narrows narrowed narrowing halve halves halved halving", -0.8, 0.0),
    ("evaporate evaporates evaporated vanish vanished", -0.8, -0.4),
    ("subside subsides subsided abate abates abated", -0.7, 0.0),
    ("stall stalls stalled stalling stagnate stagnates stagnated", -0.6, -0.4),
    ("dry dries dried", -0.6, 0.0),
    ("suffer suffers suffered suffering", -0.8, -0.55),
    ("down", -0.8, -0.3),
    ("downward downwards", -0.7, -0.45),
)
"""Said after what they speak of (`profit rose`), or before it with `in` or `of` (`a rise in profit`)."""

LEADING: Moves = (
    ("raise raises raised raising hike hikes hiked hiking", 0.8, 0.05),
    (
        "lift lifts lifted lifting boost boosts boosted boosting bolster bolsters bolstered",
        0.8,
        0.35,
    ),
    ("drive drives drove bump bumps bumped", 0.5, 0.05),
    ("extend extends extended", 0.3, 0.0),
    ("growing increasing", 0.4, 0.1),
    ("nudge nudges nudged", 0.3, 0.0),
    ("higher bigger larger greater", 0.7, 0.3),
    ("stronger healthier brighter rosier", 0.8, 0.45),
    ("strong robust solid healthy upbeat", 0.8, 0.45),
    ("stellar blowout blockbuster booming bumper", 1.0, 0.7),
    ("record-breaking record-high", 0.9, 0.5),
    ("record", 0.8, 0.3),
    ("beat-and-raise", 1.0, 0.8),
    ("swing swings swung return returned returns", 0.7, 0.0),
    ("enhance enhances enhanced enhancing", 0.7, 0.4),
    ("wider steeper deeper", 0.6, 0.0),
    ("highest strongest fastest", 0.6, 0.3),
    ("receive receives received secure secures secured securing", 0.6, 0.1),
    ("win wins won winning lands landed clinch clinches clinched bag bags bagged", 0.7, 0.4),
    ("face faces faced facing", 0.8, -0.05),
    ("spark sparks sparked trigger triggers triggered fuels fueled fuelled", 0.7, 0.0),
    ("add adds added adding create creates created creating hire hires hiring", 0.6, 0.05),
    ("above", 0.4, 0.0),
    ("exceed exceeds exceeded exceeding surpass surpasses surpassed surpassing", 0.7, 0.55),
    ("cut cuts cutting slash slashes slashed slashing", -0.8, -0.3),
    ("trim trims trimmed trimming", -0.6, -0.3),
    ("reduce reduces reduced reducing lower lowers lowered lowering", -0.7, -0.2),
    ("chop chops chopped hack hacks pare pares pared", -0.6, -0.2),
    ("suspend suspends suspended suspending", -0.7, -0.45),
    ("scrap scraps scrapped scrapping axe axes axed shelve shelves shelved", -0.7, -0.45),
    ("cancel cancels canceled cancelled cancelling canceling", -0.6, -0.4),
    ("withdraw withdraws withdrew withdrawn withdrawing pull pulls pulled pulling", -0.6, -0.15),
    ("hurt hurts hurting dent dents dented denting erode erodes eroded eroding", -0.8, -0.5),
    ("crimp crimps crimped pressure pressures pressured", -0.6, -0.35),
    ("lose loses losing", -0.6, -0.55),
    ("lost", -0.6, -0.45),
    ("shed sheds shedding", -0.6, -0.3),
    ("clear clears cleared resolve resolves resolved settle settles settled dismiss", -0.7, 0.05),
    ("dismisses dismissed dismissal toss tosses tossed overturn overturns overturned", -0.9, 0.0),
    ("calm calms calmed soothe soothes allay allays allayed shrug shrugs shrugged", -0.8, 0.15),
    ("repay repays repaid repaying", -0.5, 0.1),
    ("weak soft sluggish tepid lackluster lacklustre anemic", -0.8, -0.45),
    ("poor dismal disappointing gloomy bleak grim", -0.9, -0.6),
    ("weaker softer slower poorer", -0.8, -0.5),
    ("smaller fewer less", -0.6, -0.15),
    ("narrower", -0.7, 0.0),
    ("lowest weakest slowest", -0.6, -0.35),
    ("below", -0.7, -0.15),
    ("shut shuts shutting shutter shutters shuttered", -0.6, -0.3),
    ("halt halts halted halting", -0.6, -0.4),
    ("delay delays delayed delaying postpone postpones postponed", -0.5, -0.4),
    ("limit limits curb curbs curbed", -0.5, 0.0),
)
"""Said before what they speak of (`cuts costs`, `weak demand`), or after it (`the dividend was cut`)."""

PEAKS: Moves = (("high highs", 0.4, 0.1), ("low lows", -0.4, -0.1))
"""News after a span of time (`12-year high`), else said before what they speak of."""

BY_FIGURE: Moves = (("off", -0.8, -0.5),)
"""A move where a figure follows, else nothing."""

COLOURS: Moves = (("green", 0.5, 0.12), ("red", -0.55, -0.12), ("black", 0.4, 0.0))
"""News after `in the`, and little else."""
