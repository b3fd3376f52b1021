# RO-9 RO-22 RO-28 RO-31 RO-32: resolved at the first stage; written confirmation by each side,
# learning for the board, and a yes or no on the adult's wishes, never their content.
title     Resolved at the first stage, and what is learnt
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
2027-02-02 09:00  resolution.proposed D1 by A outcome=adult_safeguarded wishes_considered=she-wants
                  expect refused 400.4
2027-02-02 10:00  resolution.proposed D1 by A outcome=adult_safeguarded wishes_considered=true
                  expect resolution_proposed to practitioner@B
                  expect nobody else
                  expect record event contains "outcome":"adult_safeguarded"
                  expect record event contains "wishes_considered":true
2027-02-03 10:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect record closed contains "as":"resolved"
                  expect deadline stage-1 stopped
                  expect resolved,deadline_started,deadline_started to practitioner@both
                  expect resolved to line_manager@both safeguarding_lead@both
                  expect nobody else
# The learning is asked for once; the confirmation is chased, each side for itself.
2027-02-04 10:00  followup.done D1 by B deadline=written_confirmation
2027-02-10 08:59  expect silence
2027-02-10 09:00  expect chase to practitioner@A
                  expect nobody else
2027-02-10 10:00  followup.done D1 by A deadline=written_confirmation
                  expect deadline written_confirmation stopped
2027-02-11 10:00  learning.identified D1 by B
                  expect learning to board_manager@board
                  expect nobody else
2027-06-30 12:00  expect silence
