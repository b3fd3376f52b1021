# PL-14 PL-15 AMB-17 AMB-18: managers at levels 1 and 2 do not answer an urgent case for four
# working hours.  The challenging side is asked; with its yes the next level is told three things,
# and the stage does not move.
title     An urgent case, and a manager who does not answer
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.urgent=true
                  expect stage stage-1 due 2027-02-08 17:00
# A answers; B is silent.
2027-02-01 11:00  acknowledged D1 by A
                  expect nobody else
2027-02-01 13:59  expect silence
2027-02-01 14:00  expect question to practitioner@A line_manager@A
                  expect nobody else
                  expect mail to line_manager@A contains careful consideration should be given to involving managers at the next level
2027-02-01 14:10  question.answered D1 by B question=heads_up_next_level answer=yes
                  expect refused 403.4
2027-02-01 14:30  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect heads_up_next_level to head_of_service@both
                  expect nobody else
                  expect priority urgent to head_of_service@A head_of_service@B
                  expect mail to head_of_service@B contains There is a disagreement between Invented A and Invented B
                  expect mail to head_of_service@B contains A speedy response from them is required to safeguard the person concerned
                  expect mail to head_of_service@B contains In the absence of such a response you will be contacted to help progress the disagreement further
                  expect mail to head_of_service@B contains The stage has not moved
                  expect stage stage-1 due 2027-02-08 17:00
# Once in a stage.
2027-02-01 15:00  manager.unresponsive D1 by A agency=B role=line_manager
                  expect nobody else
2027-02-04 17:00  expect silence
# Level 2, told at the close of Monday: four working hours end on Tuesday at 13:00.  A no tells nobody.
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
2027-02-09 12:59  expect silence
2027-02-09 13:00  expect question to practitioner@A head_of_service@A
                  expect nobody else
2027-02-09 13:30  question.answered D1 by A question=heads_up_next_level answer=no
                  expect nobody else
2027-02-11 17:00  expect silence
# Level 3 has no next level in its management: nobody is asked.
2027-02-15 17:00  expect stage stage-3 due 2027-02-22 17:00
2027-02-18 17:00  expect silence
