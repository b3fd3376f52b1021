# PL-5 PL-16 AMB-4 AMB-12: from stage 2 to 3 is a considered step.  The challenging side is asked
# with the last reminder; its no, with a reason, holds the step; the overall limit runs on, and
# passes before the third stage does.
title     Stage 3 is considered, refused, and then wanted
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
                  expect deadline overall due 2027-02-22 17:00
# «must be referred»: stage 1 asks nobody.
2027-02-05 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
2027-02-12 09:00  expect reminder,question to head_of_service@A
                  expect reminder,intention_to_escalate to head_of_service@B
                  expect intention_to_escalate to strategic_head@B
                  expect nobody else
                  expect mail to head_of_service@A contains consideration should be given to progressing the dispute
                  expect mail to head_of_service@A contains Without an answer it does.
2027-02-12 11:00  question.answered D1 by A question=stage-2 answer=no
                  expect refused 400.4
2027-02-12 11:01  question.answered D1 by B question=stage-2 answer=no reason=talks-go-on
                  expect refused 403.4
2027-02-12 11:02  question.answered D1 by A question=stage-2 answer=no reason=talks-go-on
                  expect hold to line_manager@both practitioner@both head_of_service@both
                  expect hold to strategic_head@B
                  expect nobody else
                  expect record event contains talks-go-on
# The limit passes all the same; nothing moves; and it is chased every working day.
2027-02-15 17:00  expect deadline stage-2 passed
                  expect stage stage-2
                  expect limit_passed to head_of_service@both
                  expect nobody else
2027-02-16 09:00  expect chase to head_of_service@both
                  expect nobody else
2027-02-17 09:00  expect chase to head_of_service@both
                  expect nobody else
# A yes takes the no back: stage 3 begins now, with five working days of its own.
2027-02-17 14:00  question.answered D1 by A question=stage-2 answer=yes
                  expect stage stage-3 due 2027-02-24 17:00
                  expect release,stage_entered to head_of_service@both
                  expect release,stage_entered to strategic_head@B
                  expect stage_entered to strategic_head@A
                  expect release to line_manager@both practitioner@both
                  expect board_senior_involved to board_team@board
                  expect nobody else
2027-02-19 09:00  expect reminder to strategic_head@both
                  expect nobody else
# Fifteen working days from the raise, never restarted: the cap passes two days before the stage.
2027-02-22 17:00  expect deadline overall passed
                  expect stage stage-3 due 2027-02-24 17:00
                  expect limit_passed to strategic_head@both board_team@board
                  expect nobody else
2027-02-24 17:00  expect deadline stage-3 passed
                  expect stage stage-3
                  expect limit_passed to strategic_head@both
                  expect nobody else
