# RO-26 AMB-18: a manager who was reported as not responding, before any silence is long enough.
title     Reported as unresponsive
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2 fact.urgent=true
2027-02-01 11:00  manager.unresponsive D1 by A agency=B role=line_manager
                  expect question to practitioner@A line_manager@A
                  expect nobody else
2027-02-01 11:05  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect heads_up_next_level to head_of_service@both
                  expect nobody else
                  expect stage stage-2 due 2027-02-08 17:00
2027-02-01 12:00  manager.unresponsive D1 by A agency=B role=line_manager
                  expect nobody else
