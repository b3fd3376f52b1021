# AMB-22: a board that wants it gives no more time for a holiday that is proclaimed; a day that is
# no holiday after all takes time away.
title     A board whose limits never move later
procedure invented-never-later
procedure invented-never-later from invented-never-later
calendar  england-and-wales from as-published
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage only due 2027-02-08 17:00
2027-02-02 12:00  reload calendar england-and-wales from with-a-day-of-mourning
                  expect stage only due 2027-02-08 17:00
                  expect nobody else
# Raised after the proclamation, it is counted with it; and earlier once that is taken back.
2027-02-02 13:00  raise D2 between A and B
                  expect stage only due 2027-02-10 17:00
2027-02-03 12:00  reload calendar england-and-wales from as-published
                  expect stage only due 2027-02-09 17:00
                  expect due_moved to line_manager@both
                  expect nobody else
