# SO-1 SO-3 SO-7 SO-8 SO-9: a care provider's managers are the safeguarding team's lead.
title     A care provider challenges, and the practitioners cannot agree
procedure somerset-adults
agency    A kind care_provider without supporter
agency    B

2027-04-06 09:00  raise D1 between A and B
                  expect stage practitioners without due
                  expect stage_entered to practitioner@both safeguarding_lead@both
                  expect nobody else
2027-04-06 10:00  stage.unresolved D1 by A
                  expect deadline practitioners stopped
                  expect stage managers without due
                  expect stage_entered to safeguarding_team_lead@A line_manager@B
                  expect stage_entered to practitioner@both safeguarding_lead@both
                  expect nobody else
# A date the case sets runs; a step without one is only chased.
2027-04-07 09:30  deadline.set D1 by B due=2027-04-09T12:00:00+01:00
                  expect stage managers due 2027-04-09 12:00
                  expect due_moved to safeguarding_team_lead@A line_manager@B safeguarding_lead@both
2027-04-08 09:00  expect reminder to safeguarding_team_lead@A line_manager@B
                  expect nobody else
2027-04-09 12:00  expect stage senior-managers without due
                  expect stage_entered to senior_manager@both
