/* delivery.h - by which way a notification goes out. */
#ifndef CONCERN_CORE_DELIVERY_H
#define CONCERN_CORE_DELIVERY_H

#include "core/base.h"

enum route_kind { ROUTE_EMAIL, ROUTE_WEBHOOK };

#endif
