# RO-10: "for example, via a Professional's Meeting": its date, where the case gives one, is a
# reminder; without one nothing is said of it (rochdale-first-stage).
title     A professional's meeting is arranged, put off, and held
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect deadline professionals_meeting not started
2027-02-02 10:00  meeting.arranged D1 by A date=2027-02-04T14:00:00Z
                  expect deadline professionals_meeting due 2027-02-04 17:00
                  expect deadline_started to practitioner@both
                  expect nobody else
                  expect mail to practitioner@B contains initially involve workers consulting co-workers
2027-02-03 09:00  expect reminder to practitioner@both
2027-02-03 10:00  meeting.arranged D1 by B date=2027-02-05T11:00:00Z
                  expect deadline professionals_meeting due 2027-02-05 17:00
                  expect due_moved to practitioner@both
                  expect nobody else
# The day before, again; on the 5th it is the stage's own reminder.
2027-02-04 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-02-05 15:00  discussion.held D1 by A
                  expect deadline professionals_meeting stopped
                  expect nobody else
2027-02-08 16:59  expect silence
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
# One that was not held is told at the end of its day.
2027-02-09 10:00  raise D2 between A and B
                  meeting.arranged D2 by A date=2027-02-10T14:00:00Z
2027-02-10 17:00  expect limit_passed to practitioner@both
                  expect nobody else
                  expect stage stage-1 due 2027-02-16 17:00
