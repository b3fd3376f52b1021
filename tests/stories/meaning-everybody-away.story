# M-6: where the holder of a role and his deputy are away it goes on as if nobody held it: to the
# role named instead, to the safeguarding lead or whoever stands in for him; where nobody of all
# those is there the holder is told all the same. The operator hears of each.
title     A week in which many are away
procedure rochdale-adults
agency    A
agency    B
agency    C
agency    D
agency    E
agency    F
deputy    dana is service_manager of B
deputy    dev is service_manager of D
deputy    eli is safeguarding_lead of E
person    service_manager.B away: {until: 2027-02-05}
person    dana away: {until: 2027-02-05}
person    service_manager.C away: {until: 2027-02-05}
person    service_manager.D away: {until: 2027-02-05}
person    dev away: {until: 2027-02-05}
person    safeguarding_lead.D away: {until: 2027-02-05}
person    service_manager.E away: {until: 2027-02-05}
person    safeguarding_lead.E away: {until: 2027-02-05}
person    line_manager.F away: {until: 2027-02-05}

2027-02-01 10:00  raise D1 between A and B and C and D and E stage=stage-4
                  expect mail to service_manager@B at safeguarding_lead.B@mail.example
                  expect mail to service_manager@C at safeguarding_lead.C@mail.example
                  expect mail to service_manager@D at service_manager.D@mail.example
                  expect mail to service_manager@E at eli@mail.example
                  expect mail to operator contains service manager
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"B","stand_in":"safeguarding_lead"
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"D"}
                  expect record notification contains "role":"service_manager","side":"challenged","agency":"E","stand_in":"safeguarding_lead"
2027-02-01 11:00  raise D2 between A and F stage=stage-2
                  expect record notification contains "agency":"F","for":"line_manager","stand_in":"or_else"
# They are back on the 5th.
2027-02-05 09:00  expect mail to service_manager@B at service_manager.B@mail.example
                  expect mail to service_manager@D at service_manager.D@mail.example
                  expect mail to service_manager@E at service_manager.E@mail.example
