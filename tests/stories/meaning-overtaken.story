# M-5: an event that arrives late is honoured from the time at which it happened; and M-16: only the
# agencies themselves end it. What could silence a disagreement, and overtook other events of its
# source, waits for them, half an hour at the longest; what tells of risk is heard at once; and what
# takes a hold back has the last word, in whatever order they come.
title     A case system's events are lost on the way, or come in another order
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B number=1
                  expect stage stage-1 due 2027-02-08 17:00
# Events 2 and 3 are missing; event 4, a hold, waits for them.
2027-02-01 11:00  hold D1 by A until=2027-03-01T09:00:00Z number=4
                  expect silence
# Event 5 tells of risk: at once.
2027-02-01 11:10  risk.changed D1 by A risk=life_threatening number=5
                  expect priority immediate to practitioner@A
2027-02-01 11:29  expect stage stage-1
2027-02-01 11:00  expect silence
# Half an hour after they were missed they are given up: it is held, and whom it was told hears so,
# late.
2027-02-01 11:30  expect stage stage-1
                  expect record taken_up contains "id":"e2"
2027-02-01 11:00  expect hold to line_manager@both
                  expect mail to line_manager@A contains THIS MESSAGE IS LATE
2027-02-01 12:00  release D1 by A number=6
                  expect release to line_manager@both
# The other way round: the release (8) is there, the hold (7) is not. It comes, and ends at once.
2027-02-02 09:00  release D1 by A number=8
                  expect silence
2027-02-02 09:10  hold D1 by A until=2027-03-01T09:00:00Z number=7 happened=2027-02-02T08:50:00Z
2027-02-02 09:11  expect stage stage-1
2027-02-02 08:50  expect hold to line_manager@both
2027-02-02 09:00  expect release to line_manager@both
# So the limit passes as if nothing had been.
2027-02-08 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-15 17:00
