-- What was queued before there were silences (version 9) names no agency, so that none holds it.
-- The line of the record that tells of the notification says in which roles, of which agencies.  As
-- silencing_agency() has it: '' for several, NULL where one is the board's, or for the operator.
-- Where there is no such line, for it was erased, or what waits is older than version 3, it stays
-- as it was.
UPDATE outbox SET agency = (
        SELECT iif(min(r.value ->> 'agency') = max(r.value ->> 'agency'),
                   min(r.value ->> 'agency'), '')
        FROM record_payload p, json_each(p.payload, '$.roles') r WHERE p.number = outbox.record)
    WHERE state = 'queued' AND agency IS NULL AND disagreement IS NOT NULL
    AND EXISTS (SELECT 1 FROM record_payload p, json_each(p.payload, '$.roles') r
                WHERE p.number = outbox.record AND p.payload ->> 'person' <> 'operator')
    AND NOT EXISTS (SELECT 1 FROM record_payload p, json_each(p.payload, '$.roles') r
                    WHERE p.number = outbox.record AND r.value ->> 'agency' IS NULL);

PRAGMA user_version = 16;
