/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* System calls: what nobody wants leaves after one lookup; the rest goes through the steps of its plan. */
#include "askers.h"
#include "judge.bpf.c"

#define THREAD_COMPAT 2 /* TS_COMPAT: the task is inside a 32-bit call */

/* Place of a call in the table of plans; all numbers beyond share the last one. */
INLINE u32 place_of(struct task_struct *task, u64 number)
{
	u32 call = number < CALLS - 1 ? number : CALLS - 1;
	return task->thread_info.status & THREAD_COMPAT ? call + CALLS : call;
}

INLINE u32 generation(void)
{
	u32 zero = 0;
	struct settings *all = map_lookup(&settings, &zero);
	return all ? all->generation & 1 : 0;
}

INLINE struct plan *plan_at(u32 place, u32 generation)
{
	place += generation * 2 * CALLS;
	return map_lookup(&plans, &place);
}

/* Whether a call is copied at entry in one of both tables. Which of them counts, only the task tells, and each question
 * to the kernel makes all calls dearer. */
INLINE u32 may_be_copied(u64 number)
{
	u32 call = number < CALLS - 1 ? number : CALLS - 1, now = generation();
	struct plan *plan = plan_at(call, now), *narrow = plan_at(call + CALLS, now);
	return plan && narrow && (plan->flags | narrow->flags) & PLAN_COPIES;
}

ON("raw_syscalls", "sys_enter") int enter_call(u64 *context)
{
	u64 number = context[NUMBER_OF_CALL];
	if (!may_be_copied(number))
		return 0;
	struct plan *plan = plan_at(place_of(current_task(), number), generation());
	if (plan && plan->flags & PLAN_COPIES)
		tail_call(context, &steps, STEP_COPY);
	return 0;
}

INLINE void take_arguments(u64 *to, struct registers *from, u32 place)
{
	if (place >= CALLS) {
		to[0] = (u32)from->bx;
		to[1] = (u32)from->cx;
		to[2] = (u32)from->dx;
		to[3] = (u32)from->si;
		to[4] = (u32)from->di;
		to[5] = (u32)from->bp;
	} else {
		to[0] = from->di;
		to[1] = from->si;
		to[2] = from->dx;
		to[3] = from->r10;
		to[4] = from->r8;
		to[5] = from->r9;
	}
}

/* 32-bit programs have one call for all of sockets, with the arguments in memory. By its first argument: the
 * call that does the same alone, and how many arguments it takes. */
#define SOCKETCALL 102
#define SOCKETCALLS 21
static const u16 alone[SOCKETCALLS] = {0,   359, 361, 362, 363, 364, 367, 368, 360, 369, 371,
				       369, 371, 373, 366, 365, 370, 372, 364, 337, 345};
static const u8 arguments_of[SOCKETCALLS] = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4};

/* And an older call for maps of memory, with all of its arguments in memory. */
enum { OLD_MMAP = 90, MMAP = 192 };

INLINE u32 unwrap(u32 place, u64 *arguments)
{
	u32 number = arguments[0], count = 6, same = MMAP;
	const void *from = (void *)arguments[0];
	OPAQUE(number);
	if (place == CALLS + SOCKETCALL && number && number < SOCKETCALLS) {
		count = arguments_of[number] & 7;
		same = alone[number];
		from = (void *)arguments[1];
	} else if (place != CALLS + OLD_MMAP) {
		return place;
	}
	u32 six[6] = {}, is_read = 0;
	OPAQUE(count);
	if (count <= 6)
		is_read = !read_user(six, count * sizeof(u32), from);
	if (same == MMAP) {
		/* Where they are gone, no descriptor is better than the first. Its offset counts in pages. */
		if (!is_read)
			six[4] = -1;
		six[5] /= 4096;
	}
	for (int which = 0; which < 6; which++)
		arguments[which] = six[which];
	return CALLS + same;
}

enum { SENDTO = 44, SENDTO32 = 369 };

/* Whether a call may be about names. Who says where a datagram goes may ask for the first time. */
INLINE u32 may_ask(u32 process, u32 place, struct registers *given)
{
	return has_asked(process) || (place == SENDTO && given->r8) || (place == CALLS + SENDTO32 && given->di);
}

/* Whether a call is wanted, by its number, what it was given and returned, which most of what nobody wants shows in. Where
 * that is open, its object and the names of that decide. Nothing is written before somebody may want it. */
INLINE enum verdict verdict_of_numbers(struct registers *given, s64 result)
{
	struct task_struct *task = current_task();
	u64 number = given->orig_ax;
	u32 called = place_of(task, number);
	struct call call = {.given = given, .result = result, .place = called, .generation = generation()};
	struct plan *plan = plan_at(called, call.generation);
	if (!plan || !(plan->flags & PLAN_WANTED) || plan->flags & (result < 0 ? PLAN_SUCCESSES : PLAN_FAILURES))
		return UNWANTED;
	u32 process = task->tgid;
	if (plan->flags & PLAN_ASKERS && !may_ask(process, called, given))
		return UNWANTED;
	/* Before the ways part: the verifier looks for a name in all of the kernel's types at each load of a pointer from a task. */
	call.files = task->files;
	OPAQUE(call.files);
	struct scratch *s = scratch(0);
	if (!s)
		return UNWANTED;
	if (called >= CALLS) {
		take_arguments(s->arguments, given, called);
		call.place = unwrap(called, s->arguments);
		if (call.place != called)
			plan = plan_at(call.place, call.generation);
		if (!plan || !(plan->flags & PLAN_WANTED))
			return UNWANTED;
	}
	if (plan->mask && !(given_argument(s, &call, plan->masked) & plan->mask))
		return UNWANTED;
	struct filter *filter = filter_at(plan->filter, call.generation);
	struct facts facts = {};
	struct print print = {};
	u64 asked = 0;
	enum verdict found = WANTED;
	if (filter) {
		judge_numbers(s, &call, filter, &facts);
		if (filter->stages & STAGE_HOST && is_at_root(task))
			learn(&facts, FACT(FACT_HOST), 1);
		print = recall(s, &call, filter, &facts);
		found = verdict(filter, facts, &asked);
		if (found == OPEN && !(filter->stages & ~STAGE_HOST))
			found = WANTED;
	}
	if (found == UNWANTED || (call.place != CANARY_CALL && is_exempt(process)))
		return UNWANTED;
	if (called < CALLS)
		take_arguments(s->arguments, given, called);
	s->plan = *plan;
	s->result = result;
	s->generation = call.generation;
	s->place = call.place;
	s->called = call.place == called ? number : call.place - CALLS;
	s->walked = s->looked_at = 0;
	s->facts = facts;
	s->asked = asked;
	s->print = print;
	return found;
}

