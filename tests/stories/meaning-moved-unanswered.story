# M-9 AMB-18: what somebody was asked, and the new version asks nobody, is told: a question that can
# have no answer any more must not be lost.
title     Moved while a question is open
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.urgent=true fact.relates_to=individual
2027-02-01 14:00  expect question to practitioner@A line_manager@A
                  expect nobody else
2027-02-01 15:00  reload procedure plcsab-adults from plcsab-adults-4
                  move D1
                  expect heads_up_next_level to head_of_service@both
                  expect due_moved to line_manager@both
                  expect nobody else
                  expect priority urgent to head_of_service@A
2027-02-01 15:10  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect refused 422.1
