# M-5: an event that arrives late is honoured from the time at which it happened.
title     Reported on Wednesday that it was unresolved on Tuesday
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-03 12:00  stage.unresolved D1 by A happened=2027-02-02T10:00:00Z
                  expect stage stage-2 due 2027-02-09 17:00
2027-02-02 10:00  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
                  expect mail to head_of_service@B contains THIS MESSAGE IS LATE. It was due at 10:00 on Tuesday 2 February 2027
# What has passed does not un-pass: that the first stage was held before it passed comes too late.
2027-02-09 17:00  expect stage stage-3 due 2027-02-16 17:00
2027-02-10 09:00  deadline.extended D1 by A deadline=stage-2 due=2027-02-20T17:00:00Z reason=invented happened=2027-02-08T10:00:00Z
                  expect refused 422.1
2027-02-10 10:00  hold D1 by A reason=invented until=2027-02-12T12:00:00Z happened=2027-02-09T10:00:00Z
                  expect stage stage-3 due 2027-02-16 17:00
