# M-10 AMB-22 PL-10: a bank holiday is proclaimed while deadlines run: they are counted afresh, those who
# are concerned are told only because the instant moved, and the record has both instants.
title     A bank holiday is proclaimed three days before
procedure plcsab-adults
calendar  england-and-wales from as-published
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 12:00  reload calendar england-and-wales from with-a-day-of-mourning
                  expect stage stage-1 due 2027-02-09 17:00
                  expect deadline overall due 2027-02-23 17:00
                  expect due_moved,due_moved to line_manager@both
                  expect nobody else
                  expect mail to line_manager@B contains 17:00 on Tuesday 9 February 2027
                  expect record moved contains "due":"2027-02-09T17:00:00
                  expect record moved contains "due_before":"2027-02-08T17:00:00
# Another one, in June: nothing that runs moves, so nobody is told.
2027-02-03 12:00  reload calendar england-and-wales from with-a-day-in-june
                  expect stage stage-1 due 2027-02-09 17:00
                  expect nobody else
# The day itself is closed: no reminder on it, nor on the day before; the last working day has it.
2027-02-05 17:00  expect silence
2027-02-08 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-08 17:00  expect silence
2027-02-09 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-16 17:00
# It is taken back: what runs comes earlier again; what has passed does not un-pass.
2027-02-10 12:00  reload calendar england-and-wales from as-published
                  expect stage stage-2 due 2027-02-16 17:00
                  expect deadline overall due 2027-02-22 17:00
                  expect due_moved to head_of_service@both
                  expect nobody else
