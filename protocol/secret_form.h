/* secret_form.h - what the secret of an endpoint has to look like. */
#ifndef CONCERN_PROTOCOL_SECRET_FORM_H
#define CONCERN_PROTOCOL_SECRET_FORM_H

#include "core/delivery.h"

/** What the secret of an endpoint of `kind` has to be, in words ("whsec_ and base64 ..."), where
 *  `text` is not that; else NULL. */
const char *secret_form_fault(enum endpoint_kind kind, const char *text);

#endif
