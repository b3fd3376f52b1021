/* message_ids.h - the ids of journal lines that an operator may have to act on.
 *
 * Each is the value of the field MESSAGE_ID; systemd/concernd.catalog says under it what
 * happened and what to do.  An id is never given to another message.
 */
#ifndef CONCERN_IO_MESSAGE_IDS_H
#define CONCERN_IO_MESSAGE_IDS_H

/** The store has failed; nothing more is acknowledged. */
#define MESSAGE_ID_STORE_FAILED "47eaa0992cb6416d86dc283cf0480ff9"

/** There is no room on the disk of the store. */
#define MESSAGE_ID_STORE_FULL "1509bb0a9bf143318a118783593942a4"

/** Changed files have a fault; the ones before stay in force. */
#define MESSAGE_ID_POLICY_REFUSED "f5ec52ed0108447592e1bc7656670b14"

/** An event of a case system was refused. */
#define MESSAGE_ID_EVENT_REFUSED "59ba1b0d5c904158a909406c2e416788"

/** Events of a case system have not come. */
#define MESSAGE_ID_SEQUENCE_GAP "5d32fe61985f44e7aa095ee82bb29976"

/** Nothing is heard of a feed. */
#define MESSAGE_ID_FEED_SILENT "9a1e40b458154a9999e2d15364c7a500"

/** A feed is heard again. */
#define MESSAGE_ID_FEED_BACK "68b4aef73eaa4e179d8a4eace693ae2d"

/** Something of an event was left out that could say something of a person. */
#define MESSAGE_ID_LEFT_OUT "9c9e2e2f493e4130aa9ac0ac97ef74f0"

/** A notification could not be delivered by one route. */
#define MESSAGE_ID_NOTIFICATION_GIVEN_UP "142c83647806457793e783e7eb04b39b"

/** A mail came back that a mail server had accepted. */
#define MESSAGE_ID_NOTIFICATION_BOUNCED "41aef409295b4e1f9535aaaedae7eccb"

/** Nobody accepted a notification; it goes by another route. */
#define MESSAGE_ID_NOTIFICATION_ESCALATED "cfed0d990ade434bb5698934b016d808"

/** Nobody accepted a notification by any route in time. */
#define MESSAGE_ID_NOTIFICATION_UNDELIVERED "e68b9b773e0744e6aa16716a0d0c7d8e"

/** The operator cannot be told. */
#define MESSAGE_ID_OPERATOR_UNREACHABLE "3b041641178844f2a60df25453fe2e85"

/** The wall clock was set. */
#define MESSAGE_ID_CLOCK_SET "00a154d85ed84bccb5c719c2add9ca88"

/** No event can come in. */
#define MESSAGE_ID_NOT_LISTENING "c0290103855d4f5599ec8712e8e3574f"

/** Who may connect cannot be checked any more; the process ends. */
#define MESSAGE_ID_DOOR_FAILED "1dbeb31c585c406cb80bfa0fa7272f80"

/** More connections come than there are places for. */
#define MESSAGE_ID_TURNED_AWAY "3609701335214a3ab8538129ae811395"

#endif
