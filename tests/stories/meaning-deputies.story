# M-6: who stands in for a role, and in which order: while its holder is away his deputy; where
# nobody holds it the deputy, then the safeguarding lead (whom the disagreement names before whom
# the directory has), then the operator, who hears of all of them; the record says which.
title     Five agencies, and one role
procedure rochdale-adults
agency    A
agency    B without service_manager
agency    C
agency    D without service_manager
agency    E without service_manager safeguarding_lead management_committee
agency    F without service_manager safeguarding_lead management_committee
deputy    dana is service_manager of B
deputy    dev is service_manager of C
person    service_manager.C away: {until: 2027-02-04}

2027-02-01 10:00  raise D1 between A and B and C and D and E and F stage=stage-4 person.safeguarding_lead@F=lou@F.example
                  expect mail to service_manager@B at dana@mail.example
                  expect mail to service_manager@C at dev@mail.example
                  expect mail to service_manager@D at safeguarding_lead.D@mail.example
                  expect mail to service_manager@F at lou@F.example
                  expect mail to operator contains service manager
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"B","stand_in":"deputy"
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"C","stand_in":"deputy"
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"D","stand_in":"safeguarding_lead"
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"E","stand_in":"operator"
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"F","stand_in":"safeguarding_lead"
# C's service manager is back on the 4th; the deputy of B is still alone.
2027-02-05 09:00  expect reminder,intention_to_escalate to service_manager@B service_manager@C service_manager@D service_manager@F
                  expect reminder to line_manager@A safeguarding_lead@A
                  expect intention_to_escalate to head_of_agency@B head_of_agency@C head_of_agency@D head_of_agency@E head_of_agency@F
                  expect reminder,intention_to_escalate,operator_notification,operator_notification to operator
                  expect nobody else
                  expect mail to service_manager@B at dana@mail.example
                  expect mail to service_manager@C at service_manager.C@mail.example
