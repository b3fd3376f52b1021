# M-12 M-13: half past one on Sunday 28 March 2027 does not exist: the first instant not earlier is
# two o'clock, summer time.  24 elapsed hours end an hour later by the clock.
title     A time that does not exist
procedure invented-nights from invented-nights
agency    A
agency    B

2027-03-27 01:30  raise D1 between A and B
                  expect stage only due 2027-03-28 02:00+01:00
                  expect deadline hours_elapsed due 2027-03-28 02:30+01:00
                  expect deadline hours_of_the_clock due 2027-03-28 02:00+01:00
2027-03-28 02:00  expect deadline only passed
                  expect deadline hours_of_the_clock passed
                  expect limit_passed,limit_passed to practitioner@both
                  expect nobody else
2027-03-28 02:30  expect deadline hours_elapsed passed
                  expect limit_passed to practitioner@both
