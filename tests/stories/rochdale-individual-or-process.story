# M-2 RO-1 RO-23 AMB-13: disagreements "about individuals or specific processes": the board is aware of
# senior officers only where it is about an individual; stages 5 and 6 are senior, 3 and 4 are not.
title     About a process first, then about an individual
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=process stage=stage-5
                  expect stage stage-5 due 2027-02-08 17:00
                  expect stage_entered to head_of_agency@both
                  expect protocol_invoked to practitioner@both line_manager@both
                  expect protocol_invoked to safeguarding_lead@both
                  expect nobody else
2027-02-03 12:00  flag.changed D1 by A flag=relates_to value=individual
                  expect board_senior_involved to board_team@board
                  expect nobody else
# Once per disagreement: the next senior stage is no news, nor is it told twice.
2027-02-04 12:00  flag.changed D1 by A flag=relates_to value=process
2027-02-04 13:00  flag.changed D1 by A flag=relates_to value=individual
                  expect nobody else
# The last reminder before the other senior stage carries the intention, to the challenged side.
2027-02-05 09:00  expect reminder to head_of_agency@A
                  expect reminder,intention_to_escalate to head_of_agency@B
                  expect intention_to_escalate to board_member@B
                  expect nobody else
2027-02-08 17:00  expect stage stage-6 due 2027-02-15 17:00
                  expect limit_passed,stage_entered to head_of_agency@both
                  expect stage_entered to board_member@both board_manager@board
                  expect nobody else
