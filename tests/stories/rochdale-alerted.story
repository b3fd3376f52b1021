# RO-6 RO-7 RO-8 AMB-5 AMB-6: "within 5 days of being alerted": five working days from the entry
# that alerted the handlers; a later acknowledgement does not lengthen them, an early end saves none.
title     Alerted on Monday, acknowledged on Thursday
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
                  expect stage stage-2 due 2027-02-08 17:00
2027-02-04 09:30  acknowledged D1 by B
                  expect stage stage-2 due 2027-02-08 17:00
                  expect nobody else
2027-02-04 12:00  stage.unresolved D1 by B
                  expect stage stage-3 due 2027-02-11 17:00
                  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
2027-02-10 09:00  expect reminder to head_of_service@both
2027-02-11 16:59  expect silence
2027-02-11 17:00  expect deadline stage-3 passed
                  expect stage stage-4 due 2027-02-18 17:00
