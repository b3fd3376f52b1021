# PL-6 PL-7 PL-11 PL-12 AMB-13 LS-2: the board's team is made aware once, for information, when
# stage 3 is entered in an individual case; and at once, in any stage, where life is threatened and
# an agency stays out of it.  A category is kept for the board's themes and changes nobody's mail.
title     What the board is told, and that it is asked nothing
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual category=threshold
                  expect stage_entered,deadline_started to line_manager@both
                  expect nobody else
                  expect record event contains "category":"threshold"
                  expect mail to line_manager@B lacks threshold
# A Head of Service is no such senior officer here.
2027-02-08 17:00  expect stage stage-2
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
2027-02-15 17:00  expect stage stage-3
                  expect board_senior_involved to board_team@board
                  expect mail to board_team@board contains Nothing is asked of you: this is for your information.
                  expect mail to board_team@board contains [Information]
                  expect mail to board_team@board lacks WHAT TO DO
                  expect mail to board_team@board contains disputes relate to the safeguarding needs of individual Adults at Risk, the LSAB Team must be made aware of this
                  expect record notification contains "message":"board_senior_involved","cause":"rule board_senior_involved"
# Once: leaving the senior stage and entering it again is no news to the board.
2027-02-16 10:00  stage.set D1 by A stage=stage-2 reason=new-facts
2027-02-16 11:00  stage.set D1 by A stage=stage-3 reason=as-before
                  expect stage stage-3
                  expect intention_to_escalate,stage_entered to head_of_service@B strategic_head@B
                  expect stage_entered to head_of_service@A strategic_head@A
                  expect nobody else
# The position first, then the risk, at stage 3, in the night of a Sunday: whoever handles now.
2027-02-20 12:00  position.changed D1 by A agency=B non_involvement=true
                  expect nobody else
2027-02-21 03:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@both strategic_head@both
                  expect board_life_threatening to board_team@board
                  expect nobody else
                  expect priority immediate to board_team@board practitioner@A strategic_head@B
                  expect stage stage-3 due 2027-02-23 17:00
