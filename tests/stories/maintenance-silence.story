# A mail server is moved: what is ordinary waits for the end of the silence, and then goes out late;
# nobody else is told in its place, what is immediate is sent, and no deadline moves (P3, P8).
title a mail server under maintenance until two in the afternoon
procedure plcsab-adults
agency A
agency B
deputy standin is line_manager of B
person line_manager.B routes: ["email:desk@mail.example", "email:mobile@mail.example"]

2027-02-09 09:55 silence route:email until 2027-02-09 14:00
2027-02-09 10:00 raise D1 between A and B
  expect stage_entered,deadline_started to line_manager@both
  expect stage stage-1 due 2027-02-16 17:00
  expect record held contains "what":"route:email"
2027-02-09 11:59 expect nothing accepted by line_manager.A@mail.example
  expect nothing accepted by desk@mail.example
  expect nothing accepted by mobile@mail.example
  expect nothing accepted by standin@mail.example
2027-02-09 12:00 risk.changed D1 by A risk=life_threatening
  expect accepted by desk@mail.example ref D1
2027-02-09 14:30 expect accepted by desk@mail.example THIS MESSAGE IS LATE
  expect accepted by line_manager.A@mail.example THIS MESSAGE IS LATE
  expect record let_go contains line_manager
  expect nothing accepted by mobile@mail.example
  expect nothing accepted by operator@mail.example

# An agency's people alone, while the limit passes: the limit passes.
2027-02-16 16:00 silence agency:B until 2027-02-17 09:00
2027-02-16 17:00 expect stage_entered to head_of_service@both
  expect accepted by head_of_service.A@mail.example Stage 2
2027-02-17 08:59 expect nothing accepted by head_of_service.B@mail.example
2027-02-17 09:00 expect accepted by head_of_service.B@mail.example THIS MESSAGE IS LATE
