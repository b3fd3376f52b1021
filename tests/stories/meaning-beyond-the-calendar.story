# M-10 M-11: bank holidays are published about two years ahead; a date beyond them is provisional,
# says so, and the operator hears of it; once they are published it is counted afresh, and told.
title     Due beyond what the calendar knows
procedure plcsab-adults
agency    A
agency    B

2028-12-22 10:00  raise D1 between A and B
                  expect stage stage-1 due 2029-01-02 17:00
                  expect deadline stage-1 provisional
                  expect deadline overall provisional
                  expect mail to line_manager@B contains (provisional: bank holidays for that time are not published yet)
                  expect mail to operator contains 2028-12-31
# The second of January is the fifth working day only as long as New Year's Day is none.
2028-12-28 12:00  reload calendar england-and-wales from until-2029
                  expect stage stage-1 due 2029-01-03 17:00
                  expect deadline stage-1 firm
                  expect due_moved,due_moved to line_manager@both
                  expect nobody else
                  expect mail to line_manager@B contains 17:00 on Wednesday 3 January 2029
                  expect mail to line_manager@B lacks provisional
2029-01-02 09:00  expect reminder to line_manager@both
2029-01-02 17:00  expect silence
2029-01-03 17:00  expect deadline stage-1 passed
