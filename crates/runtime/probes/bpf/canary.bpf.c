/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The sign of life goes through the lane that its number names, so that each ring is known to take records. */
#include "record.h"

STEP(lane)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	header_of(s)->lane = argument(s, 0) >> CANARY_LANE & (LANES - 1);
	go_on(context, s, next);
	return 0;
}
