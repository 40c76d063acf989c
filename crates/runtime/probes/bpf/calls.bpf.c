/* System calls: what nobody wants leaves after one lookup; the rest goes through the steps of its plan. */
#include "object.h"

#define THREAD_COMPAT 2 /* TS_COMPAT: the task is inside a 32-bit call */

/* Place of a call in the table of plans; all numbers beyond share the last one. */
INLINE u32 place_of(u64 number)
{
	u32 call = number < CALLS - 1 ? number : CALLS - 1;
	return current_task()->thread_info.status & THREAD_COMPAT ? call + CALLS : call;
}

SEC("raw_tp/sys_enter") int enter_call(u64 *context)
{
	u32 place = place_of(context[1]);
	struct plan *plan = map_lookup(&plans, &place);
	if (plan && plan->flags & PLAN_COPIES)
		tail_call(context, &steps, STEP_COPY);
	return 0;
}

SEC("raw_tp/sys_exit") int exit_call(u64 *context)
{
	struct pt_regs *registers = (void *)context[0];
	u32 place = place_of(READ(registers->orig_ax));
	struct plan *plan = map_lookup(&plans, &place);
	if (plan && plan->flags & PLAN_WANTED)
		tail_call(context, &steps, STEP_BEGIN);
	return 0;
}

INLINE void read_arguments(u64 *to, struct pt_regs *registers, u32 place)
{
	if (place >= CALLS) {
		to[0] = (u32)READ(registers->bx);
		to[1] = (u32)READ(registers->cx);
		to[2] = (u32)READ(registers->dx);
		to[3] = (u32)READ(registers->si);
		to[4] = (u32)READ(registers->di);
		to[5] = (u32)READ(registers->bp);
	} else {
		to[0] = READ(registers->di);
		to[1] = READ(registers->si);
		to[2] = READ(registers->dx);
		to[3] = READ(registers->r10);
		to[4] = READ(registers->r8);
		to[5] = READ(registers->r9);
	}
}

SEC("raw_tp") int step_begin(u64 *context)
{
	struct pt_regs *registers = (void *)context[0];
	struct task_struct *task = current_task();
	u64 number = READ(registers->orig_ax);
	u32 place = place_of(number);
	s64 result = context[1];
	struct plan *plan = map_lookup(&plans, &place);
	struct scratch *s = scratch(0);
	if (!plan || !s || is_exempt(task->tgid))
		return 0;
	u8 flags = plan->flags;
	if ((flags & PLAN_FAILURES && result >= 0) || (flags & PLAN_SUCCESSES && result < 0))
		return 0;
	read_arguments(s->arguments, registers, place);
	if (plan->mask && !(argument(s, plan->masked) & plan->mask))
		return 0;
	if (flags & PLAN_IN_CGROUP && is_at_root(task))
		return 0;
	s->plan = *plan;
	begin(s, task, KIND_CALL, ORIGIN_CALL);
	struct record_header *head = header_of(s);
	s->result = head->result = result;
	head->call = number;
	if (place >= CALLS)
		head->flags |= RECORD_COMPAT;
	u64 *arguments = add_part(s, TAG_ARGUMENTS, ROLE_NONE, 0, 6 * sizeof(u64));
	if (arguments)
		__builtin_memcpy(arguments, s->arguments, 6 * sizeof(u64));
	if (flags & PLAN_COPIES) {
		u64 key = thread_id();
		struct entry *entry = map_lookup(&entries, &key);
		if (entry && entry->place == place)
			s->entry = key;
		else
			head->flags |= RECORD_NO_ENTRY;
	}
	go_on(context, s);
	return 0;
}

SEC("raw_tp") int step_end(void)
{
	struct scratch *s = scratch(0);
	if (s)
		finish(s);
	return 0;
}

/* Bytes of memory as they are before the kernel reads them. */
INLINE void take_copy(struct copy *copy, const void *from, u32 length, u32 text)
{
	u32 which = 0;
	u8 *room = map_lookup(&paths, &which);
	copy->length = copy->kept = 0;
	copy->fault = 1;
	if (!room)
		return;
	if (text) {
		long got = read_user_text(room, PATH_LIMIT, from);
		if (got < 1)
			return;
		length = got - 1;
	} else {
		if (length > COPY_LIMIT)
			length = COPY_LIMIT;
		if (read_user(room, length, from))
			return;
	}
	copy->fault = 0;
	copy->sum = sum_of((struct text *)room, length);
	copy->length = length;
	copy->kept = length < COPY_LIMIT ? length : COPY_LIMIT;
	read_kernel(copy->bytes, COPY_LIMIT, room);
}

SEC("raw_tp") int step_copy(u64 *context)
{
	struct pt_regs *registers = (void *)context[0];
	u32 place = place_of(context[1]);
	u64 key = thread_id(), arguments[6];
	struct plan *plan = map_lookup(&plans, &place);
	struct entry *entry = entry_of(key);
	if (!plan || !entry || is_exempt(current_task()->tgid))
		return 0;
	entry->place = place;
	entry->executes = plan->flags & PLAN_EXECUTES;
	read_arguments(arguments, registers, place);
	u32 taken = 0;
	for (int number = 0; number < PLAN_STEPS && taken < COPIES; number++) {
		u8 step = plan->steps[number] & STEP_NUMBER;
		u32 which = plan->steps[number] >> 5;
		if (which > 4 || (step != STEP_TEXT && step != STEP_ADDRESS))
			continue;
		const void *from = (void *)arguments[which];
		take_copy(&entry->copies[taken], from, arguments[which + 1], step == STEP_TEXT);
		taken++;
	}
	return 0;
}