INLINE void end_call(u64 *context, struct registers *given, s64 result, void *next)
{
	enum verdict found = verdict_of_numbers(given, result);
	if (found == OPEN)
		tail_call(context, next, STEP_JUDGE);
	if (found != UNWANTED)
		tail_call(context, next, STEP_REPORT);
}

/* What a call that ends was given. */
INLINE struct registers *given_to(u64 *context)
{
#ifndef PREEMPTIBLE
	if (casts())
		return (void *)KNOWN(struct pt_regs, context[0]);
#else
	(void)context;
#endif
	return registers_of(current_task());
}

ON("raw_syscalls", "sys_exit") int exit_call(u64 *context)
{
	end_call(context, given_to(context), context[RESULT_OF_CALL], &steps);
	return 0;
}

/* The record of a call, with its numbers alone. */
INLINE void begin_call(struct scratch *s)
{
	u64 walked = s->walked, looked_at = s->looked_at;
	begin(s, current_task(), KIND_CALL, ORIGIN_CALL);
	/* What the judge saw of the call is not looked at again. */
	s->walked = walked;
	s->looked_at = looked_at;
	struct record_header *head = header_of(s);
	head->result = s->result;
	head->call = s->called;
	if (s->place >= CALLS)
		head->flags |= RECORD_COMPAT;
	u64 *arguments = add_part(s, TAG_ARGUMENTS, ROLE_NONE, 0, 6 * sizeof(u64));
	if (arguments)
		__builtin_memcpy(arguments, s->arguments, 6 * sizeof(u64));
	if (s->plan.flags & PLAN_COPIES)
		s->entry = (u64)head->process << 32 | head->thread;
}

STEP(report)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	begin_call(s);
	go_on(context, s, next);
	return 0;
}

STEP(end)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	if (s->name_service)
		note_asker(current_task()->tgid);
	submit(s);
	return 0;
}

/* A text that there is no room for, as far as there is, and its sum. */
INLINE void take_long_copy(struct copy *copy, const void *from)
{
	u32 which = 0;
	u8 *room = map_lookup(&paths, &which);
	long got = room ? read_user_text(room, PATH_LIMIT, from) : 0;
	if (got < 1)
		return;
	u32 length = got - 1;
	copy->fault = 0;
	copy->sum = sum_of((struct text *)room, length);
	copy->length = length;
	copy->kept = length < COPY_LIMIT ? length : COPY_LIMIT;
	read_kernel(copy->bytes, COPY_LIMIT, room);
}

/* Bytes of memory as they are before the kernel reads them: a text, or as many as are said, and as are looked at after. */
INLINE void take_copy(struct copy *copy, const void *from, u32 length, u32 text)
{
	copy->length = copy->kept = 0;
	copy->fault = 1;
	if (text) {
		long got = read_user_text(copy->bytes, COPY_LIMIT, from);
		if (got < 1)
			return;
		if (got == COPY_LIMIT) {
			take_long_copy(copy, from);
			return;
		}
		length = got - 1;
	} else {
		if (length > sizeof(struct sockaddr_un))
			length = sizeof(struct sockaddr_un);
		OPAQUE(length);
		length &= 127;
		if (read_user(copy->bytes, length, from))
			return;
	}
	copy->fault = 0;
	copy->length = copy->kept = length;
}

INLINE void copy_call(u64 number)
{
	struct task_struct *task = current_task();
	u32 place = place_of(task, number);
	u64 key = thread_id(), arguments[6];
	if (is_exempt(task->tgid))
		return;
	take_arguments(arguments, registers_of(task), place);
	place = unwrap(place, arguments);
	struct plan *plan = plan_at(place, generation());
	struct entry *entry = entry_of_call(key);
	if (!plan || !entry)
		return;
	entry->place = place;
	entry->executes = plan->flags & PLAN_EXECUTES;
	u32 taken = 0;
	for (int number = 0; number < PLAN_STEPS && taken < COPIES; number++) {
		u8 step = plan->steps[number] & STEP_NUMBER;
		u32 which = plan->steps[number] >> 5;
		if (which > 4 || (step != STEP_TEXT && step != STEP_OPEN && step != STEP_ADDRESS))
			continue;
		const void *from = (void *)arguments[which];
		take_copy(&entry->copies[taken], from, arguments[which + 1], step != STEP_ADDRESS);
		taken++;
	}
}

TRACEPOINT_STEP(copy)
{
	copy_call(context[NUMBER_OF_CALL]);
	return 0;
}
