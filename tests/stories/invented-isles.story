# An invented board: the working days of two nations at once, and three agencies challenged.
title     Invented: days on which both islands work
procedure isles from isles
agency    A
agency    B
agency    C
agency    D

# Wednesday the 17th is St Patrick's Day in Northern Ireland alone.
2027-03-12 12:00  raise D1 between A and B and C and D
                  expect stage shore due 2027-03-18 16:30
                  expect stage_entered to shore_warden@both
                  expect nobody else
# Good Friday is closed in both, Easter Monday in Northern Ireland alone; the clocks go forward.
2027-03-18 16:30  expect deadline shore passed
                  expect stage lighthouse due 2027-03-31 16:30
                  expect limit_passed,stage_entered to shore_warden@both
                  expect stage_entered to light_keeper@both
                  expect nobody else
# Everyone challenged must agree.
2027-03-22 10:00  resolution.proposed D1 by A outcome=agreed_plan
                  expect resolution_proposed to light_keeper@B light_keeper@C light_keeper@D practitioner@B practitioner@C practitioner@D
                  expect nobody else
2027-03-22 11:00  resolution.agreed D1 by B
                  expect silence
2027-03-22 12:00  resolution.agreed D1 by D
                  expect silence
2027-03-23 10:00  resolution.agreed D1 by C
                  expect closed as resolved
                  expect resolved to shore_warden@both light_keeper@both practitioner@both
                  expect nobody else
2027-12-31 10:00  expect silence
