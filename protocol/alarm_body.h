/* alarm_body.h - what a webhook receives of an alarm: a CloudEvent about no disagreement.
 *
 * What the operator of the daemon, or a board's team, has to do something about.
 */
#ifndef CONCERN_PROTOCOL_ALARM_BODY_H
#define CONCERN_PROTOCOL_ALARM_BODY_H

#include "protocol/notification_body.h"

/**
 * Writes the CloudEvent: type `concernd.alarm`, source `urn:concernd:alarm`, subject "alarm", data
 * as in schema/alarm.json.  Of `alarm` are read: id, role, person, at, priority, subject and text,
 * none of them missing.
 *
 * 0 sets `*json`, the caller's to free(); -EINVAL for texts that are no UTF-8 or missing;
 * -ENOMEM.
 */
int alarm_body_write(const struct outgoing *alarm, char **json);

#endif
