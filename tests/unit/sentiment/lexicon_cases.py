"""Headlines of this project's own invention with the label a reader gives them: the lexicon was built on these."""

POSITIVE = """
Halden Foods shares jump 12% after strong holiday sales
Stocks climb as inflation fears ease
Norvik Steel's operating profit rose to EUR 24.5 mn from EUR 19.8 mn a year earlier
Net sales increased by 14 % to EUR 88 mn
Brightwater raises full-year guidance
Cobalt Air lifts its profit outlook for the second time this year
Analyst upgrades Merrow Bank to buy from hold
Orchard Tech upgraded at Goldman
Orchard Tech price target raised to $240 from $215
Morgan Stanley boosts price target on Lumen Motors
Perrin Pharma wins FDA approval for its migraine drug
Quarry Mining beats quarterly estimates
Quarterly earnings top analysts' expectations at Delmar
Delmar EPS beats by $0.07, beats on revenue
Fenwick announces $2 billion share buyback
Fenwick hikes its dividend by 10%
Operating loss narrowed to EUR 1.2 mn from EUR 3.4 mn
Costs fell 8% in the third quarter
Cost savings help Tarn Logistics improve its margins
The company returned to profit in the first half
Turnover grew 22 percent thanks to robust demand in Asia
The order backlog was higher than a year ago
Harbor Oil shares hit an all-time high
Dow jumps 300 points as trade fears fade
S&P 500 closes at record high
Nasdaq rallies to new highs
$QRX breakout above resistance, looking bullish
$ABCD loading calls here, going higher
Long $XYZ, this rips tomorrow
$LMN short squeeze is on
Kestrel Energy secures EUR 40 mn order from Poland
Tidewater wins contract worth $300 million
Unemployment claims drop to lowest level in years
Factory output grew faster than expected
Retail sales rise more than expected in May
Marlin swings to profit in the fourth quarter
Marlin reports record profit
Profit for the period was EUR 6.1 mn, compared to EUR 4.0 mn in 2006
Pretax profit totalled EUR 4.2 mn, compared to a loss of EUR 1.1 mn in the same period of 2004
Earnings per share came to EUR 0.31, up from EUR 0.22
Sales were up 9% despite weak demand in Europe
Judge dismisses lawsuit against Calder Health
Regulator clears Calder of wrongdoing and ends probe as shares rise
Oakline stock surges on takeover interest
Oakline soars
Shares of Veridian gain 4 percent
Veridian stock is up 6% today
Veridian initiated at outperform
Pelham reiterated overweight at JPMorgan
The bank sees strong growth in lending
Margins improved on lower raw material costs
Productivity rose and expenses declined
Company avoids bankruptcy with new loan
Dunmore shares rebound after steep losses
Dunmore recovers from last week's drop
Subscriber growth accelerates at Streamly
Streamly adds 2 million subscribers, more than forecast
Strong quarter for Ellison Paper
Ellison Paper posts better-than-expected results
Ellison expects its sales to grow by 10 % this year
Bitcoin surges above $60,000
Oil prices rise on supply cuts
Consumer confidence improves in June
Hiring picks up as the economy strengthens
Credit rating raised by Moody's
Merger approved by shareholders and regulators
Trial of cancer drug is a success
Airline's traffic increased 7.3 % in March
$KLM bears getting squeezed, up +8%
Bulls in control, $SPY new highs
Chipmaker's outlook tops forecasts
The efficiency programme has been successful and profitability improved
Losses shrink at Wexford Media
Wexford Media trims its losses
Tarn no longer under investigation over its accounts
Dunmore wins dismissal of patent lawsuit
Unions and Calder Air reach deal, averting strike
Pelham drug meets primary endpoint
Clinical hold lifted on Veridian therapy
Stocks erase losses in late trading
""".strip().splitlines()

