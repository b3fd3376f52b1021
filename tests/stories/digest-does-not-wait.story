# LS-3 LS-5: what is to be answered before the digest would come is not held for it; what asks
# nothing is, over a Saturday morning too.
title     An answer due in a minute waits for no digest
procedure lscb-children
agency    A
agency    B
person    practitioner.A ordinary: daily 09:00

2027-02-12 16:59  raise D1 between A and B
                  expect stage workers due 2027-02-12 17:00
                  expect stage_entered to practitioner@both line_manager@both
                  expect accepted by practitioner.A@mail.example answer by 17:00
2027-02-12 17:00  expect limit_passed,stage_entered to practitioner@both
                  expect accepted by practitioner.B@mail.example D1
                  expect nothing accepted by practitioner.A@mail.example
2027-02-13 08:59  expect nothing accepted by practitioner.A@mail.example
2027-02-13 09:00  expect accepted by practitioner.A@mail.example D1
