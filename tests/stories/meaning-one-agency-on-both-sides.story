# M-4: one agency may stand on both sides; each person is told once, in both places.
title     Two teams of one council
procedure plcsab-adults
agency    A

2027-02-01 10:00  raise D1 between A and A
                  expect stage stage-1 due 2027-02-08 17:00
                  expect stage_entered,deadline_started to line_manager@A
                  expect nobody else
                  expect record notification contains "roles":[{"role":"line_manager","side":"challenging","agency":"A"},{"role":"line_manager","side":"challenged","agency":"A"}]
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
                  expect limit_passed,stage_entered to line_manager@A
                  expect limit_passed to practitioner@A
                  expect stage_entered to head_of_service@A
                  expect nobody else
