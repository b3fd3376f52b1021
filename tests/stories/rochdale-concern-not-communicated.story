# RO-2 AMB-7: identified on a Sunday, the concern is to be communicated by the close of Monday; it
# is not, and the disagreement that follows does not end the duty.
title     A concern identified on a Sunday and not communicated
procedure rochdale-adults
agency    A
agency    B

2027-01-31 10:00  concern.identified D1 between A and B by A
                  expect deadline communicate_concern due 2027-02-01 17:00
                  expect deadline_started to practitioner@A
                  expect nobody else
# Nothing else may come before the raise.
2027-01-31 11:00  stage.unresolved D1 by A
                  expect refused 404.1
2027-02-01 16:59  expect silence
2027-02-01 17:00  expect deadline communicate_concern passed
                  expect limit_passed to practitioner@A
                  expect nobody else
2027-02-02 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-09 17:00
# Chased five working days after Monday the 1st, beside the reminder of stage 1.
2027-02-08 08:59  expect silence
2027-02-08 09:00  expect reminder,chase to practitioner@A
                  expect reminder to practitioner@B
                  expect nobody else
2027-02-08 10:00  concern.communicated D1 by A
                  expect deadline communicate_concern stopped
