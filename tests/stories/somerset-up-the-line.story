# SO-3 SO-10 SO-13 SO-15 SO-17 AMB-20: practitioners, managers, senior managers passed over as not
# needed, the board's representatives, the board; what is owed after the end is chased.
title     Up the line to the board, and what remains to be done
procedure somerset-adults
agency    A without supporter
agency    B without supporter

2027-04-05 10:00  raise D1 between A and B
                  expect stage_entered to practitioner@both safeguarding_lead@both
                  expect nobody else
2027-04-05 11:00  stage.unresolved D1 by A
                  expect stage managers without due
                  expect stage_entered to line_manager@both safeguarding_lead@both practitioner@both
                  expect nobody else
# "Senior Managers will, if and as necessary, be required": here they are not.
2027-04-06 10:00  stage.set D1 by B stage=board-representatives reason=invented
                  expect stage board-representatives without due
                  expect stage_entered to board_rep@both line_manager@both
                  expect nobody else
# The board is to report to its chair, who is told by nobody but the board.
2027-04-07 10:00  stage.unresolved D1 by A
                  expect stage board without due
                  expect deadline report_to_chair running
                  expect stage_entered,deadline_started to board_team@board
                  expect stage_entered to board_rep@both
                  expect nobody else
2027-04-14 08:59  expect silence
2027-04-14 09:00  expect chase,chase to board_team@board
                  expect nobody else
2027-04-15 10:00  resolution.proposed D1 by A outcome=agreed_actions
                  expect resolution_proposed to practitioner@B
                  expect nobody else
2027-04-16 10:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect deadline board stopped
                  expect resolved,deadline_started to board_rep@both
                  expect resolved to practitioner@both safeguarding_lead@both line_manager@both
                  expect resolved to board_team@board
                  expect nobody else
# The duty to report outlives the end; written confirmation is owed by each side's representative.
2027-04-21 08:59  expect silence
2027-04-21 09:00  expect chase to board_team@board
                  expect nobody else
2027-04-22 10:00  followup.done D1 by board deadline=report_to_chair
                  expect deadline report_to_chair stopped
2027-04-22 11:00  followup.done D1 by B deadline=written_confirmation
                  expect deadline written_confirmation running
                  expect nobody else
2027-04-23 09:00  expect chase to board_rep@A
                  expect nobody else
2027-04-23 12:00  followup.done D1 by A deadline=written_confirmation
                  expect deadline written_confirmation stopped
2027-06-30 12:00  expect silence
