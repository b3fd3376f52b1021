# M-14 WO-7 WO-9 WO-10 AMB-9 AMB-10 AMB-11: 24 hours from the report to the managers, then without delay
# at night to the senior managers, chased every working day and never late; the next tier is the
# chief officer, or again the senior manager where an agency has nobody above.
title     Two stages without a number
procedure worcestershire-annex-c
agency    A
agency    B without chief_officer

2027-03-04 09:30  raise D1 between A and B
                  expect stage stage-one due 2027-03-05 17:00
# Reported to the managers on Thursday evening: 24 hours from then.
2027-03-04 23:00  stage.unresolved D1 by A
                  expect stage stage-two due 2027-03-05 23:00
                  expect stage_entered to line_manager@both safeguarding_lead@both practitioner@both
                  expect priority urgent to line_manager@A line_manager@B
                  expect nobody else
# A day of hours is reminded in the working day before, where that lies after the start.
2027-03-05 22:59  expect silence
2027-03-05 23:00  expect stage stage-three without due
                  expect stage_entered to senior_manager@both
                  expect limit_passed,stage_entered to line_manager@both
                  expect priority urgent to senior_manager@A senior_manager@B
                  expect nobody else
                  expect mail to senior_manager@B contains [Urgent
                  expect mail to senior_manager@B contains referred without delay
# Nobody is chased at the weekend.
2027-03-08 08:59  expect silence
2027-03-08 09:00  expect chase to senior_manager@both
                  expect nobody else
2027-03-09 08:59  expect silence
2027-03-09 09:00  expect chase to senior_manager@both
                  expect nobody else
2027-03-09 15:00  stage.unresolved D1 by B
                  expect stage stage-four without due
                  expect stage_entered to chief_officer@A senior_manager@both
                  expect stage_entered to senior_liaison_officer@board
                  expect nobody else
2027-03-10 08:59  expect silence
2027-03-10 09:00  expect chase to chief_officer@A senior_manager@B
                  expect nobody else
# Nothing is above the last stage.
2027-03-10 10:00  stage.unresolved D1 by A
                  expect refused 422.1
