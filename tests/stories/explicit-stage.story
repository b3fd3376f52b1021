# PL-16 RO-13 RO-28 AMB-19: a stage whose `when` fails is passed over by every automatic step; but
# what people set, or raise at, with their reason, is entered: their word goes before it.
title     A stage that would be passed over is set
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.risk=significant
                  expect stage stage-2 due 2027-02-08 17:00
                  expect deadline stage-1 not started
2027-02-02 10:00  stage.set D1 by A stage=stage-1 reason=invented
                  expect stage stage-1 due 2027-02-09 17:00
                  expect stage_entered to practitioner@both line_manager@both safeguarding_lead@both
                  expect nobody else
                  expect record event contains "reason":"invented
# Its limit takes it on as any other's, and nothing goes back to it by itself.
2027-02-09 17:00  expect deadline stage-1 passed
                  expect stage stage-2 due 2027-02-16 17:00
# A raise that names it means it too.
2027-02-10 10:00  raise D2 between A and B fact.risk=immediate stage=stage-1
                  expect stage stage-1 due 2027-02-17 17:00
