# M-1 M-2: at one instant an event comes first, then deadlines, those of stages last: what belongs
# to a stage passes before the stage is left, and what waits for that passing starts.
title     Two deadlines at one instant, the stage's last
procedure invented-order from invented-order
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage first due 2027-02-03 17:00
                  expect deadline minutes due 2027-02-03 17:00
                  expect deadline after_the_minutes not started
                  expect stage_entered to practitioner@both
                  expect deadline_started to minutes_clerk@both
                  expect nobody else
2027-02-03 17:00  expect deadline minutes passed
                  expect deadline first passed
                  expect deadline after_the_minutes due 2027-02-04 17:00
                  expect stage second without due
                  expect limit_passed,deadline_started to minutes_clerk@both
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both
                  expect nobody else
