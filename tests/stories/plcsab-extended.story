# PL-16 PL-10 AMB-22: a limit is extended by an event with a reason: it is told, the record keeps the
# reason, and the overall limit is not touched.  A date that the case sets is no calendar's to move.
title     A limit extended for a named reason
procedure plcsab-adults
calendar  england-and-wales from as-published
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-02 10:00  deadline.extended D1 by B due=2027-02-12T12:00:00Z reason=manager-ill
                  expect stage stage-1 due 2027-02-12 12:00
                  expect deadline overall due 2027-02-22 17:00
                  expect due_moved to line_manager@both
                  expect nobody else
                  expect mail to line_manager@A contains 12:00 on Friday 12 February 2027
                  expect mail to line_manager@A lacks manager-ill
                  expect record event contains manager-ill
                  expect record moved contains "because":"event concernd.deadline.extended"
# Only the overall limit is counted in working days now.
2027-02-03 12:00  reload calendar england-and-wales from with-a-day-of-mourning
                  expect stage stage-1 due 2027-02-12 12:00
                  expect deadline overall due 2027-02-23 17:00
                  expect due_moved to line_manager@both
                  expect nobody else
2027-02-10 17:00  expect silence
2027-02-11 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-12 12:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-19 17:00
# What has passed is not extended.
2027-02-15 10:00  deadline.extended D1 by A deadline=stage-1 due=2027-02-26T12:00:00Z reason=too-late
                  expect refused 422.1
