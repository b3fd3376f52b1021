# RO-26 AMB-17: whoever says of the notification he was sent that he has seen it, by its id or by
# the token of its link, is not silent; whose notification nobody has seen, of him the heads-up is
# asked about.  Nobody says it for somebody else, and a link counts once.
title     Of two disagreements, one's notifications were seen
procedure rochdale-adults
agency    A
agency    B
setting   acknowledge: {url: "https://concern.board.example/acknowledge"}

2027-02-01 10:00  raise D1 between A and B stage=stage-2 fact.urgent=true
                  expect mail to line_manager@B contains confirm that you have seen this: https://concern.board.example/acknowledge/
2027-02-01 10:10  acknowledged D1 by B notification=of:line_manager@B
                  expect record acknowledged contains "role":"line_manager","by":"event","agency":"B"
2027-02-01 10:11  acknowledged D1 by A notification=of:line_manager@B
                  expect refused 403.4
2027-02-01 10:12  acknowledged D1 by B token=of:line_manager@A
                  expect refused 403.4
2027-02-01 10:13  acknowledged D1 by A token=of:line_manager@A
                  expect record acknowledged contains "role":"line_manager","by":"event","agency":"A"
2027-02-01 10:14  acknowledged D1 by A token=of:line_manager@A
                  expect refused 422.1
# The other disagreement: the same people are told, and B's manager says nothing of this one.
2027-02-01 10:30  raise D2 between A and B stage=stage-2 fact.urgent=true
2027-02-01 10:40  acknowledged D2 by A notification=of:line_manager@A
2027-02-01 10:41  acknowledged D1 by B notification=of:line_manager@B
                  expect refused 400.4
2027-02-01 10:42  acknowledged D2 by B notification=n-5f1c
                  expect refused 400.4
# Four working hours: at 14:00 nobody asks about D1, at 14:30 they do about D2.
2027-02-01 14:29  expect silence
2027-02-01 14:30  expect question to practitioner@A line_manager@A
                  expect nobody else
