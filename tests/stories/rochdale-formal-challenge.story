# RO-14 RO-15: recorded as a formal challenge, every message says so; before, none does.
title     A formal challenge is lodged on the second day
procedure rochdale-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B stage=stage-2
                  expect mail to line_manager@B lacks formal challenge has been lodged
2027-02-02 10:00  flag.changed D1 by A flag=formal_challenge value=true
                  expect nobody else
2027-02-05 09:00  expect mail to line_manager@A contains A formal challenge has been lodged
                  expect mail to line_manager@B contains A formal challenge has been lodged
2027-02-08 17:00  expect stage stage-3
                  expect mail to line_manager@B contains A formal challenge has been lodged
                  expect mail to head_of_service@A contains A formal challenge has been lodged
                  expect mail to head_of_service@B contains A formal challenge has been lodged
