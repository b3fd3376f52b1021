/* compose.h - writes a notification as a person reads it.
 *
 * Templates (template.h) are the frame: "subject", "mail" and, of a text message, "text".  Every
 * message has one of its own, in up to three parts: {{#headline}} for the subject, {{#happened}}
 * and {{#to_do}} for the frame, which asks each thing a notification says for them; so several
 * things said at once read as one text.  Fields are a closed list (compose_field.c,
 * config/templates/README.md), so that a misspelt one is found when the file is loaded; none of
 * them carries anything about the adult or child, nor any free text of an event.
 */
#ifndef CONCERN_CORE_COMPOSE_H
#define CONCERN_CORE_COMPOSE_H

#include "core/plan.h"
#include "core/template.h"
#include "core/text.h"
#include "core/words.h"

/** One template file's text and where it came from; owned by policy/templates. */
struct template_text {
    const char *id; /* "stage_entered", "mail", "subject", a rule's id, "rule" (the general one) */
    const char *file; /* for messages about it */
    const char *text;
    const char *language; /* "cy"; NULL: LANGUAGE_DEFAULT */
};

/** The texts of all languages, and the words of each. */
struct templates {
    const struct template_text *list;
    size_t count;
    const struct words *words;
    size_t words_count;
};

/**
 * The template of that id in a language (NULL: LANGUAGE_DEFAULT); where there is none, the English
 * one, and NULL where there is none either.
 */
const struct template_text *templates_find(const struct templates *templates, const char *language,
                                           const char *id);

/** The words of a language; those of LANGUAGE_DEFAULT where it has none; never NULL. */
const struct words *templates_words(const struct templates *templates, const char *language);

/**
 * Checks one template against the fields there are and, of a message, that it says what
 * happened.  TEMPLATE_OK, or TEMPLATE_FAULT with `*fault` set.
 */
int template_check(const struct template_text *text, struct template_fault *fault);

/** The ids of the templates that must be there, by `index` from 0; NULL past the last. */
const char *template_required(size_t index);

/** The names of the fields, by `index` from 0; NULL past the last. */
const char *template_field_name(size_t index);

/** Everything a notification's text may be made of. */
struct composition {
    const struct policy_view *view;
    const struct directory *directory; /* NULL: invented holders */
    const struct templates *templates;
    const struct disagreement *disagreement;
    const struct notification *notification;
    const char *notification_id; /* the stable id */
    struct instant sent;         /* when it was put on its way: later than `at` is said so */
    const char *acknowledge;     /* the link to acknowledge by; NULL or "": none */
    bool is_other_way;           /* it was sent before by another route, and nobody accepted it */
};

enum { SUBJECT_SIZE = 200, BODY_SIZE = 16384, ENTRY_SIZE = 400 };

/*
 * These always write a whole text: where a template is missing, which the loader would have
 * refused, plain words of the program's own stand for it.  Templates are taken as checked.
 */

/**
 * Writes the subject, one line: "[Action] Stage 2 begins - ref D-2026-0192 - answer by 17:00
 * Wed 6 January 2027".  TEMPLATE_OK, or TEMPLATE_CUT where it did not fit (still a whole text).
 */
int compose_subject(const struct composition *composition, char subject[SUBJECT_SIZE]);

/** Fills a template of the program's own with the fields of a frame, one line with the words of a
 *  language (NULL: LANGUAGE_DEFAULT): "{{role}}, {{agency}}".  TEMPLATE_OK or TEMPLATE_CUT. */
int compose_phrase(const struct composition *composition, const char *language,
                   const char *template, char phrase[SUBJECT_SIZE]);

/**
 * Writes the plain text body, lines ended by "\n", at most 78 characters where words allow.
 * TEMPLATE_OK, or TEMPLATE_CUT where it did not fit.
 */
int compose_body(const struct composition *composition, char *body, size_t size);

/* Bytes of a text message and its zero.  GOV.UK Notify refuses one of more than 918 characters
 * (its SMS_CHAR_COUNT_LIMIT), and the board's template there has words of its own around it. */
enum { TEXT_MESSAGE_SIZE = 612 + 1 };

/**
 * Writes all that a text message says (template "text"), one line.  TEMPLATE_OK, or TEMPLATE_CUT
 * where it did not fit: then it ends after a whole word with "...".  Where the reference, by when
 * or the whole link to say that it is seen would be lost, they stand first, and as much of the
 * headline behind them as has room.
 */
int compose_text_message(const struct composition *composition, char message[TEXT_MESSAGE_SIZE]);

/** The language the mail is in: the reader's where its frame is worded in that; never NULL. */
const char *compose_language(const struct composition *composition);

/** Writes a deadline's entry in the reader's calendar, one line; TEMPLATE_OK or TEMPLATE_CUT. */
int compose_calendar_entry(const struct composition *composition, int deadline,
                           char entry[ENTRY_SIZE]);

enum { GIST_SIZE = 1000 };

/**
 * Writes what a digest says of it (template "digest_entry"), one line without the reference: where
 * the same was told at the same instant of several disagreements, it is the same.  TEMPLATE_OK, or
 * TEMPLATE_CUT.
 */
int compose_gist(const struct composition *composition, char gist[GIST_SIZE]);

/** When what the reader is asked to do is due, which may have passed; INSTANT_NONE: nothing is
 *  asked of him, or it has no date. */
struct instant compose_act_by(const struct composition *composition);

#endif
