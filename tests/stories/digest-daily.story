# PL-6 PL-11: a board's team that wants what is ordinary once a day hears all of it, in one
# message, and what is urgent at once; nobody else waits for it.
title     The board's team has its ordinary notifications at nine
procedure plcsab-adults
agency    A
agency    B
person    board_team.board ordinary: daily 09:00

2027-02-01 10:00  raise D1 between A and B fact.relates_to=individual
2027-02-01 11:00  raise D2 between A and B fact.relates_to=individual
2027-02-15 17:00  expect stage stage-3
                  expect board_senior_involved to board_team@board
                  expect accepted by strategic_head.A@mail.example Stage 3 begins
                  expect nothing accepted by board_team.board@mail.example
2027-02-16 08:59  expect nothing accepted by board_team.board@mail.example
2027-02-16 09:00  expect accepted by board_team.board@mail.example Subject: [Digest] 2 notifications
                  expect accepted by board_team.board@mail.example Senior officers are involved
                  expect accepted by board_team.board@mail.example 17:00 on Monday 15 February 2027
                  expect accepted by board_team.board@mail.example - D1 - D2
                  expect record gathered contains "in":
2027-02-16 10:00  restart
2027-02-17 10:00  expect nothing accepted by board_team.board@mail.example
# What is immediate does not wait for the morning.
2027-02-20 12:00  position.changed D1 by A agency=B non_involvement=true
2027-02-21 03:00  risk.changed D1 by A risk=life_threatening
                  expect board_life_threatening to board_team@board
                  expect accepted by board_team.board@mail.example IMMEDIATE
