# PL-3 PL-4 PL-13 AMB-11: each handler is told who the opposite number is, by role and agency; by
# name only where the directory marks it shareable.  The officer who is equivalent stands in for a
# Head of Service.  Every stage asks for its record, and so does the end.
title     Who my opposite number is, and what I am asked to do
procedure plcsab-adults
agency    A
agency    B without head_of_service
person    line_manager.B name: Jo Publicname
person    line_manager.B shareable: yes

2027-02-01 10:00  raise D1 between A and B
                  expect mail to line_manager@A contains Your opposite number: First line manager, Invented B (Jo Publicname).
                  expect mail to line_manager@B contains Your opposite number: First line manager, Invented A.
                  expect mail to line_manager@B contains line managers of the agencies involved discussing the issue of dispute and seeking to reach a resolution
                  expect mail to line_manager@A contains Record the discussion and the outcome in your own case system
                  expect mail to line_manager@A contains BY WHEN: 17:00 on Monday 8 February 2027
# Referred up without delay, in the evening too; an equivalent officer on one side.
2027-02-03 21:30  stage.unresolved D1 by B
                  expect stage stage-2 due 2027-02-10 17:00
                  expect stage_entered to head_of_service@A designated_safeguarding_officer@B
                  expect stage_entered to line_manager@both
                  expect nobody else
                  expect mail to head_of_service@A contains Your opposite number: Designated safeguarding officer
                  expect mail to head_of_service@A contains Record the discussion and the outcome in your own case system
                  expect mail to head_of_service@A lacks Jo Publicname
                  expect record notification contains "stand_in":"or_else"
2027-02-04 10:00  resolution.proposed D1 by A outcome=agreed_actions
2027-02-04 11:00  resolution.agreed D1 by B
                  expect closed as resolved
                  expect mail to head_of_service@A contains Written records of all these discussions must be kept
# The record of what was sent, to whom and when is part of it.
                  expect record notification contains "person":"head_of_service.A"
                  expect record notification contains "at":"2027-02-03T21:30:00
                  expect record delivery contains "state":"accepted"
2027-02-11 09:00  expect chase to head_of_service@A designated_safeguarding_officer@B
                  expect nobody else
2027-02-11 10:00  followup.done D1 by A deadline=written_record
                  followup.done D1 by B deadline=written_record
                  expect deadline written_record stopped
2027-04-30 12:00  expect silence
