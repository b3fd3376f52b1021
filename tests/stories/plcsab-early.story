# AMB-5 PL-10: a stage that ends early saves nothing for the next, which has five working days of
# its own; the fifteen from the raise are untouched.
title     Stages that end early
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 15:00  stage.unresolved D1 by A
                  expect stage stage-2 due 2027-02-09 17:00
                  expect deadline stage-1 stopped
2027-02-03 09:30  stage.unresolved D1 by B
                  expect stage stage-3 due 2027-02-10 17:00
                  expect deadline overall due 2027-02-22 17:00
# The limit of a stage that was left never passes.
2027-02-08 17:00  expect nobody else
2027-02-09 09:00  expect reminder to strategic_head@both
                  expect nobody else
2027-02-10 17:00  expect deadline stage-3 passed
# Nothing is above it: it cannot be reported upwards, and it is not left.
2027-02-11 10:00  stage.unresolved D1 by A
                  expect refused 422.1
2027-02-22 17:00  expect deadline overall passed
                  expect stage stage-3
                  expect limit_passed to strategic_head@both board_team@board
                  expect nobody else
