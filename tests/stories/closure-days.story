# AMB-21: a procedure has one calendar for both sides.  Extra closure days are local: a procedure
# that names them counts them for a hospital and a school alike.
title     The schools' half-term is no working day of this board
procedure invented-with-schools
procedure invented-with-schools from invented-with-schools
calendar  invented-school-closures from invented-school-closures
agency    A kind vcf
agency    B

# Friday 12 February is day 1, Monday 22 day 2, Thursday 25 day 5.
2027-02-11 10:00  raise D1 between A and B
                  expect stage only due 2027-02-25 17:00
2027-02-23 17:00  expect silence
2027-02-24 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-25 17:00  expect deadline only passed
                  expect limit_passed to line_manager@both
                  expect nobody else
