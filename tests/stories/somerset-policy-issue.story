# SO-14 SO-15 AMB-19 AMB-20: a policy issue informs the board at any step and moves no step.
title     A policy issue at the first step, late in the evening
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 10:00  raise D1 between A and B
2027-04-06 22:30  flag.changed D1 by B flag=policy_issue value=true
                  expect deadline_started to board_team@board
                  expect nobody else
                  expect stage practitioners without due
                  expect deadline report_to_chair running
# The same again is no news.
2027-04-07 10:00  flag.changed D1 by A flag=policy_issue value=true
                  expect nobody else
2027-04-12 09:00  expect chase to practitioner@both
                  expect nobody else
2027-04-13 08:59  expect silence
2027-04-13 09:00  expect chase to board_team@board
                  expect nobody else
2027-04-13 10:00  followup.done D1 by board deadline=report_to_chair
                  expect deadline report_to_chair stopped
2027-04-19 08:59  expect silence
2027-04-19 09:00  expect chase to practitioner@both
                  expect nobody else
