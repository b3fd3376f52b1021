# M-18 LS-3 AMB-3 AMB-7: on a closed day the message goes at once, the day ends on the next working day.
title     The same working day, raised on a Sunday
procedure lscb-children
agency    A
agency    B

2027-02-14 10:00  raise D1 between A and B
                  expect stage workers due 2027-02-15 17:00
                  expect stage_entered to practitioner@both line_manager@both
2027-02-15 16:59  expect silence
2027-02-15 17:00  expect stage managers without due
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both
                  expect nobody else
