# RO-28 WO-2: where skipping is marked, a stage jumped over is told to everybody told so far; one
# that an advance would have passed over is not jumped over.
title     Over a stage that is not for this disagreement
procedure invented-marked from invented-marked
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-02 10:00  stage.set D1 by A stage=third reason=invented
                  expect stage third due 2027-02-09 17:00
                  expect stage_entered to line_manager@both director@both
                  expect nobody else
2027-02-03 10:00  raise D2 between A and B fact.urgent=yes
2027-02-04 10:00  stage.set D2 by A stage=third reason=invented
                  expect stage_passed_over,stage_entered to line_manager@both
                  expect stage_entered to director@both
                  expect nobody else
