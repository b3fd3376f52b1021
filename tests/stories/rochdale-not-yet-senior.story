# M-15 AMB-13 AMB-14 RO-16 RO-24: Heads of Service act at stage 3, but "such senior officers" are those
# of 5 and 6; an intention that was told is not told again.
title     Stages 3 and 4 are not the board's business, stage 5 is
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual stage=stage-3
                  expect stage stage-3 due 2027-02-08 17:00
                  expect stage_entered to head_of_service@both
                  expect protocol_invoked to practitioner@both line_manager@both
                  expect protocol_invoked to safeguarding_lead@both
                  expect nobody else
2027-02-02 10:00  stage.unresolved D1 by A
                  expect stage stage-4 due 2027-02-09 17:00
                  expect stage_entered to line_manager@A safeguarding_lead@A service_manager@B
                  expect stage_entered to head_of_service@both
                  expect nobody else
# The agency advises the other of its intention, and goes on the next day.
2027-02-03 10:00  escalation.intended D1 by A
                  expect intention_to_escalate to service_manager@B head_of_agency@B
                  expect nobody else
2027-02-04 10:00  stage.unresolved D1 by A
                  expect stage stage-5 due 2027-02-11 17:00
                  expect stage_entered to head_of_agency@both line_manager@A safeguarding_lead@A
                  expect stage_entered to service_manager@B
                  expect board_senior_involved to board_team@board
                  expect nobody else
# Nothing was said of stage 6 yet: entering it says so, before.
2027-02-05 10:00  stage.unresolved D1 by A
                  expect stage stage-6 due 2027-02-12 17:00
                  expect stage_entered to head_of_agency@A
                  expect intention_to_escalate,stage_entered to head_of_agency@B board_member@B
                  expect stage_entered to board_member@A board_manager@board
                  expect nobody else
