# An invented board: days that roll and end when the office opens, working days with the first
# included, a month that has no 31st.
title     Invented: two days in the fen
procedure fen from fen
agency    A
agency    B

# Sunday the 31st: two days end on Tuesday as the office opens; a month ends on Sunday the 28th of
# February, and rolls to Monday.
2027-01-31 11:00  raise D1 between A and B fact.harm=low
                  expect stage hut due 2027-02-02 09:00
                  expect deadline whole_matter due 2027-03-01 17:00
                  expect stage_entered to hut_keeper@both
                  expect deadline_started to fen_office@board
                  expect nobody else
# Tuesday is the first working day, Wednesday the second.
2027-02-02 09:00  expect deadline hut passed
                  expect stage lodge due 2027-02-03 17:00
                  expect limit_passed,stage_entered to hut_keeper@both
                  expect stage_entered to lodge_keeper@both
                  expect nobody else
2027-02-02 15:00  flag.changed D1 by B flag=harm value=high
                  expect fen_told to fen_office@board
                  expect priority urgent to fen_office@board
                  expect nobody else
2027-02-03 17:00  expect limit_passed to lodge_keeper@both
                  expect nobody else
2027-03-01 17:00  expect deadline whole_matter passed
                  expect limit_passed to fen_office@board
                  expect nobody else
