# M-2 M-15 RO-4 RO-6 RO-7 RO-8 RO-11 RO-12 RO-15 RO-16 RO-17 RO-19 RO-20 RO-23 RO-24 RO-29 AMB-14 AMB-15:
# a voluntary organisation challenges on the Boxing Day substitute, and nothing is recorded.
title     Six stages of five working days, and who stands in for a VCF organisation
procedure rochdale-adults
agency    A kind vcf
agency    B

2026-12-28 11:00  raise D1 between A and B fact.relates_to=individual
                  expect stage stage-1 due 2027-01-05 17:00
                  expect stage_entered,protocol_invoked to practitioner@both line_manager@both
                  expect stage_entered,protocol_invoked to safeguarding_lead@both
                  expect nobody else
2027-01-05 17:00  expect stage stage-2 due 2027-01-12 17:00
2027-01-12 17:00  expect stage stage-3 due 2027-01-19 17:00
                  expect stage_entered to management_committee@A head_of_service@B
                  expect limit_passed,stage_entered to line_manager@both
                  expect nobody else
2027-01-19 17:00  expect stage stage-4 due 2027-01-26 17:00
                  expect stage_entered to line_manager@A safeguarding_lead@A service_manager@B
                  expect limit_passed,stage_entered to management_committee@A head_of_service@B
                  expect nobody else
2027-01-25 09:00  expect reminder to line_manager@A safeguarding_lead@A
                  expect reminder,intention_to_escalate to service_manager@B
                  expect intention_to_escalate to head_of_agency@B
                  expect nobody else
2027-01-26 17:00  expect stage stage-5 due 2027-02-02 17:00
                  expect stage_entered to management_committee@A head_of_agency@B
                  expect board_senior_involved to board_team@board
2027-02-02 17:00  expect stage stage-6 due 2027-02-09 17:00
                  expect stage_entered to board_member@both board_manager@board
2027-02-09 17:00  expect deadline stage-6 passed
                  expect limit_passed to board_member@both board_manager@board
                  expect nobody else
