# SO-5 SO-6: a case about to be closed, or de-escalated, while people disagree.
title     Closing the case never closes the disagreement
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 10:00  raise D1 between A and B stage=managers
2027-04-05 11:00  deadline.set D1 by A due=2027-04-09T17:00:00+01:00
# At night as well: it is urgent.
2027-04-06 23:15  case.closure_proposed D1 by B
                  expect closure_while_open to practitioner@both line_manager@both
                  expect priority urgent to practitioner@A practitioner@B line_manager@A line_manager@B
                  expect nobody else
                  expect stage managers due 2027-04-09 17:00
2027-04-07 10:00  case.deescalated D1 by B
                  expect deescalated to practitioner@both line_manager@both
                  expect priority normal to practitioner@A practitioner@B line_manager@A line_manager@B
                  expect nobody else
                  expect stage managers due 2027-04-09 17:00
2027-04-08 09:00  expect reminder to line_manager@both
2027-04-09 17:00  expect deadline managers passed
                  expect stage senior-managers
                  expect limit_passed,stage_entered to line_manager@both
                  expect stage_entered to senior_manager@both safeguarding_lead@both
                  expect nobody else
2027-04-12 10:00  withdrawn D1 by A reason=invented
                  expect closed as withdrawn
                  expect withdrawn to practitioner@both line_manager@both
                  expect withdrawn to senior_manager@both safeguarding_lead@both
                  expect nobody else
2027-12-31 12:00  expect silence
