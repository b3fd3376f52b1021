# RO-3 RO-4 RO-5 RO-12 RO-30: the line manager or lead for safeguarding discusses with the opposite
# number; the agency's own titles are the directory's matter.
title     No line manager: the lead for safeguarding; and one title for two roles
procedure rochdale-adults
agency    A
agency    B without line_manager
holder    adults-head is head_of_service of B
holder    adults-head is service_manager of B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
                  expect stage stage-2 due 2027-02-08 17:00
                  expect stage_entered,protocol_invoked to line_manager@A safeguarding_lead@A
                  expect stage_entered,protocol_invoked to safeguarding_lead@B
                  expect protocol_invoked to practitioner@both
                  expect nobody else
                  expect mail to line_manager@A contains Your opposite number: Named or designated safeguarding lead, Invented B
                  expect mail to safeguarding_lead@B contains Your opposite number: First line manager, Invented A
2027-02-05 09:00  expect reminder to line_manager@A safeguarding_lead@B
                  expect nobody else
2027-02-08 17:00  expect stage stage-3 due 2027-02-15 17:00
                  expect stage_entered to head_of_service@both
                  expect limit_passed,stage_entered to line_manager@A safeguarding_lead@B
                  expect nobody else
# Who stands for B at stage 4 is the same person: what ended and what begins is one message to her.
2027-02-15 17:00  expect stage stage-4 due 2027-02-22 17:00
                  expect limit_passed,stage_entered to head_of_service@A service_manager@B
                  expect stage_entered to line_manager@A safeguarding_lead@A
                  expect nobody else
