# An invented board: a fact that it alone knows passes over a stage.
title     Invented: high harm goes to the lodge
procedure fen from fen
agency    A
agency    B

2027-02-01 11:00  raise D1 between A and B fact.harm=high
                  expect stage lodge due 2027-02-02 17:00
                  expect stage_entered to lodge_keeper@both
                  expect deadline_started,fen_told to fen_office@board
                  expect nobody else
