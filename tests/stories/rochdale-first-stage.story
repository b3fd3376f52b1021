# RO-4 RO-10 RO-11: workers first, with the safeguarding leads and line managers consulted; told at
# once that the protocol is invoked, on both sides.
title     The protocol is invoked, late on a Friday
procedure rochdale-adults
agency    A
agency    B kind vcf

2027-02-05 20:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-12 17:00
                  expect stage_entered,protocol_invoked to practitioner@both line_manager@both
                  expect stage_entered,protocol_invoked to safeguarding_lead@both
                  expect nobody else
                  expect mail to practitioner@B contains formally communicate that this protocol will be implemented
# Reminded is who is to act; the consulted are not.
2027-02-11 08:59  expect silence
2027-02-11 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-02-12 17:00  expect stage stage-2 due 2027-02-19 17:00
                  expect limit_passed,stage_entered to practitioner@both
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect nobody else
2027-02-19 17:00  expect stage stage-3
                  expect stage_entered to head_of_service@A management_committee@B
                  expect limit_passed,stage_entered to line_manager@both
                  expect nobody else
