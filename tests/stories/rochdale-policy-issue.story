# RO-20 RO-21 AMB-15 AMB-20: a policy issue goes to the chair via the business manager, who owes the
# report until it is done; the agencies' board members are aware; no stage moves.
title     A policy issue at stage 2: the chair, via the business manager
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
2027-02-02 11:00  flag.changed D1 by A flag=policy_issue value=true
                  expect refer_to_chair,deadline_started to board_manager@board
                  expect deadline_started to board_member@both
                  expect mail to board_manager@board contains For the attention of: RBSAB Chair
                  expect nobody else
                  expect stage stage-2 due 2027-02-08 17:00
# Another reason for the same is no news.
2027-02-03 11:00  flag.changed D1 by B flag=procedural_issue value=true
                  expect nobody else
2027-02-05 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-08 17:00  expect stage stage-3
2027-02-09 08:59  expect silence
# The fifth working day after Tuesday the 2nd.
2027-02-09 09:00  expect chase to board_manager@board
                  expect nobody else
2027-02-09 10:00  followup.done D1 by board deadline=report_to_chair
                  expect deadline report_to_chair stopped
2027-02-12 08:59  expect silence
2027-02-12 09:00  expect reminder to head_of_service@both
                  expect nobody else
