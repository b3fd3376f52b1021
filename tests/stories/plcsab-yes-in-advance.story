# PL-5 PL-16 AMB-12: a yes before the limit changes nothing but that nobody asks again: the stage is
# left at its limit.  A no that is taken back in time holds nothing.
title     Asked, refused, and agreed to before the limit
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
2027-02-12 09:00  expect reminder,question to head_of_service@A
2027-02-12 10:00  question.answered D1 by A question=stage-2 answer=no reason=wait
                  expect hold to head_of_service@both
2027-02-12 16:00  question.answered D1 by A question=stage-2 answer=yes
                  expect release to line_manager@both practitioner@both head_of_service@both
                  expect release to strategic_head@B
                  expect nobody else
                  expect stage stage-2 due 2027-02-15 17:00
2027-02-15 17:00  expect stage stage-3 due 2027-02-22 17:00
                  expect limit_passed,stage_entered to head_of_service@both
                  expect stage_entered to strategic_head@both
                  expect nobody else
