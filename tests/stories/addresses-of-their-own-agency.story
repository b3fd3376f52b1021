# PL-3 SO-7: an address an event names is one its agency may have, or the event is refused.
title     A practitioner named by address, and an address of somebody else
procedure plcsab-adults
agency    A
agency    B

2027-02-01 09:00  raise D0 between A and B person.practitioner@B=duty.desk@elsewhere.example
                  expect refused 400.4
2027-02-01 10:00  raise D1 between A and B person.practitioner@B=duty.desk@B.example
2027-02-02 10:00  risk.changed D1 by A risk=life_threatening
                  expect immediate_action to practitioner@A practitioner@B line_manager@both
                  expect nobody else
