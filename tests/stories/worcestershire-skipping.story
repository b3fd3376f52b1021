# WO-2: "must follow the stages 1 to 4": jumping over one is told as a departure, and never refused.
title     From stage one to stage three
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B
2027-03-04 22:00  stage.set D1 by A stage=stage-three reason=invented
                  expect stage stage-three without due
                  expect deadline stage-one stopped
                  expect stage_passed_over,stage_entered to practitioner@both
                  expect stage_passed_over to line_manager@A
                  expect mail to line_manager@A contains This departs from the procedure
                  expect mail to line_manager@A contains It stands at Stage three now, with: Senior manager
                  expect mail to practitioner@B contains This departs from the procedure
                  expect stage_entered to senior_manager@both
                  expect priority urgent to senior_manager@A senior_manager@B
                  expect nobody else
# Back to stage two is no jump, nor is the next stage.
2027-03-05 10:00  stage.set D1 by B stage=stage-two reason=invented
                  expect stage stage-two due 2027-03-06 10:00
                  expect stage_entered to line_manager@both safeguarding_lead@both senior_manager@both
                  expect nobody else
2027-03-05 11:00  stage.set D1 by B stage=stage-three reason=invented
                  expect stage stage-three without due
                  expect stage_entered to senior_manager@both line_manager@both
                  expect nobody else
