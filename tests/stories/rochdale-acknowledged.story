# RO-26 AMB-17: whoever answered in time is not silent.
title     Both managers answered within four working hours
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2 fact.urgent=true
2027-02-01 13:30  acknowledged D1 by A
2027-02-01 13:59  acknowledged D1 by B
                  expect nobody else
2027-02-05 08:59  expect silence
2027-02-05 09:00  expect reminder to line_manager@both
                  expect nobody else
# The reminder is told to both; neither answers it: 09:00 and four working hours.
2027-02-05 12:59  expect silence
2027-02-05 13:00  expect question to practitioner@A line_manager@A
                  expect nobody else
