# M-13 WO-7 WO-9 AMB-8: 24 hours are 24 elapsed hours; the clocks go forward in the night between.
title     Reported to the managers on the Saturday before the clocks go forward
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-27 13:30  raise D1 between A and B stage=stage-two
                  expect stage stage-two due 2027-03-28 14:30
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect nobody else
2027-03-28 14:29  expect silence
2027-03-28 14:30  expect stage stage-three without due
                  expect stage_entered to senior_manager@both
                  expect limit_passed,stage_entered to line_manager@both
                  expect nobody else
