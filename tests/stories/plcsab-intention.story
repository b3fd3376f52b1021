# PL-8: the agency that escalates says so itself: then neither the reminder nor the entry repeats it.
title     The intention to escalate, told by an event
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
2027-02-09 10:00  escalation.intended D1 by A
                  expect intention_to_escalate to head_of_service@B strategic_head@B
                  expect nobody else
                  expect mail to strategic_head@B contains Invented A advises you of its intention to take this disagreement to Stage 3
2027-02-12 09:00  expect reminder,question to head_of_service@A
                  expect reminder to head_of_service@B
                  expect nobody else
2027-02-15 17:00  expect stage stage-3
                  expect limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect nobody else
