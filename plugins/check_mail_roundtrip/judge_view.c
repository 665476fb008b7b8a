/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plugins/check_mail_roundtrip/judge_internal.h"

const char *judge_side(const struct watch *w)
{
    return protocol_name(w->target->endpoint.protocol);
}

double judge_age(const struct judgement *j, double since)
{
    double seconds = j->result->past.flight.now - since;

    return seconds > 0 ? seconds : 0;
}

struct flight_view judge_view(const struct judgement *j, const struct watch *w)
{
    struct flight_view view;

    flight_view(&j->result->past.flight, w->target->label, &view);
    return view;
}

bool judge_is_read(const struct watch *w, const struct past_probe *p)
{
    return w->landed != NULL && p != NULL && strcmp(w->landed->marker.text, p->marker.text) == 0;
}

bool judge_is_first(const struct judgement *j, const struct watch *w)
{
    return j->result->past.usable && judge_view(j, w).landed == 1;
}
