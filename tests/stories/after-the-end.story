# SO-2 SO-5 SO-6 SO-11: once it is resolved a case that is to be closed is no longer "closed while
# open", and tells nobody; a complaint, and whoever asks for advice, is heard at any time.
title     After the resolution
procedure somerset-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-02 10:00  case.closure_proposed D1 by A
                  expect closure_while_open to practitioner@both
                  expect nobody else
2027-02-03 10:00  resolution.proposed D1 by A outcome=agreed_actions
2027-02-03 11:00  resolution.agreed D1 by B
                  expect closed as resolved
2027-02-04 10:00  case.closure_proposed D1 by A
                  expect nobody else
2027-02-04 11:00  case.deescalated D1 by A
                  expect nobody else
2027-02-04 12:00  complaint.raised D1 by B
                  expect complaint_own_procedure to complaints_contact@both
                  expect nobody else
2027-02-04 13:00  advice.requested D1 by B
                  expect advice_requested to safeguarding_lead@B
                  expect nobody else
# Opened again, it is a disagreement like any other.
2027-02-05 10:00  reopened D1 by B reason=invented
2027-02-05 11:00  case.closure_proposed D1 by A
                  expect closure_while_open to practitioner@both
                  expect nobody else
