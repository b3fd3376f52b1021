# WO-11 WO-13 WO-14 WO-15 WO-16: resolved between the managers: staff are told at once, the actions
# confirmed in writing by each side, and reviewed on the date that the resolution brought.
title     What follows a resolution at stage two, with a review date
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B
2027-03-04 10:00  stage.unresolved D1 by A
2027-03-04 15:00  resolution.proposed D1 by A outcome=agreed_actions review=2027-03-18T12:00:00Z
2027-03-04 16:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect deadline shared_understanding running
                  expect deadline feed_back_staff running
                  expect deadline confirm_in_writing running
                  expect deadline review_actions due 2027-03-18 17:00
                  expect deadline review_plan running
                  expect deadline check_implemented without due
                  expect deadline record_actions not started
                  expect deadline review_policy_competence not started
                  expect resolved to practitioner@both safeguarding_lead@both
                  expect mail to line_manager@A contains 18 March 2027
# The process for the child's plan is a question to either side, asked once: one answer is enough.
2027-03-04 17:00  followup.done D1 by A deadline=review_plan
                  expect deadline review_plan stopped
2027-03-05 09:00  expect chase,chase to line_manager@both
                  expect nobody else
2027-03-05 10:00  followup.done D1 by A deadline=shared_understanding
2027-03-05 10:01  followup.done D1 by B deadline=shared_understanding
2027-03-05 10:02  followup.done D1 by A deadline=feed_back_staff
2027-03-05 10:03  followup.done D1 by B deadline=feed_back_staff
                  expect deadline feed_back_staff stopped
2027-03-05 10:04  followup.done D1 by A deadline=confirm_in_writing
                  expect deadline confirm_in_writing running
# Five working days after Thursday the 4th.
2027-03-11 08:59  expect silence
2027-03-11 09:00  expect chase to line_manager@B
                  expect nobody else
2027-03-11 10:00  followup.done D1 by B deadline=confirm_in_writing
# The review date is a reminder the working day before.
2027-03-17 08:59  expect silence
2027-03-17 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-03-18 10:00  followup.done D1 by A deadline=review_actions
2027-03-18 17:00  expect deadline review_actions passed
                  expect limit_passed to line_manager@B
                  expect nobody else
2027-03-19 09:00  expect chase to line_manager@B
2027-03-19 10:00  followup.done D1 by B deadline=review_actions
# No date was set to check back: asked again every twenty working days; Good Friday and Easter
# Monday are none, so the 20th after Thursday 4 March is Monday 5 April.
2027-04-05 08:59  expect silence
2027-04-05 09:00  expect chase to line_manager@both
                  expect nobody else
