# AMB-24: the challenging side withdraws: its deadlines stop, everybody who was ever told hears it,
# and it is silent from then on.  Nobody else can withdraw it; either side can open it again.
title     Withdrawn at the second stage, and opened again
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-08 17:00  expect stage stage-2
2027-02-10 10:00  withdrawn D1 by B reason=not-theirs
                  expect refused 403.4
2027-02-10 11:00  withdrawn D1 by A reason=settled-otherwise
                  expect closed as withdrawn
                  expect deadline stage-2 stopped
                  expect deadline overall stopped
                  expect withdrawn to line_manager@both practitioner@both head_of_service@both
                  expect nobody else
                  expect mail to practitioner@B lacks settled-otherwise
                  expect record event contains settled-otherwise
2027-02-15 10:00  expect silence
# The limit runs afresh from the reopening; the overall limit, from the raise, runs on.
2027-02-15 11:00  reopened D1 by B reason=not-settled
                  expect stage stage-2 due 2027-02-22 17:00
                  expect deadline overall due 2027-02-22 17:00
                  expect reopened,stage_entered to head_of_service@both
                  expect reopened to line_manager@both practitioner@both
                  expect nobody else
