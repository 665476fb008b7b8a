/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/wait_plan.h"

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Of what arrives within two seconds, half is seen within 45 ms; 36 NOOPs in five seconds. After that, a
 * tenth of the time waited. */
static double poll_delay(double elapsed)
{
    if (elapsed < 0.4)
        return 0.05;
    if (elapsed < 2)
        return 0.085;
    return clamp(elapsed / 10, 0.2, 60);
}

static double safety_delay(double elapsed)
{
    return elapsed < 30 ? 5 : clamp(elapsed / 10, 10, 60);
}

struct wait_step wait_plan(double elapsed, bool can_idle)
{
    if (!can_idle || elapsed < 5)
        return (struct wait_step){.idle = false, .delay = poll_delay(elapsed)};
    return (struct wait_step){.idle = true, .delay = safety_delay(elapsed)};
}

/* NOOP and IDLE anew are two commands: with STATUS every second time, 15 a minute. */
double wait_plan_others(double elapsed)
{
    if (elapsed < 5)
        return clamp(elapsed * 0.3, 0.25, 1.5);
    return elapsed < 30 ? 4 : 1.5 * safety_delay(elapsed);
}

double wait_plan_session(double elapsed)
{
    return elapsed < 2 ? 0.5 : clamp(elapsed / 10, 1, 60);
}
