# LS-3 LS-5 AMB-7: a minute before and a minute after close of business.  The message goes at once;
# the one that leaves a minute says so; the line managers are consulted from the beginning.
title     16:59 and 17:01
procedure lscb-children
agency    A
agency    B

2027-02-11 16:59  raise D1 between A and B
                  expect stage workers due 2027-02-11 17:00
                  expect mail to practitioner@A contains You have 1 minute.
                  expect mail to practitioner@A contains escalated on the same working day for resolution with due consideration to the risks that might exist for the child
                  expect mail to line_manager@A contains It is now with: Worker
2027-02-11 17:00  withdrawn D1 by A reason=settled
2027-02-12 17:01  raise D2 between A and B
                  expect stage workers due 2027-02-15 17:00
                  expect stage_entered to practitioner@both line_manager@both
                  expect nobody else
                  expect mail to practitioner@A contains BY WHEN: 17:00 on Monday 15 February 2027
2027-02-15 16:59  expect stage workers
2027-02-15 17:00  expect stage managers without due
