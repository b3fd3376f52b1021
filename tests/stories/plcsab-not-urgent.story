# PL-14 AMB-17: silence counts only where the case is marked urgent; an event that says that a
# manager does not answer counts at once; and any event of an agency ends its silence.
title     Silence in a case that is not urgent, and then is
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-03 17:00  expect silence
2027-02-03 17:01  acknowledged D1 by A
                  acknowledged D1 by B
2027-02-04 09:00  flag.changed D1 by A flag=urgent value=true
                  expect nobody else
2027-02-04 17:00  expect silence
# The reminder of Friday is answered within the hour by both: no silence.
2027-02-05 09:00  expect reminder to line_manager@both
2027-02-05 09:40  discussion.held D1 by A
                  discussion.held D1 by B
2027-02-05 13:01  expect silence
# Somebody says that a manager does not answer: that needs no four hours.
2027-02-05 14:00  manager.unresponsive D1 by A agency=B role=line_manager
                  expect question to practitioner@A line_manager@A
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
