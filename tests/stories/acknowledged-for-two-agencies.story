# RO-26 AMB-17: who has roles in two agencies is told once for both, and has seen it for both,
# whichever of them says so: neither is silent.  An event that names no notification is its own
# agency's alone.
title     One manager of two agencies confirms once
procedure rochdale-adults
agency    A
agency    B
agency    C
holder    line_manager.A is line_manager of B
setting   acknowledge: {url: "https://concern.board.example/acknowledge"}

2027-02-01 10:00  raise D1 between A and B and C stage=stage-2 fact.urgent=true
                  expect mail to line_manager@A contains Also as: First line manager of Invented B
2027-02-01 10:10  acknowledged D1 by A notification=of:line_manager@A
                  expect record acknowledged contains "agency":"A","also":[{"role":"line_manager","agency":"B"}]
2027-02-01 10:11  acknowledged D1 by C notification=of:line_manager@C
# The second: what A says of nothing in particular does not end B's silence.
2027-02-01 10:30  raise D2 between A and B and C stage=stage-2 fact.urgent=true
2027-02-01 10:40  acknowledged D2 by A
2027-02-01 10:41  acknowledged D2 by C
# The third: it is the other agency that says it, with the token of the link.
2027-02-01 11:00  raise D3 between A and B and C stage=stage-2 fact.urgent=true
2027-02-01 11:10  acknowledged D3 by B token=of:line_manager@A
                  expect record acknowledged contains "agency":"B","also":[{"role":"line_manager","agency":"A"}]
2027-02-01 11:11  acknowledged D3 by C notification=of:line_manager@C
# Four working hours: at 14:00 nobody asks about D1, at 14:30 they do about D2, at 15:00 not of D3.
2027-02-01 14:29  expect silence
2027-02-01 14:30  expect question to practitioner@A line_manager@A
                  expect nobody else
2027-02-01 16:59  expect silence
