# RO-13: "unless the adult is at immediate or significant risk": the first stage is skipped.
title     Significant risk at the raise: the managers at once
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.risk=significant
                  expect stage stage-2 due 2027-02-08 17:00
                  expect deadline stage-1 not started
                  expect stage_entered,protocol_invoked to line_manager@both safeguarding_lead@both
                  expect protocol_invoked to practitioner@both
                  expect nobody else
