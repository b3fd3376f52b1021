# PL-15 LS-15: a question belongs to the stage in which it was asked.  A yes that comes when the next
# level has the matter anyway must not reach the level above that.
title     A yes that comes after the stage has moved
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.urgent=true
2027-02-01 14:00  expect question to practitioner@A line_manager@A
                  expect nobody else
2027-02-01 15:00  stage.unresolved D1 by B
                  expect stage stage-2 due 2027-02-08 17:00
2027-02-01 15:30  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect refused 422.1
                  expect nobody else
# B was heard, and A told, at 15:00: two hours are left on Monday, two are Tuesday's first.
2027-02-02 10:59  expect silence
2027-02-02 11:00  expect question to practitioner@A head_of_service@A
                  expect nobody else
2027-02-02 12:00  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect heads_up_next_level to strategic_head@both
                  expect nobody else
                  expect stage stage-2 due 2027-02-08 17:00
