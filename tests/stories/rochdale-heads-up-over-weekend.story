# RO-26 AMB-17 AMB-18: the four hours are working hours; a no tells nobody; and a manager reported
# as unresponsive needs no silence.
title     Silent over a weekend, and a no
procedure rochdale-adults
agency    A
agency    B

2027-02-05 15:00  raise D1 between A and B stage=stage-2 fact.urgent=true
                  expect stage stage-2 due 2027-02-12 17:00
# Two working hours on Friday and two on Monday.
2027-02-08 10:59  expect silence
2027-02-08 11:00  expect question to practitioner@A line_manager@A
                  expect priority urgent to line_manager@A practitioner@A
                  expect nobody else
2027-02-08 12:00  question.answered D1 by A question=heads_up_next_level answer=no
                  expect nobody else
2027-02-11 08:59  expect silence
