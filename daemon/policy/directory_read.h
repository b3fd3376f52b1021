/* directory_read.h - the directory file becomes a struct directory and a table of endpoints. */
#ifndef CONCERN_POLICY_DIRECTORY_READ_H
#define CONCERN_POLICY_DIRECTORY_READ_H

#include "core/directory.h"
#include "policy/arena.h"
#include "policy/faults.h"

struct directory_file;

enum {
    DIRECTORY_ENTRIES_MAX = 20000, /* people; agencies; boards: of each */
    DIRECTORY_ROUTES_MAX = 8,      /* of a person, of each kind of hours */
    DIRECTORY_ROLES_MAX = 64,      /* of an agency */
    DIRECTORY_LIST_MAX = 64,       /* domains, systems, procedures, categories, allowed ranges */
    DIRECTORY_FORMS_MAX = 16       /* forms of references; beginnings of links */
};

enum directory_answer {
    DIRECTORY_OK,
    DIRECTORY_FAULTY, /* told to the faults, all of them */
};

/** What a route or a `systems` entry refers to; the one of GOV.UK Notify serves all its routes. */
struct endpoint_setting {
    const char *id;
    enum endpoint_kind kind;
    const char *url;             /* https:// only; NULL: the secret is the address (Teams) */
    const char *secret;          /* the name of the file in the secrets directory */
    const char *previous_secret; /* signed with too, while receivers change over; or NULL */
    const char *ca;           /* a file, relative ones to the directory file; NULL: the system's */
    const char *certificate;  /* a file, as `ca`; shown to the endpoint; NULL: none */
    const char *key;          /* the name of the secret that is its key; NULL with it */
    const char *const *allow; /* "127.0.0.0/8": ranges allowed beside public addresses */
    size_t allow_count;
};

/** Reads `path`.  DIRECTORY_OK sets `*file`, closed with directory_close; DIRECTORY_FAULTY (a
 *  file that cannot be read too); -ENOMEM. */
int directory_read(const char *path, struct faults *faults, struct directory_file **file);

/** The same from bytes; `name` stands for the file in the faults. */
int directory_read_text(const char *name, const char *bytes, size_t length, struct faults *faults,
                        struct directory_file **file);

/** The values; they live as long as the file. */
const struct directory *directory_of(const struct directory_file *file);
const struct endpoint_setting *directory_endpoints(const struct directory_file *file,
                                                   size_t *count);

/** The path it was read from. */
const char *directory_name(const struct directory_file *file);

/** Where an agency or a board is written, for what others have to say about it; 0: nowhere. */
void directory_place_of_agency(const struct directory_file *file, const char *id, unsigned *line,
                               unsigned *column);
void directory_place_of_board(const struct directory_file *file, const char *id, unsigned *line,
                              unsigned *column);

/** Where a person's language is written; 0: nowhere. */
void directory_place_of_person(const struct directory_file *file, const char *id, unsigned *line,
                               unsigned *column);

/** Where what an endpoint has under `key` is written, or where the endpoint is; 0: nowhere. */
void directory_place_of_endpoint(const struct directory_file *file, const char *id, const char *key,
                                 unsigned *line, unsigned *column);

/** Frees it; NULL is fine; sets NULL. */
void directory_close(struct directory_file **file);

enum { ADDRESS_FAULT_SIZE = 120 };

/** What is wrong with a mail address, in words written into `why`, or NULL: it may be used. */
const char *mail_address_fault(const char *address, char why[ADDRESS_FAULT_SIZE]);

/** Why a sound address may not be that of the sender, or NULL. */
const char *mail_sender_fault(const char *address);

/** The same of one that bounces come to, sound or not: a delivery's id and signature have to find
 *  room behind it. */
const char *mail_bounces_fault(const char *address, char why[ADDRESS_FAULT_SIZE]);

/** The address as it is sent: its local part composed (NFC), its domain in the form of name servers
 *  ("xn--…").  From the arena where that differs; what has no such form is left as it is. */
const char *mail_address_as_sent(struct arena *arena, const char *address);
const char *mail_domain_as_sent(struct arena *arena, const char *domain);

/** Bytes of an address that a token is put behind; both together are a link of the protocol. */
enum { LINK_BASE_MAX = 220 };

/** Whether that is such an address: url_is_sound(), and without "#" and "%". */
bool link_base_is_sound(const char *url);

/** Whether `url` is "https://HOST[:PORT]..." of printable ASCII, without a user, spaces or quotes:
 *  what is, libcurl takes.  HOST: a name, an address, or one of IPv6 in brackets. */
bool url_is_sound(const char *url);

/** The same of "smtp://HOST[:PORT]" and "smtps://HOST[:PORT]". */
bool mail_server_is_sound(const char *url);

/** Whether `domain` is letters, digits and inner hyphens in at least two labels. */
bool mail_domain_is_sound(const char *domain);

#endif
