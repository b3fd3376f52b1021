# WO-3 WO-4 WO-5 WO-8: consultation with one's own named officer; the Senior Liaison Officer; the
# case review group, and the handlers with it.
title     Advice, liaison and case review
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B stage=stage-two
                  expect stage stage-two due 2027-03-05 09:30
                  expect stage_entered to line_manager@both safeguarding_lead@both
                  expect nobody else
2027-03-04 10:00  advice.requested D1 by B
                  expect advice_requested to safeguarding_lead@B
                  expect nobody else
2027-03-04 23:00  advice.requested D1 by A
                  expect advice_requested to safeguarding_lead@A
                  expect nobody else
2027-03-05 08:00  liaison.requested D1 by A
                  expect liaison_requested to senior_liaison_officer@board
                  expect nobody else
2027-03-05 09:00  case_review.referred D1 by board
                  expect case_review_referred to case_review_group@board line_manager@both
                  expect nobody else
                  expect stage stage-two due 2027-03-05 09:30
2027-03-05 09:30  expect stage stage-three without due
