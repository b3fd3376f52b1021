# AMB-21: the same closure days are there, and a procedure that does not name them does not count
# them: Monday to Friday, less the bank holidays of England and Wales.
title     Closure days that this board's procedure does not name
procedure plcsab-adults
calendar  invented-school-closures from invented-school-closures
agency    A kind vcf
agency    B

2027-02-11 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-18 17:00
2027-02-17 09:00  expect reminder to line_manager@both
                  expect nobody else
