# M-3: an outage changes nothing but lateness.  The daemon is down for eight days; what passed
# meanwhile passes at its own instants, 5 + 5 + 5 days end on the 15th, and each message says that
# it is late, with both times.
title     Down for eight days
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
                  expect deadline overall due 2027-02-22 17:00
                  expect mail to line_manager@A lacks THIS MESSAGE IS LATE
2027-02-08 12:00  outage until 2027-02-16 09:30
2027-02-08 17:00  expect deadline stage-1 passed
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
                  expect mail to head_of_service@B contains THIS MESSAGE IS LATE. It was due at 17:00 on Monday 8 February 2027
                  expect mail to head_of_service@B contains and was sent at 09:30 on Tuesday 16 February 2027
2027-02-12 09:00  expect reminder,question to head_of_service@A
                  expect reminder,intention_to_escalate to head_of_service@B
                  expect intention_to_escalate to strategic_head@B
                  expect nobody else
2027-02-15 17:00  expect deadline stage-2 passed
                  expect stage stage-3 due 2027-02-22 17:00
                  expect limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect board_senior_involved to board_team@board
                  expect nobody else
                  expect mail to board_team@board contains THIS MESSAGE IS LATE
2027-02-19 09:00  expect reminder,reminder to strategic_head@both
                  expect mail to strategic_head@A lacks THIS MESSAGE IS LATE
2027-02-22 17:00  expect deadline stage-3 passed
                  expect deadline overall passed
                  expect limit_passed,limit_passed to strategic_head@both
