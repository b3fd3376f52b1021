# WO-11 WO-12 WO-16: resolved between the officers: they record, check that it was understood, and
# check back on a date the case sets; each agency for itself.
title     What follows a resolution at stage one
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B
2027-03-04 15:00  resolution.proposed D1 by A outcome=agreed_actions
                  expect resolution_proposed to practitioner@B
                  expect nobody else
2027-03-04 16:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect deadline stage-one stopped
                  expect deadline shared_understanding running
                  expect deadline record_actions running
                  expect deadline check_implemented running
                  expect deadline feed_back_staff not started
                  expect deadline confirm_in_writing not started
                  expect deadline review_actions not started
                  expect deadline record_outcome_and_place not started
                  expect resolved,deadline_started,deadline_started,deadline_started to practitioner@both
                  expect resolved to line_manager@A
                  expect nobody else
2027-03-05 08:59  expect silence
2027-03-05 09:00  expect chase,chase to practitioner@both
                  expect nobody else
2027-03-05 10:00  followup.done D1 by A deadline=shared_understanding
2027-03-05 10:01  followup.done D1 by A deadline=record_actions
2027-03-05 10:02  followup.done D1 by B deadline=record_actions
                  expect deadline record_actions stopped
                  expect deadline shared_understanding running
2027-03-08 09:00  expect chase to practitioner@B
                  expect nobody else
2027-03-08 10:00  followup.done D1 by B deadline=shared_understanding
                  expect deadline shared_understanding stopped
# Check back on Tuesday the 23rd at noon.
2027-03-09 10:00  deadline.set D1 by A deadline=check_implemented due=2027-03-23T12:00:00Z
                  expect deadline check_implemented due 2027-03-23 12:00
                  expect due_moved to practitioner@both
                  expect nobody else
2027-03-22 08:59  expect silence
2027-03-22 09:00  expect reminder to practitioner@both
                  expect nobody else
2027-03-22 10:00  followup.done D1 by A deadline=check_implemented
2027-03-23 12:00  expect deadline check_implemented passed
                  expect limit_passed to practitioner@B
                  expect nobody else
2027-03-23 15:00  followup.done D1 by B deadline=check_implemented
                  expect deadline check_implemented stopped
2027-12-31 12:00  expect silence
