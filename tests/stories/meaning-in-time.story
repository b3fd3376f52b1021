# M-1 M-2 M-8: an event stamped exactly at the due instant is in time, and stops the limit; and
# what nobody knows is kept in the record and changes nothing.
title     Reported at 17:00 on the last day
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.colour=blue
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-02 10:00  weather.changed D1 by A sky=grey
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
                  expect record event contains weather.changed
2027-02-05 09:00  expect reminder to line_manager@both
2027-02-08 17:00  stage.unresolved D1 by A
                  expect deadline stage-1 stopped
                  expect stage stage-2 due 2027-02-15 17:00
                  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
2027-02-12 09:00  expect reminder,question to head_of_service@A
# Nothing is reported: it passes by itself, at the same time of day.
2027-02-15 17:00  expect deadline stage-2 passed
                  expect stage stage-3 due 2027-02-22 17:00
