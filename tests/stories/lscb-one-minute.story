# LS-3 LS-5 LS-6 AMB-7: a disagreement raised a minute before close of business.
title     The same working day, raised at 16:59
procedure lscb-children
agency    A
agency    B

2027-02-12 16:59  raise D1 between A and B
                  expect stage workers due 2027-02-12 17:00
                  expect stage_entered to practitioner@both line_manager@both
                  expect nobody else
2027-02-12 17:00  expect deadline workers passed
                  expect stage managers without due
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both
                  expect nobody else
# No limit is never a breach: it is chased, each working day.
2027-02-14 23:00  expect silence
2027-02-15 09:00  expect chase to line_manager@both
                  expect nobody else
2027-02-16 09:00  expect chase to line_manager@both
                  expect stage managers without due
