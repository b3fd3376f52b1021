# M-9: moving a running disagreement to another version is an explicit command, and recorded. What
# runs is counted anew from its own start; who was told is told again only where the due instant
# moved; what the new version adds starts, as if it had always been there.
title     A disagreement is moved to the version in force
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
                  expect stage stage-1 due 2027-02-08 17:00
                  expect deadline overall due 2027-02-22 17:00
                  move D1
                  expect refused move
2027-02-03 12:00  reload procedure plcsab-adults from plcsab-adults-3
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
# Eight working days from the raise: 2, 3, 4, 5, 8, 9, 10, 11 February.  The fifteen days stay what
# they were: nobody hears of them.  The ten days of the note began at the raise too.
2027-02-03 14:00  move D1
                  expect stage stage-1 due 2027-02-11 17:00
                  expect due_moved to line_manager@both
                  expect stage_entered,due_moved to head_of_service@both
                  expect deadline_started to practitioner@both
                  expect board_told to board_team@board
                  expect nobody else
                  expect deadline overall due 2027-02-22 17:00
                  expect deadline note due 2027-02-15 17:00
                  expect mail to line_manager@A contains version 3
                  expect record version contains "from_version":"1","to_version":"3"
                  expect record moved contains "because":"version 3"
                  expect record deadline contains "because":"version 3"
                  move D1
                  expect refused move
                  restart
# The reminder of the old limit, on Friday 5th, does not come; that of the new one does.
2027-02-08 17:00  expect silence
2027-02-10 09:00  expect reminder to line_manager@both head_of_service@both
                  expect nobody else
2027-02-11 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-18 17:00
