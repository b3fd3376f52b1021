# PL-4 AMB-5: both sides report the same stage unresolved, and one report comes late: one step up.
title     One stage, two reports: nobody is skipped
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-02 10:00  stage.unresolved D1 by A stage=stage-1
                  expect stage stage-2 due 2027-02-09 17:00
                  expect stage_entered to head_of_service@both line_manager@both
                  expect nobody else
2027-02-02 10:05  stage.unresolved D1 by B stage=stage-1
                  expect nobody else
                  expect stage stage-2 due 2027-02-09 17:00
2027-02-02 11:00  stage.unresolved D1 by B
                  expect stage stage-3 due 2027-02-09 17:00
