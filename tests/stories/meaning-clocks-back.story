# M-12 M-13: half past one on Sunday 31 October 2027 comes twice: the second is meant.  24 elapsed
# hours from half past one the day before end at the first.
title     A time that comes twice
procedure invented-nights from invented-nights
agency    A
agency    B

2027-10-30 01:30  raise D1 between A and B
                  expect stage only due 2027-10-31 01:30+00:00
                  expect deadline hours_elapsed due 2027-10-31 01:30+01:00
                  expect deadline hours_of_the_clock due 2027-10-31 01:30+00:00
