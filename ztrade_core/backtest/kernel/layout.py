"""Where what stands in the kernel's arrays: column numbers and codes, nothing else.

A kernel works on plain arrays. `agents` (n_agents, AGENT_TERMS) and `company` (COMPANY_TERMS,) hold
the configuration, `state` and `counts` what each agent stands at, `account` and `days` the company.
Instants are int64 microseconds since the epoch; OFF is a limit that the configuration switches off.
"""

import math

OFF = math.inf
NEVER = -(2**62)
END = 2**62

# agents: one row an agent, in the order of their ids
KIND, IS_CRYPTO, LOTS, FEE_BPS, STOP_FRACTION, TAKE_FRACTION = 0, 1, 2, 3, 4, 5
POSITION_USD, RISK_USD, DAILY_TRADES, MIN_CONFIDENCE, MAX_LOSSES = 6, 7, 8, 9, 10
AGENT_TERMS = 11

# the company, limits and costs
MAX_AGENT, MAX_DAILY_LOSS, NEEDS_STOP, MAX_CORRELATED, MAX_SYMBOL, MAX_GROSS = 0, 1, 2, 3, 4, 5
DUPLICATE_SECONDS, PER_MINUTE, PER_HOUR, PRICE_GAP_BPS, MIN_STOP, MAX_STOP = 6, 7, 8, 9, 10, 11
NEEDS_FRESH, CLOCK_SKEW, NEEDS_SESSION, ORDER_USD, POSITION_MULTIPLE = 12, 13, 14, 15, 16
VOLUME_MULTIPLE, RECONCILED_SECONDS, MAX_FAILURES, LONG_ONLY, MIN_PRICE = 17, 18, 19, 20, 21
AGENT_LIMITS, MAX_DRAWDOWN, LIFTS_DAILY, SLIPPAGE, COLLAR_BPS = 22, 23, 24, 25, 26
VOLUME_FRACTION, FROM_FILL = 27, 28
COMPANY_TERMS = 29

# state: one row an agent; a quantity of 0 is none
HELD, STOP, TARGET, COST, MARK, EXIT = 0, 1, 2, 3, 4, 5
ENTRY_QUANTITY, ENTRY_LIMIT, ENTRY_STOP, ENTRY_TARGET, ENTRY_CLOSE, RESERVED = 6, 7, 8, 9, 10, 11
SURE = 12
STATE = 13

# counts: one row an agent; halts hold the day since they stand, or -1
NEXT, ENTRY_DAY, ENTRY_RANK, TRADES_DAY, TRADES, STREAK, FAILURES = 0, 1, 2, 3, 4, 5, 6
FORGIVEN, LAST_ENTRY, LAST_CLOSED, LAST_LOST, LOSSES_HALT, RUNAWAY_HALT, DUE = (
    7,
    8,
    9,
    10,
    11,
    12,
    13,
)
# looking ahead: bars before FRONT are known to be plain holds, those before TAKEN are in the memory,
# EVENT is when FRONT completes; the reason of a bar stands at bar - SHIFT
# (state's SURE: the confidence of) ANSWER is what an agent asks for at FRONT, where that is known already
FRONT, TAKEN, EVENT, SHIFT, ANSWER = 14, 15, 16, 17, 18
COUNTS = 19

# account: money; days: halts of the company, today, and bookkeeping of the pass
CASH, DAY_BASE, PEAK, EQUITY = 0, 1, 2, 3
ACCOUNT = 4
DAILY_HALT, DRAWDOWN_HALT, TODAY, RANK, IS_DIRTY, IS_HALTED, MATRIX, ACTIVE = 0, 1, 2, 3, 4, 5, 6, 7
DAYS = 8

# flags of a bar
IS_FRESH, IN_SESSION, IS_LATE = 1, 2, 4

# fills: kind of an execution, and the columns of its two rows
ENTRY_FILL, EXIT_FILL, STOP_FILL, TARGET_FILL = 0, 1, 2, 3
FILL_AGENT, FILL_BAR, FILL_KIND, FILL_AT_OPEN = 0, 1, 2, 3
FILL_INTS = 4
FILL_QUANTITY, FILL_PRICE, FILL_FEE_USD, FILL_KEPT = 0, 1, 2, 3
FILL_NUMBERS = 4

# decisions that asked for something
HELD_OUTCOME, APPROVED, RESIZED, DENIED = 0, 1, 2, 3
ASKED_BAR, ASKED_AGENT, ASKED_ACTION, ASKED_OUTCOME, ASKED_FAILED = 0, 1, 2, 3, 4
ASKED_INTS = 5

# why a bar is held: a strategy's own code, or one of these; WITHOUT_SESSION is added to a buy's code
TOO_FEW_BARS, TARGET_PASSED, WITHOUT_SESSION = 32, 33, 64

# tally
STATUS, FILLS, ASKED, EVENTS = 0, 1, 2, 3
OUTCOMES = 4  # four of them
HALTS = 8  # four of them: daily loss, drawdown, losses in a row, runaway
TALLY = 12

# how a pass ended
FINISHED, FULL, AMBIGUOUS, PARTIAL = 0, 1, 2, 3