NEGATIVE = """
Halden Foods shares tumble 12% on weak holiday sales
Stocks slide as inflation fears mount
Norvik Steel's operating profit fell to EUR 19.8 mn from EUR 24.5 mn a year earlier
Net sales decreased by 14 % to EUR 71 mn
Brightwater cuts full-year guidance
Cobalt Air lowers its profit outlook for the second time this year
Analyst downgrades Merrow Bank to sell
Orchard Tech downgraded at Goldman
Orchard Tech price target cut to $180 from $215
Morgan Stanley trims price target on Lumen Motors
FDA rejects Perrin Pharma's migraine drug
Quarry Mining misses quarterly estimates
Quarterly revenue falls short of expectations at Delmar
Delmar EPS misses by $0.07, misses on revenue
Fenwick suspends share buyback
Fenwick slashes its dividend
Operating loss widened to EUR 3.4 mn from EUR 1.2 mn
Costs rose 8% in the third quarter
Higher fuel costs hurt Tarn Logistics
The company swung to a loss in the first half
Turnover dropped 22 percent as demand weakened in Asia
The order backlog was lower than a year ago
Harbor Oil shares hit a 52-week low
Dow sinks 300 points as trade war fears grow
Nasdaq plunges in worst day of the year
$QRX breakdown below support, looking bearish
$ABCD loading puts here, going lower
Short $XYZ, this dumps tomorrow
$LMN is overvalued, bubble will burst
Kestrel Energy loses major order
Tidewater files for bankruptcy
Tidewater to lay off 900 workers
Unemployment claims jump to highest level in years
Factory output shrank more than expected
Retail sales fall unexpectedly in May
Marlin swings to loss in the fourth quarter
Marlin posts record loss
Profit for the period was EUR 4.0 mn, compared to EUR 6.1 mn in 2006
Pretax loss totalled EUR 1.1 mn, compared to a profit of EUR 4.2 mn in the same period of 2004
Earnings per share came to EUR 0.22, down from EUR 0.31
Sales were down 9% despite strong demand in Europe
Calder Health sued over data breach
Regulator opens probe into Calder
Oakline stock crashes after fraud allegations
Oakline plummets
Shares of Veridian lose 4 percent
Veridian stock is down 6% today
Veridian initiated at underperform
Pelham recalls 100,000 cars over brake defects
The bank warns of slower growth in lending
Margins deteriorated on higher raw material costs
Productivity fell and expenses increased
Company on brink of bankruptcy
Dunmore shares drop despite earnings beat
Subscriber growth slows at Streamly
Streamly loses 2 million subscribers
Weak quarter for Ellison Paper
Ellison Paper posts worse-than-expected results
Ellison expects its sales to decline by 10 % this year
Bitcoin crashes below $20,000
Oil prices fall on demand worries
Consumer confidence weakens in June
Job cuts loom as the economy slows
Credit rating cut by Moody's
Merger blocked by regulators
Trial of cancer drug fails
Airline's traffic decreased 7.3 % in March
$KLM bulls getting crushed, down -8%
Bears in control, $SPY new lows
Chipmaker's outlook disappoints
The plant will be closed and 200 employees will be laid off
Losses grow at Wexford Media
Company does not expect to be profitable this year
The firm failed to meet profit targets
Profit warning hits Selwyn Group
Coronavirus outbreak hits airline demand
Wexford no longer profitable after two years of growth
Shares give up early gains
Stocks erased gains into the close
Thieves steal $90 million from Ellison exchange
Regulator places clinical hold on Selwyn trial
""".strip().splitlines()

NEUTRAL = """
Halden Foods to report quarterly results on Thursday
Stocks to watch on Tuesday: Halden, Norvik, Merrow
Norvik Steel is headquartered in Oslo and employs 4,000 people
The agreement covers the delivery of two machines
Brightwater names new chief financial officer
Cobalt Air to hold its annual general meeting in April
Merrow Bank declares quarterly dividend of $0.25
Orchard Tech's conference call transcript for the third quarter
The value of the transaction was not disclosed
Morgan Stanley keeps price target unchanged on Lumen Motors
Perrin Pharma presents study design at conference
Is Quarry Mining stock a buy?
Should investors sell Delmar before earnings?
Delmar results in line with estimates
Fenwick to move its head office to Lyon
Why investors are talking about Fenwick today
The company has offices in Sweden, Finland and Estonia
What to expect from the Fed meeting this week
Fed leaves interest rates unchanged
The bank's board consists of seven members
Harbor Oil completes sale of its shipping unit
Futures flat ahead of jobs report
Treasury yields little changed
President to speak at economic forum on Friday
$QRX chart update
$ABCD watching this one
Here are the most active options today
Kestrel Energy signs letter of intent with city of Turin
The shares will be traded on the Helsinki exchange from Monday
Tidewater publishes its annual report
Unemployment rate unchanged at 4.1%
The new factory is located near Tampere
Five things you need to know before the market opens
Marlin and Oakline sign distribution agreement
The company will release its interim report at 8 am
The total value of the order is EUR 3 mn
Calder Health appoints two directors
Veridian to present at investor day in New York
Pelham's new sedan goes into production in 2025
Dunmore's shareholders meet in Dublin
Streamly announces new series for autumn
The share capital is divided into 12 million shares
Ellison Paper sells paper machines to customers in 30 countries
A look at today's analyst ratings
Treasury to auction $40 billion of notes next week
The bridge will be built by Tarn
Chipmaker schedules analyst call
The investment amounts to some EUR 10 mn
Oil steady as traders await inventory data
Gold prices little changed
Senate committee to vote on the bill next week
Central bank publishes minutes of its June meeting
The software is used by more than 3,000 hospitals
Wexford Media's ticker will change to WXM
Financial terms were not disclosed
Selwyn Group changes its financial calendar
The service is available in eight languages
The company's products include valves, pumps and pipes
""".strip().splitlines()

CASES = (
    *((text, "positive") for text in POSITIVE),
    *((text, "negative") for text in NEGATIVE),
    *((text, "neutral") for text in NEUTRAL),
)
