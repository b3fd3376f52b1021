# SO-16: initial attempts have failed before anybody raised it: it begins at the second step.
title     Raised at the second step
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 18:30  raise D1 between A and B stage=managers
                  expect stage managers without due
                  expect deadline practitioners not started
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect nobody else
# The fifth working day after Monday the 5th, whatever the hour.
2027-04-12 08:59  expect silence
2027-04-12 09:00  expect chase to line_manager@both
                  expect nobody else
# A step that the procedure does not have is refused, and nothing of it is kept.
2027-04-13 09:00  raise D2 between A and B stage=mediation
                  expect refused 400.4
                  expect nobody else
