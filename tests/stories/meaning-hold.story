# M-7: a hold freezes what passing does, not the deadline; the release lets the held advance happen
# then, and the limit of the next stage runs from the release.
title     Held, passed, released
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 10:00  hold D1 by A reason=invented until=2027-03-01T12:00:00Z
                  expect hold to line_manager@both
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-05 09:00  expect reminder to line_manager@both
2027-02-08 17:00  expect deadline stage-1 passed
                  expect stage stage-1
                  expect limit_passed to line_manager@both practitioner@both
                  expect nobody else
2027-02-10 09:59  expect silence
2027-02-10 10:00  release D1 by A reason=invented
                  expect stage stage-2 due 2027-02-17 17:00
                  expect deadline overall due 2027-02-22 17:00
                  expect release,stage_entered to line_manager@both
                  expect release to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
# The day to which it was held brings nothing any more.
2027-02-16 09:00  expect reminder,question to head_of_service@A
2027-02-17 17:00  expect stage stage-3
2027-02-22 17:00  expect deadline overall passed
