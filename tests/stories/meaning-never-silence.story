# M-6: a role nobody holds: another role where the procedure names one, then the safeguarding lead,
# then the operator, who also hears who stood in; the record says which.
title     Three agencies, and nobody to be told in one of them
procedure rochdale-adults
agency    A without head_of_service
agency    B without head_of_service designated_safeguarding_manager
agency    C without head_of_service designated_safeguarding_manager safeguarding_lead management_committee

2027-02-01 10:00  raise D1 between A and B and C stage=stage-3
                  expect stage_entered to designated_safeguarding_manager@A
                  expect stage_entered,protocol_invoked to head_of_service@B
                  expect protocol_invoked to practitioner@both line_manager@both
                  expect protocol_invoked to safeguarding_lead@A
                  expect stage_entered,protocol_invoked,operator_notification to operator
                  expect nobody else
                  expect record notification contains "role":"designated_safeguarding_manager","side":"challenging","agency":"A","for":"head_of_service","stand_in":"or_else"
                  expect record notification contains "role":"head_of_service","side":"challenged","agency":"B","stand_in":"safeguarding_lead"
                  expect record notification contains "role":"head_of_service","side":"challenged","agency":"C","stand_in":"operator"
                  expect mail to operator contains Nobody is named in the directory for the role Named or designated safeguarding lead of Invented C
2027-02-05 09:00  expect reminder to designated_safeguarding_manager@A head_of_service@B
                  expect reminder,operator_notification to operator
                  expect nobody else
