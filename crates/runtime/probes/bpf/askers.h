/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Processes that ask name servers, or are one: what others read, write, send or receive is not looked at for questions. */
#pragma once

#include "record.h"

INLINE u32 has_asked(u32 process)
{
	u32 slot = process % ASKERS, *asker = map_lookup(&askers, &slot);
	return asker && *asker == process;
}

INLINE void note_asker(u32 process)
{
	u32 slot = process % ASKERS;
	map_update(&askers, &slot, &process, 0);
}

/* Its number may be given to another. */
INLINE void forget_asker(u32 process)
{
	u32 slot = process % ASKERS, *asker = map_lookup(&askers, &slot);
	if (asker && *asker == process)
		*asker = 0;
}
