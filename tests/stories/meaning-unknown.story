# M-8: an event nobody knows, and a fact nobody knows, are kept in the record and change nothing:
# nobody is told, no limit moves, no silence ends by a rule.  (That an element of a procedure nobody
# knows refuses to load, with its place and the nearest word, is unit/procedure_read.)
title     The weather
procedure plcsab-adults
agency    A
agency    B

2027-02-01 10:00  raise D1 between A and B fact.weather=rain fact.risk=none
                  expect record event contains "weather":"rain"
                  expect stage_entered,deadline_started to line_manager@both
                  expect nobody else
2027-02-02 10:00  weather.changed D1 by A sky=grey
                  expect nobody else
                  expect record event contains "type":"concernd.weather.changed"
                  expect stage stage-1 due 2027-02-08 17:00
                  expect deadline overall due 2027-02-22 17:00
2027-02-02 11:00  flag.changed D1 by B flag=weather value=snow
                  expect nobody else
                  expect record event contains "flag":"weather"
2027-02-05 08:59  expect silence
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
                  expect limit_passed,stage_entered to line_manager@both
                  expect limit_passed to practitioner@both
                  expect stage_entered to head_of_service@both
                  expect nobody else
