# PL-6: a dispute about a process, not an individual: senior officers, and the board hears nothing.
title     A disagreement about a process
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=process
2027-02-15 17:00  expect stage stage-3 due 2027-02-22 17:00
                  expect limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect nobody else
# It turns out to be about a person.
2027-02-16 10:00  flag.changed D1 by B flag=relates_to value=individual
                  expect board_senior_involved to board_team@board
                  expect nobody else
