# M-18: from the close of business itself, the same working day is the next one; so it is from a
# bank holiday.
title     Raised at 17:00 on the Thursday before Good Friday
procedure lscb-children
agency    A
agency    B

2027-03-25 17:00  raise D1 between A and B
                  expect stage workers due 2027-03-30 17:00
                  expect stage_entered to practitioner@both line_manager@both
2027-03-30 17:00  expect deadline workers passed
                  expect stage managers without due
