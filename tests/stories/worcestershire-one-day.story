# WO-1 WO-6: one working day between the officers; the line manager of the one who disagrees knows,
# and can support them, before stage two.
title     One working day between the officers, from a Thursday
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B
                  expect stage stage-one due 2027-03-05 17:00
                  expect stage_entered to practitioner@both line_manager@A
                  expect nobody else
# One working day before is Thursday 09:00, before the start: there is no reminder.
2027-03-05 16:59  expect silence
2027-03-05 17:00  expect stage stage-two due 2027-03-06 17:00
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect limit_passed,stage_entered to practitioner@both
                  expect nobody else
