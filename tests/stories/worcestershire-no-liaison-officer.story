# WO-4: a board without a Senior Liaison Officer: nobody is told, and that is no fault.
title     A board without a liaison officer
procedure worcestershire-annex-c
agency    A
agency    B
board     without senior_liaison_officer

2027-03-04 09:30  raise D1 between A and B stage=stage-two
2027-03-04 10:00  liaison.requested D1 by A
                  expect nobody else
2027-03-04 11:00  case_review.referred D1 by A
                  expect case_review_referred to line_manager@both case_review_group@board
                  expect nobody else
