# LS-2 LS-4 LS-6 LS-7 LS-8 LS-9 LS-15 AMB-11 AMB-19: the four steps, each told to its own handlers and
# nobody above them; a policy issue is told to the board beside the steps and moves none; the Board
# Manager owes the Chair a report until it is done.
title     Four steps up to the Board Manager, and a policy issue on the way
procedure lscb-children
agency    A
agency    B

2027-03-01 10:00  raise D1 between A and B case=7F3K-0192 category=conference link=https://las.A.example/r/7F3K-0192
                  expect stage workers due 2027-03-01 17:00
                  expect stage_entered to practitioner@both line_manager@both
                  expect nobody else
# Problem and wanted outcome are pointed to, and not contained; the category routes nothing.
                  expect mail to practitioner@B contains https://las.A.example/r/7F3K-0192
                  expect mail to practitioner@B contains case 7F3K-0192
                  expect mail to practitioner@B lacks conference
                  expect record event contains "category":"conference"
2027-03-01 11:00  flag.changed D1 by A flag=policy_issue value=true
                  expect deadline_started to board_manager@board
                  expect nobody else
                  expect stage workers due 2027-03-01 17:00
                  expect mail to board_manager@board contains This will include reporting the issue to the LSCB Chair
2027-03-01 17:00  expect stage managers without due
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both
                  expect nobody else
                  expect mail to line_manager@A contains should then discuss the concerns between themselves and attempt to achieve an agreement
# No limit: never late, and chased every working day.
2027-03-02 09:00  expect chase to line_manager@both
                  expect nobody else
2027-03-02 10:00  stage.unresolved D1 by B
                  expect stage board-representatives without due
                  expect stage_entered to board_rep@both line_manager@both
                  expect nobody else
                  expect mail to board_rep@A contains referred to the LSCB representative for each agency for resolution
# The report is chased every five working days; the step as well, from its own start.
2027-03-08 08:59  expect silence
2027-03-08 09:00  expect chase to board_manager@board
                  expect nobody else
2027-03-09 09:00  expect chase to board_rep@both
                  expect nobody else
2027-03-09 11:00  stage.unresolved D1 by A
                  expect stage board-manager without due
                  expect stage_entered to board_manager@board board_rep@both
                  expect nobody else
                  expect mail to board_manager@board contains who will offer mediation and determine a course of action
2027-03-15 09:00  expect chase to board_manager@board
                  expect nobody else
2027-03-15 10:00  followup.done D1 by board deadline=report_to_chair
                  expect deadline report_to_chair stopped
                  expect nobody else
# Only the step is chased now.
2027-03-16 09:00  expect chase to board_manager@board
2027-03-22 09:00  expect nobody else
2027-03-23 09:00  expect chase to board_manager@board
                  expect nobody else
