"""More headlines of this project's own invention: company reports as wire services print them, and tweets."""

POSITIVE = """
EBITDA improved to EUR14 .8 mn from EUR10 .2 mn , the company said .
Net interest income totalled EUR 15.9 mn , up from EUR 15.0 mn a year earlier .
Diluted EPS came in at EUR0 .30 compared with EUR0 .09 .
The company has won an order for five cranes from a port operator in Brazil .
Grenholm received a EUR 30 mn contract for the supply of elevators .
Sales in Finland rose by 3.9 % and international growth was 0.7 % .
The acquisition will strengthen our position in the Baltic market .
Cash flow from operations rose to EUR 52.7 mn from EUR 15.6 mn in 2007 .
The new system improves the efficiency of warehouse operations .
Comparable operating profit was EUR 21 mn , compared with EUR 18 mn .
The board proposes a dividend of EUR 0.50 per share , up from EUR 0.40 .
The result before taxes was a profit of EUR 3 mn , compared to a loss of EUR 1 mn .
Market share grew to 36.3 percent from 34.1 percent .
Company expects net sales and operating profit to increase in 2010 .
Both operating profit and turnover for the six-month period increased , respectively to EUR 8.1 mn and EUR 65 mn .
Pretax profit jumped to EUR 21 mn .
We are very pleased with the strong performance in the quarter .
Demand for pulp has picked up and prices are rising .
The cost-cutting programme will bring annual savings of EUR 10 mn .
Order intake grew by 40 % year-on-year .
Micron +4.1% after Q4 beat
Stocks making a comeback as trade deal hopes lift sentiment
$NVX started at Buy at Stifel
Helix climbs on takeover report
Evercore gets more bullish on Apple supplier
Wayland stock price target raised to $90 from $75 at Citi
Canter tops Q3 EPS estimates, raises FY guidance
Biotech pops 30% on positive trial data
The agreement will significantly expand Norvik 's offering in the Chinese market .
Tarn has been awarded a contract to supply boilers to a power plant in Vietnam .
With the new production line the company would increase its capacity .
The company now estimates its net sales to grow clearly from the previous year .
The group 's result improved and was EUR 3.3 mn positive .
Profit per share rose to EUR 1.22 from EUR 0.98 .
Elvor said its third-quarter net profit more than doubled on strong demand for its handsets .
Market conditions have improved and the order book is healthy .
The bank 's solvency ratio strengthened to 14.2 % .
Finnish Grenholm has received an order for two passenger ferries .
Thanks to the acquisition , annual savings of EUR 2 mn will be achieved .
The share of exports climbed to 64 per cent .
Cash flow after investments amounted to EUR 45 mn , up from EUR 7.9 mn .
Vianor posted an operating profit of EUR 1.3 mn compared with a loss in the year-ago period .
Rantalo 's competitiveness will improve and it can offer better service .
The result will exceed that of 2009 .
Helix rises after buyout offer from Canter
Dollar General gains as quarterly sales top estimates
Stocks poised to open higher on vaccine progress
Wayland stock rated new buy at Deutsche Bank
Canter to replace Evercore in S&P 500
$ROKR is ripping, bought more calls
Housing starts hit 12-year high
""".strip().splitlines()

NEGATIVE = """
EBITDA fell to EUR10 .2 mn from EUR14 .8 mn , the company said .
Net interest income totalled EUR 15.0 mn , down from EUR 15.9 mn a year earlier .
Diluted EPS came in at EUR0 .09 compared with EUR0 .30 .
The company will reduce its personnel by 90 employees .
The result before taxes was a loss of EUR 1 mn , compared to a profit of EUR 3 mn .
Market share shrank to 34.1 percent from 36.3 percent .
Company expects net sales and operating profit to fall short of last year .
Profitability suffered from high raw material prices .
Negotiations will affect 150 employees and may lead to temporary layoffs .
Pretax profit dropped to EUR 2 mn .
Operating profit margin decreased from 10 % to 7 % .
Demand for pulp has weakened and prices are falling .
Operating loss totalled EUR 0.8 mn .
Weak market conditions reduced sales .
Comparable operating profit was EUR 18 mn , compared with EUR 21 mn .
Micron -4.1% after Q4 miss
Stocks sell off as trade deal hopes dim
$NVX started at Underperform at Stifel
Helix sinks after short report
Evercore turns cautious on Apple supplier
Wayland PT lowered to $75 from $90 at Citi
Canter misses Q3 EPS estimates, cuts FY guidance
Retailer plans to close 200 stores
Carmaker halts production on parts shortage
Gold miner's quarterly profit slumps 40%
Economy contracts for second straight quarter
U.S. manufacturing activity weakest in a decade
Cruise line cancels sailings amid virus outbreak
Finnish Tarn will cut 30 jobs at its plant in Lahti .
Operating profit totalled EUR 5.5 mn , down from EUR 9.1 mn .
Sales in Russia declined by 15 percent .
The company said that its comparable operating profit would be weaker than in 2008 .
Net loss in the same period amounted to EUR 5.9 mn .
The decline in net sales is due to lower paper prices .
Profitability was burdened by increased material costs .
The bank has been forced to write down loans .
Passenger volumes contracted 7.8 % in February .
The number of bookings declined clearly from last year .
Elvor gave notice to 120 employees .
Net interest income was EUR 39 mn , compared with EUR 43 mn .
The company's market value has shrunk by a third .
Delivery problems delayed the launch .
Helix stock plunges as CFO departs abruptly
Wayland downgraded to neutral at Deutsche Bank
Global growth concerns weigh on oil
European stocks lower as virus cases mount
Canter says supply chain issues will hurt sales
$ROKR getting destroyed, puts printing
Consumer spending dips for third month
SEC charges Helix founder with fraud
Retailer's shares off 7% on light guidance
""".strip().splitlines()

