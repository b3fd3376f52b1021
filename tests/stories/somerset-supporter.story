# SO-7: a third party is consulted where the raise names one; where nobody is named, nobody is told.
title     A third party named at the raise, on one side only
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 10:00  raise D1 between A and B person.supporter@A=third.party@A.example
                  expect stage_entered to practitioner@both safeguarding_lead@both supporter@A
                  expect nobody else
# He is copied, not chased.
2027-04-12 09:00  expect chase to practitioner@both
                  expect nobody else
# Named later, he is told what comes later.
2027-04-13 10:00  contact.changed D1 by A agency=A role=supporter email=another@A.example
                  expect nobody else
2027-04-13 11:00  deadline.set D1 by A due=2027-04-16T17:00:00+01:00
                  expect due_moved to practitioner@both safeguarding_lead@both supporter@A
                  expect nobody else
