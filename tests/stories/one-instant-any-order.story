# Events of one instant and different senders have no order; whichever comes first, the same
# people are told the same.
title     One instant, in any order
procedure plcsab-adults
agency    A
agency    B
agency    C

2027-02-01 10:00  raise D1 between A and B and C
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-02 10:00  acknowledged D1 by B
                  acknowledged D1 by C
                  expect silence
# Risk to life, as A says, and B's position, as it says itself.
2027-02-02 11:00  risk.changed D1 by A risk=life_threatening
                  position.changed D1 by B agency=B non_involvement=true
                  expect immediate_action to practitioner@both line_manager@both
                  expect board_life_threatening to board_team@board
                  expect nobody else
2027-02-03 10:00  resolution.proposed D1 by A outcome=agreed_actions
                  expect resolution_proposed to line_manager@B line_manager@C practitioner@B practitioner@C
                  expect nobody else
2027-02-03 11:00  resolution.agreed D1 by B
                  resolution.agreed D1 by C
                  expect closed as resolved
                  expect resolved,deadline_started to line_manager@both
                  expect resolved to practitioner@both board_team@board
                  expect nobody else
