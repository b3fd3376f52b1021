# RO-11 RO-18: "This may be the management committee if in a VCF sector organisation": one that has
# neither line manager nor safeguarding lead meets the service manager by its committee.
title     A voluntary organisation challenges, with a management committee alone
procedure rochdale-adults
agency    A kind vcf without line_manager safeguarding_lead head_of_service
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-4
                  expect stage stage-4 due 2027-02-08 17:00
                  expect stage_entered,protocol_invoked to management_committee@A
                  expect stage_entered to service_manager@B
                  expect protocol_invoked to practitioner@both line_manager@B safeguarding_lead@B
                  expect nobody else
