# WO-11 WO-16 M-17: reopened: what followed the resolution stops, the stage begins afresh.
title     Reopened after two days
procedure worcestershire-annex-c
agency    A
agency    B

2027-03-04 09:30  raise D1 between A and B stage=stage-two
2027-03-04 15:00  resolution.proposed D1 by B outcome=agreed_actions
2027-03-04 16:00  resolution.agreed D1 by A
                  expect closed as resolved
2027-03-08 10:00  reopened D1 by B reason=invented
                  expect stage stage-two due 2027-03-09 10:00
                  expect deadline shared_understanding stopped
                  expect deadline feed_back_staff stopped
                  expect deadline check_implemented stopped
                  expect reopened,stage_entered to line_manager@both safeguarding_lead@both
                  expect reopened to practitioner@both
                  expect nobody else
# Nothing of the follow-ups is chased any more.
2027-03-09 09:59  expect silence
2027-03-09 10:00  expect stage stage-three without due
