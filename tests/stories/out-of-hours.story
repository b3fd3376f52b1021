# AMB-25 AMB-8 AMB-11: a limit that passes at night is told at night, by the route for the night
# where the directory has one; reminders and chases wait for the working day.
title     24 hours that end on a Saturday night
procedure worcestershire-annex-c
agency    A
agency    B
person    senior_manager.B out_of_hours: ["email:senior_manager.B.night@mail.example"]

2027-02-05 22:00  raise D1 between A and B stage=stage-two
                  expect stage stage-two due 2027-02-06 22:00
                  expect stage_entered to line_manager@both safeguarding_lead@both
# No reminder on a Saturday.
2027-02-06 21:59  expect silence
2027-02-06 22:00  expect stage stage-three without due
                  expect stage_entered to senior_manager@both
                  expect mail to senior_manager@B at senior_manager.B.night@mail.example
                  expect mail to senior_manager@A at senior_manager.A@mail.example
                  expect limit_passed,stage_entered to line_manager@both
                  expect nobody else
# No limit, no breach: chased, from the next working day on, in the working day, by the route for it.
2027-02-08 08:59  expect silence
2027-02-08 09:00  expect chase to senior_manager@both
                  expect mail to senior_manager@B at senior_manager.B@mail.example
                  expect nobody else
2027-02-08 23:59  expect nobody else
2027-02-09 09:00  expect chase to senior_manager@both
