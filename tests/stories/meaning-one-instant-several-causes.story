# PL-9 PL-11: one person, one instant, one message (meaning 4), also where several causes meet: two
# events of the very instant at which a limit passes, and the passing itself.
title     Risk to life is told at the very instant stage 1 passes
procedure plcsab-adults
agency    A
agency    B

2026-12-18 16:59  raise D1 between A and B fact.relates_to=individual
2026-12-29 17:00  risk.changed D1 by A risk=life_threatening
2026-12-29 17:00  position.changed D1 by B agency=B non_involvement=true
                  expect deadline stage-1 passed
                  expect limit_passed,immediate_action to practitioner@both
                  expect limit_passed,stage_entered,immediate_action to line_manager@both
                  expect stage_entered to head_of_service@both
                  expect board_life_threatening to board_team@board
                  expect nobody else
