# PL-11 PL-12 AMB-11 AMB-25: immediate, day or night; the board at once where an agency stays out.
title     Life threatening, and an agency that stays out of it, over Easter
procedure plcsab-adults
agency    A
agency    B

2027-03-22 10:00  raise D1 between A and B fact.relates_to=individual
                  expect stage stage-1 due 2027-03-31 17:00
2027-03-24 10:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@both line_manager@both
                  expect nobody else
2027-03-24 22:00  position.changed D1 by A agency=B non_involvement=true
                  expect board_life_threatening to board_team@board
                  expect nobody else
# The same again is no news.
2027-03-25 08:00  position.changed D1 by A agency=B non_involvement=true
                  expect nobody else
# Good Friday and Easter Monday are not counted, and the clocks have gone forward.
2027-03-30 09:00  expect reminder to line_manager@both
2027-03-31 17:00  expect stage stage-2 due 2027-04-07 17:00
                  expect limit_passed,stage_entered to line_manager@both
2027-04-07 17:00  expect stage stage-3 due 2027-04-14 17:00
                  expect board_senior_involved to board_team@board
2027-04-14 17:00  expect deadline stage-3 passed
                  expect deadline overall passed
                  expect limit_passed,limit_passed to strategic_head@both
