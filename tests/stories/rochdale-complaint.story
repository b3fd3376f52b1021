# RO-27 AMB-16: complaints go directly to the chair's own mailbox, not via the business manager.
title     A complaint goes to the chair directly
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
2027-02-02 11:00  complaint.raised D1 by B
                  expect complaint to chair@board
                  expect nobody else
                  expect stage stage-2 due 2027-02-08 17:00
