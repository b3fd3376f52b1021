# PL-2 PL-10 PL-16 AMB-24: what was said wrongly is put right.  The raise of Monday 1 February 2027
# should have been of Friday 29 January: its deadlines move with it, and who was told is told.
title     A raise told too late, a wrong flag, and a disagreement that was none
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 11:00  correct e1 raise D1 between A and B happened=2027-01-29T15:00:00Z
                  expect stage stage-1 due 2027-02-05 17:00
                  expect deadline overall due 2027-02-19 17:00
                  expect due_moved,due_moved to line_manager@both
                  expect nobody else
# Once more, to an hour of the same day: nothing moves, nobody is told.
2027-02-02 12:00  correct e1 raise D1 between A and B happened=2027-01-29T11:00:00Z
                  expect silence
                  expect stage stage-1 due 2027-02-05 17:00
# The risk was told too high: who is told of it was told; from now on it is what it is.
2027-02-02 14:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to line_manager@both practitioner@both
                  expect nobody else
2027-02-02 14:05  correct e4 risk.changed D1 by A risk=significant happened=2027-02-02T14:00:00Z
                  expect silence
2027-02-02 14:10  position.changed D1 by B agency=B non_involvement=true
                  expect silence
# A hold that was a mistake ends, and everybody who was told of it is told that.
2027-02-03 09:30  hold D1 by A until=2027-03-01T09:00:00Z reason=invented
                  expect hold to line_manager@both practitioner@both
2027-02-03 10:00  correct e7 null D1 by A
                  expect release to line_manager@both practitioner@both
                  expect nobody else
2027-02-03 10:30  correct e99 null D1 by A
                  expect refused 404.1
# The other side cannot take the raise back.
2027-02-03 10:40  correct e1 null D1 by B
                  expect refused 403.4
2027-02-04 10:00  correct e1 null D1 by A
                  expect withdrawn to line_manager@both practitioner@both
                  expect closed as withdrawn
                  expect nobody else
2027-03-31 12:00  expect silence
