# PL-13: "Written records of all these discussions must be kept": whoever takes part in a stage is
# told so when it begins and when it is about to end, and each agency once more at the resolution.
title     Written records at every stage
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect mail to line_manager@A contains Record the discussion and the outcome in your own case system
                  expect mail to line_manager@B contains Record the discussion and the outcome in your own case system
2027-02-05 09:00  expect mail to line_manager@B contains record it in your own case system
2027-02-08 17:00  expect mail to head_of_service@A contains Record the discussion and the outcome in your own case system
2027-02-15 17:00  expect mail to strategic_head@B contains Record the discussion and the outcome in your own case system
2027-02-16 10:00  resolution.proposed D1 by B outcome=agreed_actions
2027-02-16 11:00  resolution.agreed D1 by A
                  expect resolved,deadline_started to strategic_head@both
                  expect mail to strategic_head@A contains Written records of all these discussions must be kept
2027-02-23 09:00  expect chase to strategic_head@both
                  followup.done D1 by A deadline=written_record
2027-03-02 09:00  expect chase to strategic_head@B
                  expect nobody else
