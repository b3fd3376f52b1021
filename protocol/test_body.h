/* test_body.h - what a webhook receives of `concernctl test`: a CloudEvent about no disagreement.
 *
 * A type of its own, so that no case system takes it for a notification.
 */
#ifndef CONCERN_PROTOCOL_TEST_BODY_H
#define CONCERN_PROTOCOL_TEST_BODY_H

#include "protocol/notification_body.h"

/**
 * Writes the CloudEvent: type `concernd.test`, source `urn:concernd:test`, subject "test", data as
 * in schema/test.json.  Of `test` are read: id, agency, role, person, at, subject and text; only
 * the person may be NULL, where an agency's case system itself is tried.
 *
 * 0 sets `*json`, the caller's to free(); -EINVAL for texts that are no UTF-8 or missing;
 * -ENOMEM.
 */
int test_body_write(const struct outgoing *test, char **json);

#endif
