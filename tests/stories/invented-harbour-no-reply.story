# An invented board: the earlier of a stage's two deadlines moves it up, though its own limit has
# not even started.
title     Invented: nobody answers on the quay
procedure harbour from harbour
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect deadline first_reply due 2027-02-04 17:00
2027-02-04 16:59  expect silence
2027-02-04 17:00  expect deadline first_reply passed
                  expect stage bridge due 2027-02-09 17:00
                  expect limit_passed,stage_entered to crew_lead@both
                  expect stage_entered to harbour_master@both quay_desk@board
                  expect nobody else
# The meeting's 48 hours were of the stage that was left.
2027-02-05 10:00  meeting.arranged D1 by A date=2027-02-05T13:00:00Z
                  expect deadline dockside not started
                  expect silence
