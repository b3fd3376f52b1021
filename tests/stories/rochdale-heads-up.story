# RO-26 AMB-17 AMB-18: four working hours of silence, only where it is urgent; the challenging side
# is asked, and one yes tells the next level; the stage does not move.
title     A silent manager, asked about, and the next level told
procedure rochdale-adults
agency    A
agency    B

# Not urgent: the silence brings nothing about.
2027-02-01 10:00  raise D1 between A and B stage=stage-2 by A
2027-02-02 09:59  expect silence
2027-02-02 10:00  flag.changed D1 by A flag=urgent value=true
                  expect question to practitioner@A line_manager@A
                  expect nobody else
2027-02-02 10:30  question.answered D1 by B question=heads_up_next_level answer=yes
                  expect refused 403.4
2027-02-02 11:00  question.answered D1 by A question=heads_up_next_level answer=yes
                  expect heads_up_next_level to head_of_service@both
                  expect priority urgent to head_of_service@A head_of_service@B
                  expect mail to head_of_service@B contains there is a disagreement
                  expect mail to head_of_service@B contains a speedy response is required to safeguard the adult
                  expect mail to head_of_service@B contains in the absence of such a response
                  expect nobody else
                  expect stage stage-2 due 2027-02-08 17:00
# Once per stage: the silence that goes on asks nothing more.
2027-02-05 08:59  expect silence
2027-02-05 09:00  expect reminder to line_manager@both
                  expect nobody else
# A new level, a new silence: 17:00 on Monday and four working hours are 13:00 on Tuesday; but
# stage 3 is above the two levels the procedure speaks of.
2027-02-08 17:00  expect stage stage-3
2027-02-11 23:00  expect silence
