# RO-19: for a sole proprietor or self-employed individual the commissioner or the funding body.
title     Nobody above a sole proprietor but who commissions or funds
procedure rochdale-adults
agency    A kind sole_proprietor
agency    B kind self_employed without commissioner
agency    C without head_of_agency

2027-02-01 10:00  raise D1 between A and B and C stage=stage-5
                  expect stage stage-5 due 2027-02-08 17:00
                  expect stage_entered to commissioner@A funding_body@B head_of_service@C
                  expect protocol_invoked to practitioner@both line_manager@both
                  expect protocol_invoked to safeguarding_lead@both
                  expect nobody else
