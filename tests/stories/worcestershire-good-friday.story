# WO-6 WO-7 WO-9 AMB-9 AMB-11: late on Good Friday 2027.
title     One working day, then 24 hours, then without delay, over Easter
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-26 23:30  raise D1 between A and B
                  expect stage stage-one due 2027-03-30 17:00
                  expect stage_entered to practitioner@both line_manager@A
                  expect nobody else
2027-03-30 16:59  expect silence
2027-03-30 17:00  expect stage stage-two due 2027-03-31 17:00
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect limit_passed,stage_entered to practitioner@both
                  expect nobody else
2027-03-31 17:00  expect stage stage-three without due
                  expect stage_entered to senior_manager@both
                  expect limit_passed,stage_entered to line_manager@both
                  expect nobody else
2027-04-01 09:00  expect chase to senior_manager@both
                  expect nobody else
