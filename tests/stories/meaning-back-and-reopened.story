# M-17 PL-10: going back and reopening enter the stage afresh; the cap from the raise is untouched.
title     Back a stage, resolved, reopened
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 10:00  stage.unresolved D1 by A
                  expect stage stage-2 due 2027-02-09 17:00
2027-02-03 10:00  stage.set D1 by B stage=stage-1 reason=invented
                  expect stage stage-1 due 2027-02-10 17:00
                  expect deadline stage-2 stopped
                  expect deadline overall due 2027-02-22 17:00
                  expect stage_entered to line_manager@both head_of_service@both
                  expect nobody else
2027-02-04 10:00  resolution.proposed D1 by B outcome=agreed_actions
2027-02-04 11:00  resolution.agreed D1 by A
                  expect closed as resolved
                  expect deadline overall stopped
2027-02-09 10:00  reopened D1 by B reason=invented
                  expect stage stage-1 due 2027-02-16 17:00
                  expect deadline written_record stopped
                  expect deadline overall due 2027-02-22 17:00
                  expect reopened,stage_entered to line_manager@both
                  expect reopened to practitioner@both head_of_service@both
                  expect nobody else
2027-02-16 17:00  expect stage stage-2 due 2027-02-23 17:00
2027-02-22 17:00  expect deadline overall passed
                  expect limit_passed to head_of_service@both board_team@board
                  expect nobody else
