# An invented board: the case sets the date, papers go three working days before a panel, each of
# three agencies sends its own, and somebody looks back six weeks after the end.
title     Invented: papers before a panel
procedure vale from vale
agency    A
agency    B
agency    C

2027-05-10 09:30  raise D1 between A and B and C
                  expect stage round_table without due
                  expect deadline papers not started
                  expect stage_entered to delegate@both
                  expect nobody else
# The panel is on Thursday the 20th: Wednesday, Tuesday, Monday.
2027-05-11 10:00  panel.called D1 by A date=2027-05-20T14:00:00+01:00
                  expect deadline papers due 2027-05-17 17:00
                  expect deadline_started to delegate@both
                  expect nobody else
2027-05-12 10:00  deadline.set D1 by A due=2027-06-01T17:00:00+01:00
                  expect stage round_table due 2027-06-01 17:00
                  expect due_moved to delegate@both
                  expect nobody else
2027-05-12 11:00  followup.done D1 by A deadline=papers
                  expect deadline papers running
2027-05-13 11:00  followup.done D1 by B deadline=papers
                  expect deadline papers running
2027-05-14 09:00  expect reminder to delegate@C
                  expect nobody else
2027-05-14 15:00  followup.done D1 by C deadline=papers
                  expect deadline papers stopped
                  expect silence
# Monday the 31st is a bank holiday: the working day before the 1st of June is the Friday.
2027-05-28 09:00  expect reminder to delegate@both
                  expect nobody else
2027-05-28 10:00  resolution.proposed D1 by B outcome=agreed_plan
                  expect resolution_proposed to delegate@A delegate@C practitioner@A practitioner@C
2027-05-28 11:00  resolution.agreed D1 by C
2027-05-28 12:00  resolution.agreed D1 by A
                  expect closed as resolved
                  expect deadline look_back due 2027-07-09 17:00
                  expect resolved to delegate@both practitioner@both
                  expect deadline_started to vale_clerk@board
                  expect nobody else
2027-07-08 09:00  expect reminder to vale_clerk@board
                  expect nobody else
2027-07-09 17:00  expect limit_passed to vale_clerk@board
                  expect nobody else
