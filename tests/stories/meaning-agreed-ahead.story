# M-16 LS-1 SO-4: an agreement that overtakes the proposal is kept, and counts when the proposal
# comes; one given before what is proposed could not mean it, and counts for nothing.
title     Agreed before the proposal arrived
procedure plcsab-adults
agency    A
agency    B
agency    C

# B's agreement of ten o'clock comes five minutes before A's proposal of half past nine.
2027-02-01 10:00  raise D1 between A and B
2027-02-02 10:00  resolution.agreed D1 by B
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-02 10:05  resolution.proposed D1 by A outcome=agreed_actions happened=2027-02-02T09:30:00Z
                  expect nobody else
# It is resolved since B agreed.
2027-02-02 10:00  expect closed as resolved
                  expect resolved,deadline_started to line_manager@A line_manager@B
                  expect resolved to practitioner@A practitioner@B
                  expect nobody else
                  expect deadline stage-1 stopped

# Both of one instant, the agreement arrives first.
2027-02-02 11:00  raise D2 between A and B
2027-02-02 12:00  resolution.agreed D2 by B
2027-02-02 12:01  resolution.proposed D2 by A outcome=agreed_actions happened=2027-02-02T12:00:00Z
                  expect nobody else
2027-02-02 12:00  expect closed as resolved

# Agreed at nine; what A proposes at ten B has not agreed to, and is asked; nor does an agreement
# of half past nine count that comes after it.
2027-02-03 08:00  raise D3 between A and B
2027-02-03 09:00  resolution.agreed D3 by B
2027-02-03 10:00  resolution.proposed D3 by A outcome=agreed_actions
                  expect resolution_proposed to line_manager@B practitioner@B
                  expect nobody else
                  expect stage stage-1 due 2027-02-10 17:00
2027-02-03 10:30  resolution.agreed D3 by B happened=2027-02-03T09:30:00Z
                  expect nobody else
                  expect stage stage-1 due 2027-02-10 17:00
2027-02-03 11:00  resolution.agreed D3 by B
                  expect closed as resolved

# Of three, C agreed ahead, and is not asked; B is, and it is over when B agrees.
2027-02-04 09:00  raise D4 between A and B and C
2027-02-04 10:00  resolution.agreed D4 by C
                  restart
2027-02-04 10:10  resolution.proposed D4 by A outcome=agreed_actions happened=2027-02-04T09:30:00Z
                  expect nobody else
2027-02-04 09:30  expect resolution_proposed to line_manager@B practitioner@B
                  expect nobody else
2027-02-04 11:00  resolution.agreed D4 by B
                  expect closed as resolved

# What was agreed before it was reopened counts no more; nor what was taken back.
2027-02-05 09:00  raise D5 between A and B
2027-02-05 10:00  resolution.agreed D5 by B
                  correct e17 null D5 by B
2027-02-05 10:05  resolution.proposed D5 by A outcome=agreed_actions happened=2027-02-05T09:30:00Z
                  expect nobody else
2027-02-05 09:30  expect resolution_proposed to line_manager@B practitioner@B
                  expect stage stage-1 due 2027-02-12 17:00
