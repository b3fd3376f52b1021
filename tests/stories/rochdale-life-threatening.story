# M-14 RO-25 WO-19: a life at risk and an agency that stays out of it: the Business Unit at once, at
# night, at any stage; it does not matter which came first.
title     Non-involvement first, then a life at risk, on a Sunday night
procedure rochdale-adults
agency    A
agency    B

2027-02-05 15:00  raise D1 between A and B fact.risk=significant
                  expect stage stage-2 due 2027-02-12 17:00
2027-02-06 11:00  position.changed D1 by A agency=B non_involvement=true
                  expect nobody else
2027-02-07 23:30  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@both line_manager@both
                  expect board_life_threatening to board_team@board
                  expect priority immediate to practitioner@A line_manager@B board_team@board
                  expect nobody else
                  expect stage stage-2 due 2027-02-12 17:00
# Less, and then again as much: it comes to hold anew.
2027-02-08 09:30  risk.changed D1 by A risk=significant
                  expect nobody else
2027-02-08 21:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@both line_manager@both
                  expect board_life_threatening to board_team@board
                  expect nobody else
