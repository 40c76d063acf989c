/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* System calls by the kernel's functions that do them, of those alone that are wanted: all others cost nothing. The same
 * plans, judges and records as those of the tracepoints of all calls, which stand before this in probes.bpf.c. */

/* A function that begins, of a call that is copied at entry. */
SEC("fentry") int function_begins(void)
{
	copy_call(registers_of(current_task())->orig_ax);
	return 0;
}

/* Goes on where calls of that number are wanted, of everybody or (PLAN_ASKERS) of who asks name servers. What follows is
 * a program of its own: one of these is attached to each function, so that they are small. */
INLINE void tell_call(u64 *context, void *next, u32 place, u32 of_whom)
{
	struct plan *plan = plan_at(place, generation());
	if (plan && (plan->flags & (PLAN_WANTED | PLAN_ASKERS)) == (PLAN_WANTED | of_whom))
		tail_call(context, next, STEP_CALL);
}

/* A function that ends, of a call of everybody. Its one argument is what the call was given; what it returned lies behind. */
ON_FUNCTIONS(ends)
INLINE int do_ends(u64 *context, void *next)
{
	struct registers *given = (void *)context[0];
	tell_call(context, next, place_of(current_task(), given->orig_ax), 0);
	return 0;
}

/* The same of those alone who ask name servers. All others send and receive most, and end here. */
ON_FUNCTIONS(asks)
INLINE int do_asks(u64 *context, void *next)
{
	struct task_struct *task = current_task();
	struct registers *given = (void *)context[0];
	u32 place = place_of(task, given->orig_ax);
	if (may_ask(task->tgid, place, given))
		tell_call(context, next, place, PLAN_ASKERS);
	return 0;
}

ON_FUNCTIONS(call)
INLINE int do_call(u64 *context, void *next)
{
	end_call(context, (void *)context[0], context[1], next);
	return 0;
}

/* A call with its numbers, and the texts that it was given: what hangs on functions of other types cannot go on to the
 * steps of those that do calls. */
INLINE void tell_plainly(s64 result)
{
	struct scratch *s = scratch(0);
	if (verdict_of_numbers(registers_of(current_task()), result) == UNWANTED || !s)
		return;
	begin_call(s);
	for (u32 number = 0; number < PLAN_STEPS; number++) {
		u32 step = s->plan.steps[number] & STEP_NUMBER;
		if (step == STEP_TEXT || step == STEP_OPEN)
			take_text(s, 0, s->plan.steps[number] >> 5);
	}
	submit(s);
}

/* __secure_computing, which says whether a call goes on: where it does not, no function of a call runs. What is returned
 * instead lies in its registers by now. */
SEC("fexit") int call_refused(u64 *context)
{
	u64 result = 0;
	if (!result_of_function(context, &result) && (s32)result == -1)
		tell_plainly(registers_of(current_task())->ax);
	return 0;
}

enum { CLONE = 56, FORK = 57, VFORK = 58, FORK32 = 2, CLONE32 = 120, VFORK32 = 190, CLONE3 = 435 };

/* schedule_tail, by which a new thread begins: it returns from the call that made it, in whose function it never was. */
SEC("fentry") int child_begins(void)
{
	struct task_struct *task = current_task();
	u32 place = place_of(task, registers_of(task)->orig_ax);
	u32 is_child = place == CLONE || place == FORK || place == VFORK || place == CLONE3 || place == CALLS + FORK32 ||
		       place == CALLS + CLONE32 || place == CALLS + VFORK32 || place == CALLS + CLONE3;
	/* The kernel's own threads have the registers of whoever made them. */
	if (is_child && task->mm)
		tell_plainly(0);
	return 0;
}
