# An invented board: weeks and months, rolled, the first day included, ends at midnight; the answer
# window closes quietly.
title     Invented: a letter nobody answers
procedure moor from moor
agency    A
agency    B

# Monday the 1st is day 1, Sunday the 14th is day 14; it rolls to Monday and ends with that day.
2027-03-01 10:00  raise D1 between A and B
                  expect stage letter due 2027-03-16 00:00
                  expect stage_entered to letter_writer@A
                  expect nobody else
# A month from the 16th ends with the 16th of April.
2027-03-16 00:00  expect deadline letter passed
                  expect stage answer_window due 2027-04-17 00:00
                  expect limit_passed,stage_entered to letter_writer@A
                  expect stage_entered to letter_reader@B
                  expect nobody else
2027-04-16 23:59  expect silence
2027-04-17 00:00  expect deadline answer_window passed
                  expect closed as lapsed
                  expect lapsed to letter_reader@B moor_office@board
                  expect nobody else
2027-09-01 09:00  expect silence
