# M-16 LS-1 SO-4 AMB-23: proposed by one, agreed by each other; only then do the deadlines stop.
title     Three agencies: resolved when the last has agreed
procedure plcsab-adults
agency    A
agency    B
agency    C

2027-02-01 10:00  raise D1 between A and B and C
# Nothing has been proposed: that B agrees is kept, and tells nobody anything.  What it proposes
# itself afterwards is another thing.
2027-02-02 10:00  resolution.agreed D1 by B
                  expect nobody else
2027-02-02 11:00  resolution.proposed D1 by B outcome=agreed_actions
                  expect resolution_proposed to line_manager@A practitioner@A
                  expect resolution_proposed to line_manager@C practitioner@C
                  expect nobody else
2027-02-03 10:00  resolution.agreed D1 by C
                  expect nobody else
                  expect stage stage-1 due 2027-02-08 17:00
2027-02-03 12:00  resolution.agreed D1 by A
                  expect deadline stage-1 stopped
                  expect deadline overall stopped
                  expect closed as resolved
                  expect resolved,deadline_started to line_manager@both
                  expect resolved to practitioner@both
                  expect nobody else
# Resolution starts work: each agency owes its written record, and is chased until it is done.
2027-02-05 10:00  followup.done D1 by B deadline=written_record
                  expect nobody else
2027-02-10 08:59  expect silence
2027-02-10 09:00  expect chase to line_manager@A line_manager@C
                  expect nobody else
2027-02-11 09:00  followup.done D1 by A deadline=written_record
2027-02-12 09:00  followup.done D1 by C deadline=written_record
                  expect deadline written_record stopped
2027-03-31 12:00  expect silence
2027-03-31 12:01  withdrawn D1 by A reason=invented
                  expect refused 422.1
