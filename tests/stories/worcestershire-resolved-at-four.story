# WO-13 WO-16 WO-17 WO-18: resolved by the most senior: where the record is held, and whether
# policies are to be reviewed; either side answers for both.
title     What follows a resolution at stage four
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B stage=stage-four
                  expect stage_entered to chief_officer@both senior_liaison_officer@board
2027-03-04 15:00  resolution.proposed D1 by B outcome=agreed_actions
2027-03-04 16:00  resolution.agreed D1 by A
                  expect closed as resolved
                  expect deadline shared_understanding not started
                  expect deadline record_actions not started
                  expect deadline confirm_in_writing not started
                  expect deadline review_plan not started
                  expect deadline feed_back_staff running
                  expect deadline check_implemented running
                  expect deadline record_outcome_and_place running
                  expect deadline review_policy_competence running
                  expect resolved to practitioner@both senior_liaison_officer@board
2027-03-05 09:00  expect chase to chief_officer@both
                  expect nobody else
2027-03-05 10:00  followup.done D1 by A deadline=feed_back_staff
2027-03-05 10:01  followup.done D1 by B deadline=feed_back_staff
# Five working days: who holds the record.  Policies are never chased.
2027-03-11 08:59  expect silence
2027-03-11 09:00  expect chase to chief_officer@both
                  expect nobody else
2027-03-11 10:00  followup.done D1 by B deadline=record_outcome_and_place
                  expect deadline record_outcome_and_place stopped
# Twenty working days, Good Friday and Easter Monday being none: no date was set to check back.
2027-04-05 08:59  expect silence
2027-04-05 09:00  expect chase to chief_officer@both
                  expect nobody else
