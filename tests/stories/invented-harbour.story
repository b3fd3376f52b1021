# An invented board: two deadlines in one stage, 48 hours after a meeting, a copy to the board at
# stage 2, whichever is earlier.
title     Invented: 48 hours after a meeting
procedure harbour from harbour
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage dockside without due
                  expect deadline dockside not started
                  expect deadline first_reply due 2027-02-04 17:00
                  expect stage_entered,deadline_started to crew_lead@both
                  expect nobody else
2027-02-02 10:00  acknowledged D1 by B
                  expect deadline first_reply stopped
                  expect silence
# Thursday at one; 48 hours later it is Saturday at one.
2027-02-02 11:00  meeting.arranged D1 by A date=2027-02-04T13:00:00Z
                  expect deadline dockside due 2027-02-06 13:00
                  expect deadline_started to crew_lead@both
                  expect nobody else
# Five working days end on Friday the 12th, five days on Thursday.
2027-02-06 13:00  expect deadline dockside passed
                  expect stage bridge due 2027-02-11 17:00
                  expect limit_passed,stage_entered to crew_lead@both
                  expect stage_entered to harbour_master@both quay_desk@board
                  expect nobody else
2027-02-10 09:00  expect reminder to harbour_master@both
                  expect nobody else
2027-02-11 17:00  expect deadline bridge passed
                  expect limit_passed to harbour_master@both
                  expect nobody else
