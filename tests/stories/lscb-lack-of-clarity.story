# LS-14: a lack of procedural clarity is told to the Board Manager, who owes an amendment; it is
# nothing to be chased for, and it does not move the step.
title     The procedure itself was unclear
procedure lscb-children
agency    A
agency    B

2027-03-01 10:00  raise D1 between A and B
2027-03-01 11:00  flag.changed D1 by B flag=procedural_issue value=true
                  expect deadline_started to board_manager@board
                  expect nobody else
                  expect deadline amend_procedures running
                  expect mail to board_manager@board contains addressed through subsequent amendments to protocols and procedures
                  expect stage workers due 2027-03-01 17:00
2027-03-01 12:00  resolution.proposed D1 by A outcome=agreed_actions
                  resolution.agreed D1 by B
                  expect closed as resolved
# It outlives the disagreement: only when done.
                  expect deadline amend_procedures running
2027-06-01 10:00  followup.done D1 by board deadline=amend_procedures
                  expect deadline amend_procedures stopped
