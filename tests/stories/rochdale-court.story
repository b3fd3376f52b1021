# RO-33 M-7 WO-19: referred to the court: held with a reason and until a day. What passes is still
# told; nothing moves; when the hold ends the held advance enters the next stage.
title     Referred to the court of protection, and held
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
2027-02-03 10:00  hold D1 by A reason=referred_to_court until=2027-02-15T12:00:00Z
                  expect hold to practitioner@both line_manager@both safeguarding_lead@both
                  expect nobody else
                  expect record event contains referred_to_court
                  expect mail to line_manager@B contains 15 February 2027
                  expect stage stage-2 due 2027-02-08 17:00
2027-02-05 09:00  expect reminder to line_manager@both
2027-02-08 17:00  expect deadline stage-2 passed
                  expect stage stage-2
                  expect limit_passed to line_manager@both
                  expect nobody else
2027-02-15 08:59  expect silence
2027-02-15 09:00  expect chase to line_manager@both
2027-02-15 12:00  expect stage stage-3 due 2027-02-22 17:00
                  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
2027-02-16 10:00  resolution.proposed D1 by A outcome=referred_to_court
                  expect record event contains "outcome":"referred_to_court"
2027-02-16 11:00  resolution.agreed D1 by B
                  expect closed as resolved
