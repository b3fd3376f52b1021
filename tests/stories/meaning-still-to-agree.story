# M-16 LS-1: those still to agree are chased as the stage is, never assumed.
title     Proposed, and not agreed
procedure lscb-children
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=managers
2027-02-02 09:00  expect chase to line_manager@both
2027-02-02 11:00  resolution.proposed D1 by A outcome=agreed_actions
                  expect resolution_proposed to line_manager@B practitioner@B
                  expect nobody else
2027-02-03 08:59  expect silence
2027-02-03 09:00  expect chase to line_manager@A
                  expect chase,resolution_proposed to line_manager@B
                  expect resolution_proposed to practitioner@B
                  expect nobody else
2027-02-04 09:00  expect chase,resolution_proposed to line_manager@B
                  expect stage managers
# A new proposal is another one to agree to: A has not agreed to B's.
2027-02-04 11:00  resolution.proposed D1 by B outcome=other_actions
                  expect resolution_proposed to line_manager@A practitioner@A
                  expect nobody else
2027-02-05 09:00  expect chase,resolution_proposed to line_manager@A
                  expect chase to line_manager@B
                  expect resolution_proposed to practitioner@A
                  expect nobody else
2027-02-05 10:00  resolution.agreed D1 by A
                  expect closed as resolved
