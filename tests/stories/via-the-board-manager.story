# AMB-20: the Chair is told through the Business Manager, who gets the message marked for the Chair,
# and a duty to report that is chased until it is done.
title     Referred to the Chair, via the Business Manager
procedure rochdale-adults
agency    A
agency    B

2027-03-01 10:00  raise D1 between A and B
2027-03-02 10:00  flag.changed D1 by A flag=policy_issue value=true
                  expect refer_to_chair,deadline_started to board_manager@board
                  expect deadline_started to board_member@both
                  expect nobody else
                  expect mail to board_manager@board contains For the attention of: RBSAB Chair
                  expect mail to board_manager@board contains referred to the Chair of the RBSAB via the Business Manager
                  expect record notification contains "for":"chair_referral","stand_in":"via"
                  expect stage stage-1 due 2027-03-08 17:00
2027-03-09 09:00  expect chase to board_manager@board
                  expect nobody else
2027-03-09 10:00  followup.done D1 by board deadline=report_to_chair
                  expect deadline report_to_chair stopped
