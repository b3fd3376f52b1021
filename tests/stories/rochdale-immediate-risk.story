# RO-13: "unless the adult is at immediate or significant risk": the first stage is skipped.
title     Immediate risk at the raise, on a Saturday night
procedure rochdale-adults
agency    A
agency    B

2027-02-06 23:00  raise D1 between A and B fact.risk=immediate
                  expect stage stage-2 due 2027-02-12 17:00
                  expect deadline stage-1 not started
                  expect stage_entered,protocol_invoked to line_manager@both safeguarding_lead@both
                  expect protocol_invoked to practitioner@both
                  expect nobody else
