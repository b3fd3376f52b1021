# SO-11: advice is sought from the safeguarding lead of the side that asks, at any step, any hour.
title     Advice from one's own safeguarding lead
procedure somerset-adults
agency    A without supporter
agency    B without supporter
agency    C without supporter

2027-04-05 10:00  raise D1 between A and B and C stage=senior-managers
2027-04-05 21:00  advice.requested D1 by B
                  expect advice_requested to safeguarding_lead@B
                  expect nobody else
2027-04-06 10:00  advice.requested D1 by A
                  expect advice_requested to safeguarding_lead@A
                  expect nobody else
2027-04-06 11:00  advice.requested D1 by A
                  expect advice_requested to safeguarding_lead@A
                  expect nobody else
                  expect stage senior-managers
