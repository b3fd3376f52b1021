# LS-1 LS-10 LS-11 LS-12 LS-13: resolved means that both sides say so; those still to agree are
# chased and never assumed.  Then each side owes its written confirmation, and is asked what was
# learned; the workers are reminded once that they may debrief.
title     Agreed by both, confirmed by each, and learned from
procedure lscb-children
agency    A
agency    B

2027-03-01 10:00  raise D1 between A and B
                  expect mail to practitioner@A contains Record the discussion and the outcome in your own case system
2027-03-01 17:00  expect stage managers without due
                  expect mail to line_manager@A contains Record the discussion and the outcome in your own case system
                  expect mail to line_manager@B contains Record the discussion and the outcome in your own case system
2027-03-03 10:00  resolution.proposed D1 by A outcome=agreed_actions
                  expect resolution_proposed to line_manager@B practitioner@B
                  expect nobody else
                  expect stage managers without due
2027-03-04 09:00  expect chase,resolution_proposed to line_manager@B
                  expect resolution_proposed to practitioner@B
                  expect chase to line_manager@A
                  expect nobody else
                  expect stage managers without due
2027-03-05 10:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect resolved,deadline_started,deadline_started to line_manager@both
                  expect resolved,deadline_started to practitioner@both
                  expect nobody else
                  expect mail to practitioner@A contains It may also be useful for individuals to debrief
                  expect mail to line_manager@B contains written confirmation between the parties about an agreed outcome
                  expect mail to line_manager@B contains any learning points should be identified
                  expect record closed contains "as":"resolved"
2027-03-12 08:59  expect silence
2027-03-12 09:00  expect chase to line_manager@both
                  expect nobody else
# One side has confirmed: the other still owes it.
2027-03-12 10:00  followup.done D1 by A deadline=written_confirmation
                  expect deadline written_confirmation running
                  expect nobody else
2027-03-19 09:00  expect chase to line_manager@A
                  expect chase,chase to line_manager@B
                  expect nobody else
2027-03-19 10:00  followup.done D1 by B deadline=written_confirmation
                  expect deadline written_confirmation stopped
# What one agency learned goes to the Board Manager; the other has still to say.
2027-03-19 11:00  learning.identified D1 by A
                  expect learning to board_manager@board
                  expect nobody else
                  expect mail to board_manager@board contains for consideration by the relevant LSCB subgroup to inform future learning
# Ten working days from Friday 19 March, with Good Friday and Easter Monday between.
2027-04-06 08:59  expect silence
2027-04-06 09:00  expect chase to line_manager@B
                  expect nobody else
2027-04-06 10:00  learning.identified D1 by B
                  expect deadline identify_learning stopped
                  expect learning to board_manager@board
                  expect nobody else
# The debrief was mentioned once, and never again.
2027-07-30 12:00  expect silence
