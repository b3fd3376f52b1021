# PL-2 PL-3 PL-4 PL-6 PL-8 PL-10 M-3 M-4 M-15 AMB-1 AMB-2 AMB-4 AMB-5 AMB-12 AMB-13: Friday 18 December 2026,
# 16:59, and nothing recorded.  5 + 5 + 5 working days over Christmas end on the 15th.
title     Three stages and the cap over Christmas
procedure plcsab-adults
agency    A
agency    B

2026-12-18 16:59  raise D1 between A and B fact.relates_to=individual
                  expect stage stage-1 due 2026-12-29 17:00
                  expect deadline overall due 2027-01-13 17:00
                  expect stage_entered,deadline_started to line_manager@both
                  expect nobody else
2026-12-24 09:00  expect reminder to line_manager@both
                  expect nobody else
2026-12-29 16:59  expect silence
2026-12-29 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-01-06 17:00
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
2027-01-05 08:59  expect silence
# The intention goes with the last reminder, before the escalation happens.
# "Consideration should be given": the challenging side is asked with it.
2027-01-05 09:00  expect reminder,question to head_of_service@A
                  expect reminder,intention_to_escalate to head_of_service@B
                  expect intention_to_escalate to strategic_head@B
                  expect nobody else
2027-01-06 17:00  expect stage stage-3 due 2027-01-13 17:00
                  expect limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect board_senior_involved to board_team@board
                  expect nobody else
2027-01-12 09:00  expect reminder,reminder to strategic_head@both
                  expect nobody else
# Stage 3 and the cap pass at one instant: one message says both.
2027-01-13 17:00  expect deadline stage-3 passed
                  expect deadline overall passed
                  expect limit_passed,limit_passed to strategic_head@both
                  expect limit_passed to board_team@board
                  expect nobody else
# No stage follows: nothing moves, and it is chased every five working days.
2027-01-20 09:00  expect stage stage-3
                  expect chase,chase to strategic_head@both
                  expect nobody else
