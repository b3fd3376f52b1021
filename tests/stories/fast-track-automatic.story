# AMB-17 AMB-18: by configuration nobody confirms: after two working hours of silence, the board's
# own number, the next level is told at once.  The stage does not move.
title     A fast track that needs no yes
procedure invented-fast-track
procedure invented-fast-track from invented-fast-track
agency    A
agency    B

2027-02-05 16:00  raise D1 between A and B fact.urgent=true
                  expect stage first due 2027-02-12 17:00
                  expect stage_entered to line_manager@both
                  expect nobody else
# One working hour is left on Friday, the other is Monday's first.
2027-02-08 09:59  expect silence
2027-02-08 10:00  expect speak_up to head_of_service@both
                  expect nobody else
                  expect stage first due 2027-02-12 17:00
