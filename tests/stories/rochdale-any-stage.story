# RO-28: "does not have to be followed in full. Disagreements can be resolved at any stage."
title     Over two stages, back by one, resolved there
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
# Over stages 2 and 3; this procedure does not mark it.
2027-02-02 10:00  stage.set D1 by A stage=stage-4 reason=invented
                  expect stage stage-4 due 2027-02-09 17:00
                  expect deadline stage-1 stopped
                  expect stage_entered to line_manager@A safeguarding_lead@A service_manager@B
                  expect stage_entered to practitioner@both
                  expect nobody else
2027-02-03 10:00  stage.set D1 by B stage=stage-3 reason=invented
                  expect stage stage-3 due 2027-02-10 17:00
                  expect deadline stage-4 stopped
                  expect stage_entered to head_of_service@both line_manager@A safeguarding_lead@A
                  expect stage_entered to service_manager@B
                  expect nobody else
2027-02-04 10:00  resolution.proposed D1 by B outcome=adult_safeguarded
2027-02-04 11:00  resolution.agreed D1 by A
                  expect closed as resolved
                  expect resolved,deadline_started,deadline_started to head_of_service@both
                  expect resolved to practitioner@both line_manager@both safeguarding_lead@both
                  expect resolved to service_manager@B
                  expect nobody else
