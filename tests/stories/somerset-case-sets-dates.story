# SO-1: the time frame is the case's: set, moved, extended; without a date it is only chased.
title     A date set by the case, moved and extended
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 10:00  raise D1 between A and B
                  expect stage practitioners without due
                  expect stage_entered to practitioner@both safeguarding_lead@both
                  expect nobody else
                  expect mail to practitioner@A contains No date is set
# No date is set: the fifth working day after is Monday the 12th.
2027-04-12 08:59  expect silence
2027-04-12 09:00  expect chase to practitioner@both
                  expect nobody else
2027-04-12 11:00  deadline.set D1 by A due=2027-04-16T12:00:00+01:00
                  expect stage practitioners due 2027-04-16 12:00
                  expect mail to practitioner@B contains 12:00 on Friday 16 April 2027
                  expect due_moved to practitioner@both safeguarding_lead@both
                  expect nobody else
# Moved before it came: the reminder moves with it, and the old date passes in silence.
2027-04-13 10:00  deadline.set D1 by A due=2027-04-20T17:00:00+01:00
                  expect stage practitioners due 2027-04-20 17:00
                  expect due_moved to practitioner@both safeguarding_lead@both
                  expect nobody else
2027-04-18 23:59  expect silence
2027-04-19 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-04-19 15:00  deadline.extended D1 by B due=2027-04-22T17:00:00+01:00 reason=invented
                  expect stage practitioners due 2027-04-22 17:00
                  expect due_moved to practitioner@both safeguarding_lead@both
                  expect nobody else
2027-04-21 08:59  expect silence
2027-04-21 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-04-22 16:59  expect silence
2027-04-22 17:00  expect deadline practitioners passed
                  expect stage managers without due
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect nobody else
# What has passed cannot be moved; the next step has no date of its own yet.
2027-04-23 10:00  deadline.set D1 by A deadline=practitioners due=2027-04-30T17:00:00+01:00
                  expect refused 422.1
2027-04-29 08:59  expect silence
2027-04-29 09:00  expect chase to line_manager@both
                  expect nobody else
