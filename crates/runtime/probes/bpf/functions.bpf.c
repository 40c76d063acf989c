/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* System calls by the kernel's functions that do them, of those alone that are wanted: all others cost nothing. The same
 * plans, judges and records as those of the tracepoints of all calls, which stand before this in probes.bpf.c. */

/* A function that begins, of a call that is copied at entry. */
SEC("fentry") int function_begins(void)
{
	copy_call(registers_of(current_task())->orig_ax);
	return 0;
}

/* Whether somebody wants to know of calls of that number, and what they returned. One is attached to each function: so
 * that it is small, what comes next is another. */
ON_FUNCTIONS(ends)
INLINE int do_ends(u64 *context, void *next)
{
	struct task_struct *task = current_task();
	struct registers *given = registers_of(task);
	u32 place = place_of(task, given->orig_ax);
	struct plan *plan = plan_at(place, generation());
	if (plan && plan->flags & PLAN_WANTED && is_of_its_kind(plan, place, task->tgid, given))
		tail_call(context, next, STEP_CALL);
	return 0;
}

/* Behind its one argument lies what the function returned. */
ON_FUNCTIONS(call)
INLINE int do_call(u64 *context, void *next)
{
	end_call(context, registers_of(current_task()), context[1], next);
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
