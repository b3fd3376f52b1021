# M-19 PL-13: every notification's line in the record says which rule or deadline, which sentence,
# which version of the procedure and which of the calendar caused it, and in which role it was told.
title     What the record says of a notification
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
                  expect record notification contains "message":"stage_entered","cause":"stage stage-1","words":"In most cases this will mean the first line managers
                  expect record notification contains "procedure_version":"1"
                  expect record notification contains "procedure_hash":"
                  expect record notification contains "calendar_version":"
                  expect record notification contains "role":"line_manager","side":"challenging","agency":"A"
2027-02-02 10:00  risk.changed D1 by A risk=life_threatening
                  expect record notification contains "message":"immediate_action","cause":"rule immediate_action","words":"Where there is a need for intervention
                  expect record notification contains "priority":"immediate"
2027-02-08 17:00  expect stage stage-2
                  expect record passed contains "deadline":"stage-1"
                  expect record notification contains "message":"limit_passed","cause":"deadline stage-1","words":"In most cases
                  expect record stage contains "because":"deadline stage-1"
2027-02-09 10:00  hold D1 by A reason=invented until=2027-02-12T12:00:00Z
                  expect record notification contains "message":"hold","cause":"event concernd.hold"
