# M-4 PL-9: one manager is first line, Head of Service and Director at once.  Nothing is refused; one
# message per instant; and each stage is a new deadline and a new message all the same.
title     A flat structure: one person in all three stages
procedure plcsab-adults
agency    A
agency    B
holder    boss is line_manager of B
holder    boss is head_of_service of B
holder    boss is strategic_head of B

2027-02-01 10:00  raise D1 between A and B
                  expect stage stage-1 due 2027-02-08 17:00
                  expect stage_entered,deadline_started to line_manager@both
                  expect nobody else
2027-02-05 09:00  expect reminder to line_manager@both
                  expect nobody else
2027-02-08 17:00  expect stage stage-2 due 2027-02-15 17:00
                  expect limit_passed,stage_entered to line_manager@A
                  expect stage_entered to head_of_service@A
                  expect limit_passed to practitioner@both
                  expect limit_passed,stage_entered to line_manager@B head_of_service@B
                  expect nobody else
                  expect record notification contains "role":"line_manager","side":"challenged","agency":"B"},{"role":"head_of_service"
2027-02-12 09:00  expect reminder,question to head_of_service@A
                  expect reminder,intention_to_escalate to head_of_service@B strategic_head@B
                  expect nobody else
2027-02-15 17:00  expect stage stage-3 due 2027-02-22 17:00
                  expect limit_passed,stage_entered to head_of_service@A
                  expect stage_entered to strategic_head@A
                  expect limit_passed,stage_entered to head_of_service@B strategic_head@B
                  expect nobody else
