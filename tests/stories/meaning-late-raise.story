# M-5: raised nine days ago, and heard of only now: what is already past passes at once, and says so.
title     A raise that arrives after its first limit
procedure plcsab-adults
agency    A
agency    B

2027-02-10 12:00  raise D1 between A and B happened=2027-02-01T10:00:00Z
                  expect stage stage-2 due 2027-02-15 17:00
                  expect deadline overall due 2027-02-22 17:00
2027-02-01 10:00  expect stage_entered,deadline_started to line_manager@both
                  expect nobody else
2027-02-08 17:00  expect deadline stage-1 passed
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
                  expect mail to head_of_service@A contains THIS MESSAGE IS LATE. It was due at 17:00 on Monday 8 February 2027 and was sent at 12:00 on Wednesday 10 February 2027
2027-02-15 17:00  expect stage stage-3 due 2027-02-22 17:00
