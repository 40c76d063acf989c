/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Signals that reach a process. Attached only where somebody wants to know: a shell gets one for each of its children. */
#include "task.h"

/* Of siginfo_t.si_code: who made the signal. Above zero it is the kernel, which names a process only of children. */
enum {
	SENT_BY_TIMER = -2,
	SENT_BY_INPUT = -5, /* and -4: asynchronous input and output */
	SENT_BY_THREAD = -6,
	SIGNAL_OF_CHILD = 17,
};

INLINE u32 names_sender(u64 signal, s32 code)
{
	if (code > 0)
		return signal == SIGNAL_OF_CHILD;
	return code >= SENT_BY_THREAD && code != SENT_BY_TIMER && code != SENT_BY_INPUT && code != SENT_BY_INPUT + 1;
}

/* Tracepoint signal_deliver: number, kernel_siginfo, what is done. Instead of the second there are the numbers 0 and
 * 1 for signals of which only their number is known. */
SEC("raw_tp/signal_deliver") int signal_arrives(u64 *context)
{
	struct task_struct *task = current_task();
	struct scratch *s = scratch(ROOM_SIGNALS);
	if (!s || is_exempt(task->tgid))
		return 0;
	u64 signal = context[0], sender = 0;
	struct kernel_siginfo *told = (void *)context[1];
	s32 code = 0;
	if (context[1] > 1) {
		code = READ(told->si_code);
		/* As the receiver numbers it; the first of whatever a signal tells. */
		if (names_sender(signal, code))
			sender = READ(told->_sifields._kill._pid);
	}
	s->plan.lane = LANE_OTHER;
	begin(s, task, KIND_SIGNAL, ORIGIN_KERNEL);
	u64 *arguments = add_part(s, TAG_ARGUMENTS, ROLE_NONE, 0, 6 * sizeof(u64));
	if (arguments) {
		arguments[0] = sender;
		arguments[1] = header_of(s)->inner_process;
		arguments[2] = signal;
		arguments[3] = (s64)code;
		arguments[4] = arguments[5] = 0;
	}
	submit_from(s, ROOM_SIGNALS);
	return 0;
}
