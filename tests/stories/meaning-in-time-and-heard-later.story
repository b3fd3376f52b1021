# M-1 M-5: an event stamped exactly at the due instant is in time, and yet is heard five seconds
# after the limit has passed by itself: one step up, not two.
title     Unresolved at 17:00:00, heard at 17:00:05
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-08 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-15 17:00
2027-02-08 17:00:05 stage.unresolved D1 by A happened=2027-02-08T17:00:00Z
                  expect stage stage-2 due 2027-02-15 17:00
                  expect silence
# Two seconds later by its own stamp it speaks of the stage that has begun.
2027-02-08 17:00:07 stage.unresolved D1 by B happened=2027-02-08T17:00:02Z
                  expect stage stage-3 due 2027-02-15 17:00
