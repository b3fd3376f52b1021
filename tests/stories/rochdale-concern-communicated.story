# RO-2: before there is a disagreement, a concern is to be communicated on the same working day.
title     A concern identified, and communicated in time
procedure rochdale-adults
agency    A
agency    B

2027-02-01 15:00  concern.identified D1 between A and B by A
                  expect deadline communicate_concern due 2027-02-01 17:00
                  expect deadline_started to practitioner@A
                  expect nobody else
2027-02-01 16:00  concern.communicated D1 by A
                  expect deadline communicate_concern stopped
                  expect nobody else
2027-02-03 09:59  expect silence
2027-02-03 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-10 17:00
                  expect stage_entered,protocol_invoked to practitioner@both line_manager@both
                  expect stage_entered,protocol_invoked to safeguarding_lead@both
                  expect nobody else
