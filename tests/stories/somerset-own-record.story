# SO-12 RO-9 PL-13: each organisation's own case system gets every notification of its side, and
# the outcome, to be filed there; never those of the other side.
title     What each case system is sent for its own record
procedure somerset-adults
agency    A system records-of-a without supporter
agency    B system records-of-b without supporter

2027-04-05 10:00  raise D1 between A and B stage=managers
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect system records-of-a contains "role":"line_manager"
                  expect system records-of-a contains "message":"stage_entered"
                  expect system records-of-a contains "agency":"A"
                  expect system records-of-a contains "subject":"D1"
                  expect system records-of-a lacks "agency":"B"
                  expect system records-of-b contains "role":"safeguarding_lead"
                  expect system records-of-b lacks "agency":"A"
2027-04-06 10:00  advice.requested D1 by B
                  expect system records-of-b contains "message":"advice_requested"
                  expect system records-of-a lacks advice_requested
2027-04-07 10:00  resolution.proposed D1 by A outcome=agreed_actions
2027-04-07 11:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect system records-of-a contains "message":"resolved"
                  expect system records-of-b contains "message":"resolved"
                  expect system records-of-b contains "deadline":"written_confirmation"