NEUTRAL = """
The total investment is estimated at EUR 5 mn .
Elvor is a leading supplier of packaging machines and employs 900 people worldwide .
The contract includes maintenance and spare parts .
The company's net sales in 2006 were EUR 120 mn .
In addition , the company will open a sales office in Moscow .
The order will be delivered in the second quarter of 2008 .
The company operates in the fields of paper , pulp and energy .
The shares carry a right to dividend and other shareholder rights .
Net sales of the Paper segment were EUR 221 mn in 2009 , while operating profit was EUR 16 mn .
The number of shares held by the company after the repurchase is 1.2 million .
The aim of the programme is to develop new mobile services .
The plant will have a capacity of 40,000 tonnes .
Rantalo has appointed a new managing director as of 1 May .
The deal is subject to approval by the competition authorities .
The stake is now 5.2 % of the share capital and voting rights .
It will use the money to finance its growth strategy .
The building has a gross area of 12,000 square metres .
Elvor provides products for process industry and the growing telecom market .
Both companies will continue to operate under their own names .
The company has about 1,500 customers in the Nordic countries .
The offer price is EUR 12.50 per share .
Financial details were not provided .
The business has annual sales of about EUR 10 mn and 80 employees .
The subscription period for the share options begins on 1 April 2009 .
The company sells its products in Asia , Europe and North America .
Upper Street files for IPO
Ackman discloses new stake in Canter
Dow Inc. declares $0.70 dividend
5 stocks to buy now
Wayland Q3 2019 Earnings Preview
Canter EPS of $0.45, in-line
Earnings scheduled for Monday
Helix prices $500 million notes offering
Goldman CEO says clients are asking about crypto
How does Helix compare with rivals on dividend growth?
Trump to meet Chinese officials on Friday
Fed's Warner: policy is in a good place
Pricing of secondary offering announced by Canter
Morning brief: what we are reading today
The transaction is expected to be completed in the third quarter .
Elvor 's annual report is available on the company 's website .
The maximum number of new shares to be issued is 22 million .
Tarn is part of the Grenholm Group , which has operations in 20 countries .
The engine has an output of 55 kW .
The company reported net sales of EUR 12 mn and an operating profit of EUR 1 mn .
A purchase agreement for 7,200 tons of gasoline was signed .
The company also said it would consider options for its paper business .
The annual general meeting approved the dividend of EUR 0.20 per share .
According to the chief executive , the market is divided in three .
The loan will be used to refinance existing debts .
The terms of the contract were kept confidential .
Rantalo 's shares are listed on the Nordic exchange in Helsinki .
The new store will have a floor area of 3,000 square metres .
The objective is to reach an agreement with the unions before summer .
The rental agreement is for a fixed term of 10 years .
The company employs 2,400 people and generated net sales of EUR 350 mn in 2008 .
The project is to be completed by the end of 2010 .
What Wall Street is saying about Helix after earnings
Helix Q2 2020 Earnings Call Transcript
Evercore holder sends letter to board
Wayland announces date of quarterly conference call
How the Fed's move affects your mortgage
Treasury secretary to testify before Congress
Here's what happened in markets today
Wayland initiated at neutral at UBS
""".strip().splitlines()

REPORTS = (
    *((text, "positive") for text in POSITIVE),
    *((text, "negative") for text in NEGATIVE),
    *((text, "neutral") for text in NEUTRAL),
)
