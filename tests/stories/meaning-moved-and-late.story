# M-9 M-5: moved to a version whose limit is over already, it passes at once; what has passed does
# not un-pass; and a version that lacks what runs, or who was told, is refused, and changes nothing.
title     A disagreement is moved to a shorter version
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
2027-02-08 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-15 17:00
# Version 2 has no limit "overall", and no third stage.
2027-02-09 10:00  reload procedure plcsab-adults from plcsab-adults-2
                  move D1
                  expect refused move
                  expect nobody else
                  expect stage stage-2 due 2027-02-15 17:00
# Version 4 gives stage 2 three working days: 9, 10, 11 February.  The intention to escalate went
# with the reminder, on Friday at 9, and is not repeated.
2027-02-12 09:00  expect intention_to_escalate to strategic_head@B
2027-02-12 11:00  reload procedure plcsab-adults from plcsab-adults-4
                  expect nobody else
2027-02-12 11:30  move D1
                  expect deadline stage-2 passed
                  expect stage stage-3 due 2027-02-17 17:00
                  expect due_moved,limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect board_senior_involved to board_team@board
                  expect nobody else
                  expect deadline overall due 2027-02-22 17:00
2027-02-16 10:00  resolution.proposed D1 by A outcome=agreed
2027-02-16 11:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect resolved to line_manager@both head_of_service@both strategic_head@both practitioner@both board_team@board
                  move D1
                  expect refused move
