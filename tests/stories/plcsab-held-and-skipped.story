# M-7 PL-8 PL-10 PL-16 AMB-4 AMB-12: every automatic step can be held, skipped or overridden, with a
# reason that the record keeps and no mail carries.
title     Held until a meeting, then two stages at once, then back
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
                  expect deadline overall due 2027-02-22 17:00
2027-02-03 10:00  hold D1 by A reason=family-meeting until=2027-02-10T12:00:00Z
                  expect hold to line_manager@both
                  expect nobody else
                  expect mail to line_manager@B contains 10 February 2027
                  expect mail to line_manager@B lacks family-meeting
                  expect record event contains family-meeting
2027-02-05 09:00  expect reminder to line_manager@both
2027-02-08 17:00  expect deadline stage-1 passed
                  expect stage stage-1
                  expect limit_passed to line_manager@both practitioner@both
                  expect nobody else
# The hold ends by itself, and what it held comes about then.
2027-02-10 11:59  expect silence
2027-02-10 12:00  expect stage stage-2 due 2027-02-17 17:00
                  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
# Over a stage to the senior one: the intention is told in the same message, before the entry.
2027-02-11 10:00  stage.set D1 by A stage=stage-3 reason=harm-grows
                  expect stage stage-3 due 2027-02-18 17:00
                  expect intention_to_escalate,stage_entered to head_of_service@B strategic_head@B
                  expect stage_entered to head_of_service@A strategic_head@A
                  expect board_senior_involved to board_team@board
                  expect nobody else
                  expect mail to strategic_head@B contains advises you of its intention to take this disagreement to Stage 3
                  expect mail to strategic_head@B lacks harm-grows
                  expect record event contains harm-grows
                  expect record stage contains "because":"event concernd.stage.set"
# Back again: the stage is entered afresh, the overall limit is untouched, the board is not told twice.
2027-02-12 10:00  stage.set D1 by B stage=stage-1 reason=new-facts
                  expect stage stage-1 due 2027-02-19 17:00
                  expect deadline overall due 2027-02-22 17:00
                  expect stage_entered to line_manager@both strategic_head@both
                  expect nobody else
2027-02-15 10:00  stage.set D1 by A stage=stage-3 reason=as-before
                  expect stage stage-3 due 2027-02-22 17:00
                  expect deadline overall due 2027-02-22 17:00
                  expect intention_to_escalate,stage_entered to line_manager@B strategic_head@B
                  expect stage_entered to line_manager@A strategic_head@A
                  expect nobody else
# A release before the hold ends is told to everybody who was told of it.
2027-02-16 10:00  hold D1 by B reason=talks until=2027-03-01T12:00:00Z
                  expect hold to line_manager@both practitioner@both head_of_service@both
                  expect hold to strategic_head@both board_team@board
                  expect nobody else
2027-02-17 10:00  release D1 by B reason=talks-failed
                  expect release to line_manager@both practitioner@both head_of_service@both
                  expect release to strategic_head@both board_team@board
                  expect nobody else
2027-02-17 11:00  release D1 by B reason=again
                  expect refused 422.1
