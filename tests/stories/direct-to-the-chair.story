# AMB-20 LS-9: a board that wants it copies the Chair directly: one line of its procedure.
title     A copy to the Chair, by configuration
procedure lscb-children
procedure lscb-children from lscb-children-with-chair
agency    A
agency    B

2027-03-01 10:00  raise D1 between A and B
2027-03-01 11:00  flag.changed D1 by A flag=policy_issue value=true
                  expect deadline_started to board_manager@board chair@board
                  expect nobody else
2027-03-08 09:00  expect chase to board_manager@board
                  expect nobody else
