# M-16 SO-8 SO-17 AMB-23: "an equivalent colleague in the other organisation(s)": several challenged
# agencies, one that joins later; one disagreement, one clock, each its own contacts and follow-ups.
title     Two challenged organisations, and a third that joins
procedure somerset-adults
agency    A without supporter
agency    B without supporter
agency    C without supporter
agency    D without supporter

2027-04-05 10:00  raise D1 between A and B and C
                  expect stage_entered to practitioner@A practitioner@B practitioner@C
                  expect stage_entered to safeguarding_lead@A safeguarding_lead@B safeguarding_lead@C
                  expect nobody else
2027-04-05 14:00  stage.unresolved D1 by A
                  expect stage_entered to line_manager@A line_manager@B line_manager@C
                  expect stage_entered to practitioner@both safeguarding_lead@both
                  expect nobody else
2027-04-05 15:00  deadline.set D1 by A due=2027-04-14T17:00:00+01:00
2027-04-06 10:00  agency.joined D1 by A agency=D side=challenged reason=invented
                  expect stage_entered to line_manager@D practitioner@D
                  expect nobody else
                  expect stage managers due 2027-04-14 17:00
2027-04-13 09:00  expect reminder to line_manager@A line_manager@B line_manager@C line_manager@D
                  expect nobody else
2027-04-14 09:00  resolution.proposed D1 by B outcome=agreed_actions
                  expect resolution_proposed to line_manager@A line_manager@C line_manager@D
                  expect resolution_proposed to practitioner@A practitioner@C practitioner@D
                  expect nobody else
2027-04-14 10:00  resolution.agreed D1 by A
2027-04-14 11:00  resolution.agreed D1 by C
                  expect stage managers due 2027-04-14 17:00
2027-04-14 12:00  resolution.agreed D1 by D
                  expect closed as resolved
                  expect resolved,deadline_started to line_manager@both
2027-04-15 10:00  followup.done D1 by A deadline=written_confirmation
2027-04-15 11:00  followup.done D1 by B deadline=written_confirmation
2027-04-15 12:00  followup.done D1 by C deadline=written_confirmation
                  expect deadline written_confirmation running
# Five working days after the resolution: D alone still owes it.
2027-04-21 09:00  expect chase to line_manager@D
                  expect nobody else
2027-04-21 10:00  followup.done D1 by D deadline=written_confirmation
                  expect deadline written_confirmation stopped
2027-06-30 12:00  expect silence
