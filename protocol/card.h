/* card.h - what a Teams channel receives: an Adaptive Card in the envelope of a Workflow.
 *
 * All text stands in RichTextBlocks, whose runs are shown as they are: a TextBlock or a FactSet
 * would read Markdown, and with it links, out of a reference.
 */
#ifndef CONCERN_PROTOCOL_CARD_H
#define CONCERN_PROTOCOL_CARD_H

#include "protocol/notification_body.h"

enum { CARD_MAX = 28 * 1024 /* bytes; Teams takes no more */ };

/**
 * Writes {"type":"message","attachments":[{an Adaptive Card, version 1.4}]}: the subject, the
 * reference, board, agency and priority a line each, the text paragraph by paragraph, and a
 * button where the notification has an https link.  A text that makes it longer than CARD_MAX is
 * cut at a paragraph, and says so.
 *
 * 0 sets `*json`, the caller's to free(); -EINVAL for texts that are missing or not plain;
 * -ENOMEM.
 */
int card_write(const struct outgoing *outgoing, char **json);

#endif
