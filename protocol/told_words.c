/* told_words.c - the words that what another system said may be told in. */
#include "protocol/told_words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What mail systems say of an address, a mailbox, a sender, a limit, a connection.  However common
 * a word is, it is left out where it could be somebody's name ("Will", "Mark", "Long") or the state
 * that somebody is in ("deceased", "infected", "retired"). */
/* clang-format off */
static const char *const words[] = {
    "a", "about", "accept", "accepted", "accepting", "accepts", "access", "account", "accounts",
    "action", "active", "address", "addresses", "administrative", "administratively",
    "administrator", "after", "again", "alias", "all", "allow", "allowed", "already", "although",
    "an", "and", "another", "answer", "any", "are", "as", "at", "attachment", "attempt",
    "attempted", "attempts", "authenticate", "authenticated", "authentication", "authorised",
    "authorization", "authorized", "available", "back", "bad", "banned", "be", "because", "been",
    "before", "being", "believe", "blacklist", "blacklisted", "blocked", "blocklist", "blocklisted",
    "body", "bounce", "bounced", "bounces", "busy", "but", "by", "can", "can't", "cannot",
    "certificate", "change", "changed", "check", "checked", "checks", "client", "closed", "closing",
    "command", "commands", "communication", "complete", "completed", "configuration", "configured",
    "congested", "congestion", "connect", "connected", "connecting", "connection", "connections",
    "contact", "content", "content-type", "conversation", "could", "couldn't", "credentials",
    "currently", "daily", "data", "database", "deactivated", "deferred", "delayed", "deleted",
    "deliver", "deliverable", "delivered", "delivering", "delivery", "denied", "deny",
    "destination", "did", "didn't", "directory", "disabled", "disallowed", "discarded", "disk",
    "dkim", "dmarc", "dns", "does", "doesn't", "domain", "domains", "down", "due", "duplicate",
    "during", "e-mail", "ehlo", "email", "emails", "empty", "encryption", "error", "errors",
    "exceed", "exceeded", "exceeding", "exceeds", "exist", "existing", "exists", "expired",
    "external", "fail", "failed", "failing", "fails", "failure", "failures", "file", "filter",
    "filtered", "filtering", "filters", "find", "following", "for", "forbidden", "format",
    "forward", "forwarding", "found", "from", "full", "further", "given", "go", "goodbye",
    "graylist", "graylisted", "graylisting", "greeting", "greylist", "greylisted", "greylisting",
    "had", "has", "hasn't", "have", "header", "headers", "held", "hello", "helo", "here", "high",
    "hop", "hops", "host", "hostname", "hosts", "hour", "hours", "however", "if", "illegal", "in",
    "inactive", "inbox", "incoming", "incorrect", "insufficient", "internal", "invalid", "ip",
    "ipv4", "ipv6", "is", "isn't", "it", "item", "its", "large", "later", "ldap", "length", "limit",
    "limited", "limits", "line", "list", "listed", "load", "local", "locally", "locked", "log",
    "logged", "login", "lookup", "loop", "lost", "mail", "mailbox", "mailboxes", "mails",
    "maintenance", "malformed", "malware", "many", "maximum", "mechanism", "message", "message-id",
    "messages", "method", "minute", "minutes", "moment", "more", "moved", "must", "mx", "name",
    "need", "needed", "network", "never", "new", "next", "no", "nobody", "non-delivery", "none",
    "not", "nothing", "now", "null", "number", "of", "off", "ok", "okay", "on", "once", "one",
    "only", "or", "organisation", "organization", "originator", "other", "our", "out", "outgoing",
    "over", "over-quota", "overloaded", "overquota", "parse", "part", "password", "per",
    "permanent", "permanently", "permission", "permitted", "please", "policies", "policy", "port",
    "postmaster", "previous", "probably", "problem", "problems", "process", "processed",
    "processing", "prohibited", "protocol", "ptr", "queue", "queued", "quota", "rate",
    "rate-limited", "ratelimited", "rcpt", "reached", "reason", "reasons", "receive", "received",
    "receiver", "receiving", "recent", "recipient", "recipient's", "recipientnotfound",
    "recipients", "recognised", "recognized", "record", "records", "refuse", "refused", "refuses",
    "reject", "rejected", "rejecting", "rejection", "rejects", "relay", "relayed", "relaying",
    "remote", "removed", "repeated", "reply", "reputation", "request", "requested", "require",
    "required", "requires", "resend", "reset", "resolve", "resolver.adr.recipientnotfound",
    "resource", "resources", "response", "restricted", "restriction", "retries", "retry",
    "retrying", "returned", "reverse", "route", "routing", "rule", "rules", "scanner", "scanning",
    "second", "seconds", "security", "seems", "send", "sender", "sender's", "senders", "sending",
    "sent", "server", "server's", "servers", "service", "session", "should", "size", "smtp",
    "smtputf8", "some", "soon", "sorry", "source", "space", "spam", "spf", "starttls", "status",
    "still", "storage", "stored", "subject", "success", "successful", "successfully", "such",
    "support", "supported", "suspected", "suspended", "suspicious", "syntax", "system", "systems",
    "table", "temporarily", "temporary", "text", "than", "that", "the", "there", "this",
    "throttled", "throttling", "time", "timed", "timeout", "times", "tls", "to", "too", "traffic",
    "transaction", "transactions", "transient", "transport", "tried", "tries", "try", "trying",
    "type", "unable", "unauthenticated", "unauthorised", "unauthorized", "unavailable",
    "undeliverable", "under", "unexpected", "unknown", "unreachable", "unresolvable", "unroutable",
    "unrouteable", "unsolicited", "unsupported", "until", "unusual", "up", "use", "used", "user",
    "user's", "username", "users", "using", "utf-8", "valid", "verification", "verified", "verify",
    "via", "violation", "virtual", "virus", "wait", "was", "we", "went", "were", "when", "while",
    "with", "within", "without", "wrong", "you", "your",
};
/* clang-format on */

