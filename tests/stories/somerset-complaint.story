# SO-2: a formal complaint goes to those who take complaints; this procedure's clocks run on.
title     A complaint leaves the clocks running
procedure somerset-adults
agency    A without supporter
agency    B without supporter
agency    C without supporter complaints_contact

2027-04-05 10:00  raise D1 between A and B and C
2027-04-05 11:00  deadline.set D1 by A due=2027-04-09T17:00:00+01:00
                  expect stage practitioners due 2027-04-09 17:00
2027-04-06 15:00  complaint.raised D1 by A
                  expect complaint_own_procedure to complaints_contact@A complaints_contact@B
                  expect nobody else
                  expect stage practitioners due 2027-04-09 17:00
# Each complaint is told.
2027-04-07 15:00  complaint.raised D1 by C
                  expect complaint_own_procedure to complaints_contact@A complaints_contact@B
                  expect nobody else
2027-04-08 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-04-09 17:00  expect deadline practitioners passed
                  expect stage managers
