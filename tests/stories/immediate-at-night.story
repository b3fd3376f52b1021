# AMB-25 PL-11: what is immediate goes at any hour, by the route for the night.
title     Life threatening, at three in the night of a bank holiday
procedure plcsab-adults
agency    A
agency    B
person    practitioner.B out_of_hours: ["email:practitioner.B.night@mail.example"]

2027-03-22 10:00  raise D1 between A and B
2027-03-26 03:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@both line_manager@both
                  expect nobody else
                  expect priority immediate to practitioner@A practitioner@B line_manager@A line_manager@B
                  expect mail to practitioner@B at practitioner.B.night@mail.example
                  expect mail to practitioner@B contains LIFE THREATENING RISK
                  expect mail to practitioner@B contains immediate action to reduce the risk of harm will be required by all relevant parties
                  expect stage stage-1 due 2027-03-31 17:00
