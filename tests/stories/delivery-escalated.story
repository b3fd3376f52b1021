# Silence is never an answer, of a mail server neither (promises P3, P8): what nobody accepts goes
# by the person's next route after ten minutes, then to the deputy, then to the board's team and
# the operator; what is urgent after two; what is refused at once.
title a mail server that takes nothing for two hours
procedure plcsab-adults
agency A
agency B
deputy standin is line_manager of B
person line_manager.B routes: ["email:desk@mail.example", "email:mobile@mail.example"]

# A Tuesday. The desk's mailbox is full: the mobile is tried ten minutes later.
2027-02-09 09:55 unreachable desk@mail.example until 2027-02-09 10:55
2027-02-09 10:00 raise D1 between A and B
  expect stage_entered,deadline_started to line_manager@both
  expect accepted by line_manager.A@mail.example ref D1
  expect nothing accepted by desk@mail.example
2027-02-09 10:09 expect nothing accepted by mobile@mail.example
2027-02-09 10:10 expect accepted by mobile@mail.example SENT BY ANOTHER WAY AS WELL
  expect accepted by mobile@mail.example Stage 1 of 3 began
  expect record escalated contains "route":2
# It was accepted: the deputy hears nothing, nor does the board.
2027-02-09 10:54 expect nothing accepted by standin@mail.example
  expect nothing accepted by board_team.board@mail.example
  expect nothing accepted by operator@mail.example
# The desk itself is tried on, and has it as soon as it can.
2027-02-09 12:30 expect accepted by desk@mail.example Stage 1 of 3 began

# A mailbox that is gone does not wait: the same second, by the next route.
2027-02-12 09:59 refuses desk@mail.example until 2027-03-01 00:00
2027-02-12 10:00 risk.changed D1 by A risk=life_threatening
  expect accepted by mobile@mail.example SENT BY ANOTHER WAY AS WELL
  expect accepted by operator@mail.example cannot be delivered

# Nobody can be reached for two hours as the limit of the stage passes.
2027-02-16 16:30 unreachable everybody until 2027-02-16 19:00
2027-02-16 17:00 expect stage_entered to head_of_service@both
2027-02-16 17:29 expect nothing accepted by operator@mail.example
2027-02-16 18:59 expect nothing accepted by head_of_service.A@mail.example
  expect record undelivered contains head_of_service
2027-02-16 21:30 expect accepted by head_of_service.A@mail.example Stage 2
  expect accepted by board_team.board@mail.example D1, to the role head_of_service
  expect accepted by operator@mail.example D1, to the role head_of_service
