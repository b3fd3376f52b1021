# AMB-1 AMB-2 AMB-3 AMB-7 AMB-8: the readings of a day count, as shipped and as a board may choose:
# whether the day of the alert counts, when the last day ends, and what an alert after hours, on a
# Sunday or on a bank holiday means.
title     Two working days, counted in every way
procedure invented-counting
procedure invented-counting from invented-counting
agency    A
agency    B

# Monday morning.  Tuesday is day 1 and Wednesday day 2; or Monday is day 1.
2027-03-01 10:00  raise D1 between A and B
                  expect deadline shipped due 2027-03-03 17:00
                  expect deadline included due 2027-03-02 17:00
                  expect deadline not_lost due 2027-03-03 17:00
                  expect deadline both due 2027-03-02 17:00
                  expect deadline opening due 2027-03-03 09:00
                  expect deadline midnight due 2027-03-04 00:00
                  expect deadline same_time due 2027-03-03 10:00
                  expect deadline same_day due 2027-03-01 17:00
                  expect deadline elapsed due 2027-03-02 10:00
                  expect deadline days due 2027-03-06 17:00
                  expect deadline rolled due 2027-03-08 17:00
# Friday, 16:59 and 17:01.
2027-03-05 16:59  raise D2 between A and B
                  expect deadline shipped due 2027-03-09 17:00
                  expect deadline not_lost due 2027-03-09 17:00
                  expect deadline same_day due 2027-03-05 17:00
                  expect deadline elapsed due 2027-03-06 16:59
2027-03-05 17:01  raise D4 between A and B
                  expect deadline shipped due 2027-03-09 17:00
                  expect deadline included due 2027-03-08 17:00
                  expect deadline not_lost due 2027-03-10 17:00
                  expect deadline both due 2027-03-09 17:00
                  expect deadline opening due 2027-03-09 09:00
                  expect deadline midnight due 2027-03-10 00:00
                  expect deadline same_time due 2027-03-09 17:01
                  expect deadline same_day due 2027-03-08 17:00
# Sunday: Monday is day 1 in every reading but that which begins at the next working day.
2027-03-07 03:00  raise D5 between A and B
                  expect deadline shipped due 2027-03-09 17:00
                  expect deadline included due 2027-03-09 17:00
                  expect deadline not_lost due 2027-03-10 17:00
                  expect deadline both due 2027-03-09 17:00
                  expect deadline same_day due 2027-03-08 17:00
# Good Friday 2027; Easter Monday is closed too; the clocks go forward on the Sunday between.
2027-03-26 11:00  raise D6 between A and B
                  expect deadline shipped due 2027-03-31 17:00
                  expect deadline included due 2027-03-31 17:00
                  expect deadline not_lost due 2027-04-01 17:00
                  expect deadline same_day due 2027-03-30 17:00
                  expect deadline elapsed due 2027-03-27 11:00
# 24 hours elapse at 14:30; on the clock on the wall they end at 13:30.
2027-03-27 13:30  raise D7 between A and B
                  expect deadline elapsed due 2027-03-28 14:30
                  expect deadline clock due 2027-03-28 13:30
# At 17:00:00 the working day of a "same working day" is over; a count of days loses nothing by it.
2027-04-07 17:00  raise D9 between A and B
                  expect deadline shipped due 2027-04-09 17:00
                  expect deadline not_lost due 2027-04-09 17:00
                  expect deadline same_day due 2027-04-08 17:00
# The clocks go back on Sunday 31 October: there an hour comes twice.
2027-10-30 13:30  raise D8 between A and B
                  expect deadline elapsed due 2027-10-31 12:30
                  expect deadline clock due 2027-10-31 13:30
