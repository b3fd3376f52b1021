# M-9 PL-1: a disagreement keeps the version of the procedure that it was raised under, though the
# board's file changes while it runs; the one raised after that runs under the new version.
title     The procedure changes while a disagreement runs
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
                  expect mail to line_manager@B contains Pan Lancashire and Cumbria SAB), version 1.
# The new version: three working days.  Nothing that runs is moved, and nobody hears of it.
2027-02-03 12:00  reload procedure plcsab-adults from plcsab-adults-2
                  expect nobody else
2027-02-04 13:00  raise D2 between A and B
                  expect stage stage-1 due 2027-02-09 17:00
                  expect mail to line_manager@B contains shortened (invented), version 2.
                  expect record notification contains "procedure_version":"2"
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect mail to head_of_service@A contains Pan Lancashire and Cumbria SAB), version 1.
2027-02-09 17:00  expect stage stage-2 due 2027-02-12 17:00
                  expect mail to head_of_service@A contains shortened (invented), version 2.
# A change comes long after a restart too: the version it keeps is in the store.
                  restart
2027-02-10 09:00  escalation.intended D1 by A
                  expect intention_to_escalate to head_of_service@B strategic_head@B
                  expect mail to strategic_head@B contains version 1.
                  expect record notification contains "procedure_version":"1"
