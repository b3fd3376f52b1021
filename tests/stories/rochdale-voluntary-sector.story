# RO-11 RO-17 RO-18: at stage 4 the line manager or safeguarding lead of the challenging agency
# meets the service manager; in a voluntary organisation the management committee, or else its
# safeguarding lead.
title     Two voluntary organisations, one without a management committee
procedure rochdale-adults
agency    A
agency    B kind vcf
agency    C kind vcf without management_committee

2027-02-01 10:00  raise D1 between A and B and C stage=stage-4
                  expect stage stage-4 due 2027-02-08 17:00
                  expect stage_entered,protocol_invoked to line_manager@A safeguarding_lead@A
                  expect stage_entered to management_committee@B
                  expect stage_entered,protocol_invoked to safeguarding_lead@C
                  expect protocol_invoked to practitioner@both line_manager@B line_manager@C
                  expect protocol_invoked to safeguarding_lead@B
                  expect nobody else
