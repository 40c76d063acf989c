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

/* struct mmsghdr: a whole msghdr, then how much of it was moved. */
enum { MOVED_AT = 56, MESSAGE_SIZE = 64, MOVED_AT32 = 28, MESSAGE_SIZE32 = 32 };
#define MESSAGES 8 /* of several that are looked at */

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define CONTROL_MESSAGES 3 /* in front of descriptors the kernel puts credentials and labels at most */

/* Whether descriptors came with a message. */
GLOBAL int brings_descriptors(u64 message, u32 narrow)
{
	/* Of struct msghdr the control messages and how long they are, of each of these how long it is, level and type. */
	u64 from = message + (narrow ? 16 : 32), all[2] = {}, at = 0;
	u32 head[4] = {};
	if (narrow) {
		read_user(head, 8, (void *)from);
		all[0] = head[0], all[1] = head[1];
	} else {
		read_user(all, sizeof(all), (void *)from);
	}
	for (u32 number = 0; number < CONTROL_MESSAGES; number++) {
		if (at + 12 > all[1] || read_user(head, narrow ? 12 : 16, (void *)(all[0] + at)))
			return 0;
		if (head[narrow ? 1 : 2] == SOL_SOCKET && head[narrow ? 2 : 3] == SCM_RIGHTS)
			return 1;
		at += narrow ? (head[0] + 3) & ~3u : (head[0] + 7) & ~7u;
	}
	return 0;
}

/* Calls by which descriptors of other processes come. */
enum { RECVMSG = 47, RECVMMSG = 299, PIDFD_GETFD = 438, RECVMMSG32 = 337, RECVMSG32 = 372, RECVMMSG_TIME64 = 417 };

/* A socket to a name server may come from another process: whoever is handed descriptors has asked, too. */
INLINE void note_handed(struct scratch *s, struct task_struct *task)
{
	u32 place = s->place, narrow = place >= CALLS;
	s64 messages = s->result;
	if (messages < 0)
		return;
	if (place == PIDFD_GETFD || place == CALLS + PIDFD_GETFD) {
		note_asker(task->tgid);
		return;
	}
	if (place == RECVMSG || place == CALLS + RECVMSG32)
		messages = 1;
	else if (place != RECVMMSG && place != CALLS + RECVMMSG32 && place != CALLS + RECVMMSG_TIME64)
		return;
	/* Behind those that are looked at there may be some. */
	u32 is_handed = messages > MESSAGES;
	for (u32 number = 0; number < MESSAGES; number++) {
		if (is_handed || number >= messages)
			break;
		u32 size = narrow ? MESSAGE_SIZE32 : MESSAGE_SIZE;
		is_handed = brings_descriptors(s->arguments[1] + number * size, narrow);
	}
	if (is_handed)
		note_asker(task->tgid);
}