/* The registered meanings of RFC 3463 and of IANA's "SMTP Enhanced Status Codes", where they say
 * more than their subject's number.  4 and 5 share them. */
static const struct {
    unsigned subject, detail;
    const char *meaning;
} meanings[] = {
    { 1, 1, "bad destination mailbox address" },
    { 1, 2, "bad destination system address" },
    { 1, 3, "bad destination mailbox address syntax" },
    { 1, 4, "destination mailbox address ambiguous" },
    { 1, 5, "destination address valid" },
    { 1, 6, "destination mailbox has moved, no forwarding address" },
    { 1, 7, "bad sender's mailbox address syntax" },
    { 1, 8, "bad sender's system address" },
    { 1, 9, "message relayed to non-compliant mailer" },
    { 1, 10, "recipient address has null MX" },
    { 2, 1, "mailbox disabled, not accepting messages" },
    { 2, 2, "mailbox full" },
    { 2, 3, "message length exceeds administrative limit" },
    { 2, 4, "mailing list expansion problem" },
    { 3, 1, "mail system full" },
    { 3, 2, "system not accepting network messages" },
    { 3, 3, "system not capable of selected features" },
    { 3, 4, "message too big for system" },
    { 3, 5, "system incorrectly configured" },
    { 3, 6, "requested priority was changed" },
    { 4, 1, "no answer from host" },
    { 4, 2, "bad connection" },
    { 4, 3, "directory server failure" },
    { 4, 4, "unable to route" },
    { 4, 5, "mail system congestion" },
    { 4, 6, "routing loop detected" },
    { 4, 7, "delivery time expired" },
    { 5, 1, "invalid command" },
    { 5, 2, "syntax error" },
    { 5, 3, "too many recipients" },
    { 5, 4, "invalid command arguments" },
    { 5, 5, "wrong protocol version" },
    { 5, 6, "authentication exchange line is too long" },
    { 6, 1, "media not supported" },
    { 6, 2, "conversion required and prohibited" },
    { 6, 3, "conversion required but not supported" },
    { 6, 4, "conversion with loss performed" },
    { 6, 5, "conversion failed" },
    { 6, 6, "message content not available" },
    { 6, 7, "non-ASCII addresses not permitted" },
    { 6, 8, "UTF-8 string reply is required" },
    { 6, 9, "UTF-8 header message cannot be transferred" },
    { 7, 1, "delivery not authorized, message refused" },
    { 7, 2, "mailing list expansion prohibited" },
    { 7, 3, "security conversion required but not possible" },
    { 7, 4, "security features not supported" },
    { 7, 5, "cryptographic failure" },
    { 7, 6, "cryptographic algorithm not supported" },
    { 7, 7, "message integrity failure" },
    { 7, 8, "authentication credentials invalid" },
    { 7, 9, "authentication mechanism is too weak" },
    { 7, 10, "encryption needed" },
    { 7, 11, "encryption required for requested authentication mechanism" },
    { 7, 12, "a password transition is needed" },
    { 7, 13, "user account disabled" },
    { 7, 14, "trust relationship required" },
    { 7, 15, "priority level is too low" },
    { 7, 16, "message is too big for the specified priority" },
    { 7, 17, "mailbox owner has changed" },
    { 7, 18, "domain owner has changed" },
    { 7, 19, "RRVS test cannot be completed" },
    { 7, 20, "no passing DKIM signature found" },
    { 7, 21, "no acceptable DKIM signature found" },
    { 7, 22, "no valid author-matched DKIM signature found" },
    { 7, 23, "SPF validation failed" },
    { 7, 24, "SPF validation error" },
    { 7, 25, "reverse DNS validation failed" },
    { 7, 26, "multiple authentication checks failed" },
    { 7, 27, "sender address has null MX" },
    { 7, 28, "mail flood detected" },
    { 7, 29, "ARC validation failure" },
    { 7, 30, "REQUIRETLS support required" },
};

static bool is_word(const char *at, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strncasecmp(words[i], at, length) == 0 && words[i][length] == '\0')
            return true;
    return false;
}

bool told_is_word(const char *at, size_t length)
{
    if (length == 0)
        return false;
    if (is_word(at, length))
        return true;
    /* "anti-spam" may not be, "mailbox-full" and "and/or" are: each part is one. */
    for (size_t part; length > 0; at += part + 1, length -= part + 1) {
        for (part = 0; part < length && !strchr("-/_", at[part]);)
            part++;
        if (part == 0 || !is_word(at, part))
            return false;
        if (part == length)
            return true;
    }
    return false; /* it ends in a hyphen */
}

const char *told_meaning(const char *status)
{
    unsigned class, subject, detail;

    if (sscanf(status, "%1u.%3u.%3u", &class, &subject, &detail) != 3)
        return "";
    for (size_t i = 0; class != 2 && i < COUNT_OF(meanings); i++)
        if (meanings[i].subject == subject && meanings[i].detail == detail)
            return meanings[i].meaning;
    return "";
}
