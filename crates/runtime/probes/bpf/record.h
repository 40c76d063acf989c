/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Putting records together and handing them over. */
#pragma once

#include "maps.h"

INLINE struct scratch *scratch(u32 which)
{
	return map_lookup(&scratches, &which);
}

INLINE struct record_header *header_of(struct scratch *s)
{
	return (struct record_header *)s->record;
}

/* A place for `length` bytes of a part, known when compiled; nothing where the record is full. */
INLINE void *add_part(struct scratch *s, u16 tag, u8 role, u8 flags, u32 length)
{
	u32 at = s->size;
	OPAQUE(at);
	if (at > RECORD_LIMIT) {
		header_of(s)->flags |= RECORD_TRUNCATED;
		return 0;
	}
	struct part_header *head = (void *)&s->record[at];
	head->tag = tag;
	head->role = role;
	head->flags = flags;
	head->length = length;
	s->size = at + sizeof(*head) + ((length + 7) & ~7u);
	return head + 1;
}

INLINE u32 is_exempt(u32 process)
{
	u32 zero = 0;
	struct settings *all = map_lookup(&settings, &zero);
	if (!all)
		return 0;
	return process == all->exempt[0] || process == all->exempt[1] || process == all->exempt[2] ||
	       process == all->exempt[3];
}

INLINE u32 gives_signs(u32 process)
{
	u32 zero = 0;
	struct settings *all = map_lookup(&settings, &zero);
	return all && process == all->canary;
}

/* Where what is known before an operation is kept. */
INLINE struct entry *entry_of(u64 key)
{
	u32 zero = 0;
	struct entry *entry = map_lookup(&entries, &key);
	if (entry)
		return entry;
	struct entry *empty = map_lookup(&empty_entry, &zero);
	if (empty)
		map_update(&entries, &key, empty, 0);
	return map_lookup(&entries, &key);
}

INLINE struct entry *place_of_thread(u64 thread)
{
	u32 place = thread % THREADS;
	return map_lookup(&threads, &place);
}

/* Where what is known before a call of a thread is kept: at its own place, which it takes where nobody has it. */
INLINE struct entry *entry_of_call(u64 thread)
{
	struct entry *entry = place_of_thread(thread);
	if (entry && (entry->owner == thread || (!entry->owner && !__sync_val_compare_and_swap(&entry->owner, 0, thread))))
		return entry;
	if (entry)
		entry->is_crowded = 1;
	return entry_of(thread);
}

/* What was kept of it. */
INLINE struct entry *entry_before_call(u64 thread)
{
	struct entry *entry = place_of_thread(thread);
	if (!entry || entry->owner == thread)
		return entry;
	return entry->is_crowded ? map_lookup(&entries, &thread) : 0;
}

/* Gives the place of a thread away that makes no more calls. */
INLINE void leave_place(u64 thread)
{
	struct entry *entry = place_of_thread(thread);
	if (entry && entry->owner == thread)
		entry->owner = 0;
}

enum source { FROM_KERNEL, FROM_USER };

/* Bytes as a part; what could not be read is an empty one that says so. */
INLINE void *add_bytes(struct scratch *s, u16 tag, u8 role, u8 flags, const void *from, u32 length,
		       enum source source)
{
	u32 at = s->size;
	OPAQUE(at);
	if (at > RECORD_LIMIT) {
		header_of(s)->flags |= RECORD_TRUNCATED;
		return 0;
	}
	OPAQUE(length);
	if (length > PATH_LIMIT) {
		length = PATH_LIMIT;
		flags |= PART_TRUNCATED;
	}
	struct part_header *head = (void *)&s->record[at];
	u8 *body = (void *)(head + 1);
	*(u64 *)&body[length & ~7u] = 0;
	long error = source == FROM_USER ? read_user(body, length, from) : read_kernel(body, length, from);
	if (error) {
		flags |= PART_FAULT;
		length = 0;
	}
	head->tag = tag;
	head->role = role;
	head->flags = flags;
	head->length = length;
	s->size = at + sizeof(*head) + ((length + 7) & ~7u);
	if (tag == TAG_TEXT) {
		s->last_text = at + sizeof(*head);
		s->last_length = length;
	}
	return body;
}

INLINE struct share_key share_of(struct record_header *head, u32 lane)
{
	return (struct share_key){.cgroup = head->cgroup, .hierarchy = head->hierarchy, .lane = lane};
}

/* Whether a cgroup has as much of a ring as is left for all others, so that a flood of one leaves room for them. What
 * it wrote is counted in windows of a quarter of the ring, and halved from one to the next: no clock, so that it fits
 * every reader. Of a ring that is nearly empty nobody has too much. */
INLINE u32 has_its_share(void *ring, struct record_header *head, u32 lane, u32 size)
{
	u32 zero = 0;
	struct settings *all = map_lookup(&settings, &zero);
	u64 waiting = query_ring(ring, RING_WAITING), quarter = all ? all->rings[lane] / 4 : 0;
	if (waiting < quarter)
		return 0;
	struct share_key key = share_of(head, lane);
	struct share *share = map_lookup(&shares, &key);
	if (!share) {
		struct share none = {};
		map_update(&shares, &key, &none, 0);
		share = map_lookup(&shares, &key);
	}
	if (!share || !quarter)
		return 0;
	u64 window = query_ring(ring, RING_WRITTEN) / quarter;
	s64 passed = window - share->window;
	/* Less than none where another processor has looked since: nothing is forgotten for that. */
	if (passed > 0) {
		share->window = window;
		share->bytes = passed < 64 ? share->bytes >> passed : 0;
	}
	if (share->bytes + waiting >= 4 * quarter)
		return 1;
	__sync_fetch_and_add(&share->bytes, size);
	return 0;
}

INLINE long hand_to(void *ring, struct record_header *head, u32 lane, u32 size)
{
	return has_its_share(ring, head, lane, size) || write_ring(ring, head, size, 0);
}

INLINE void count_loss(struct record_header *head, u32 lane)
{
	struct share_key key = share_of(head, lane);
	u64 *lost = map_lookup(&losses, &key), one = 1;
	if (lost)
		__sync_fetch_and_add(lost, 1);
	else
		map_update(&losses, &key, &one, 0);
}

/* Hands the record over, or counts its loss. */
INLINE void submit_from(struct scratch *s, u32 room)
{
	struct record_header *head = header_of(s);
	u32 lane = head->lane & (LANES - 1), size = s->size, which = room;
	struct counts *count = map_lookup(&counts, &which);
	OPAQUE(size);
	if (!count || size > RECORD_ROOM || size < sizeof(*head))
		return;
	head->size = size;
	head->cpu |= room << CPU_ROOM;
	head->sequence = count->produced[lane]++;
	long is_lost;
	if (lane == LANE_PROCESS)
		is_lost = hand_to(&ring_process, head, lane, size);
	else if (lane == LANE_NETWORK)
		is_lost = hand_to(&ring_network, head, lane, size);
	else if (lane == LANE_FILE)
		is_lost = hand_to(&ring_file, head, lane, size);
	else
		is_lost = hand_to(&ring_other, head, lane, size);
	if (is_lost) {
		count->lost[lane]++;
		count_loss(head, lane);
	}
}

INLINE void submit(struct scratch *s)
{
	submit_from(s, ROOM_CALLS);
}

/* What follows the jump tells it from the others, of which clang would make one. */
#define GO_TO(which)                             \
	if (step == (which)) {                   \
		tail_call(context, next, which); \
		asm volatile("" : : "i"(which)); \
	}

/* Goes on with the plan. Where the next program is not loaded, the record goes as it is. A place in the table that is
 * known when the program is loaded becomes a jump; one that is not is looked up, and costs five times as much. */
INLINE void go_on(void *context, struct scratch *s, void *next)
{
	u32 number = s->step++;
	u8 step = STEP_END;
	if (number < PLAN_STEPS)
		step = s->plan.steps[number] & STEP_NUMBER;
	GO_TO(STEP_END)
	GO_TO(STEP_OBJECT)
	GO_TO(STEP_TEXT)
	GO_TO(STEP_DIRECTORY)
	GO_TO(STEP_OPEN)
	GO_TO(STEP_ADDRESS)
	tail_call(context, next, step);
	submit(s);
}

/* The operand of the step that runs: its argument's number. */
INLINE u32 operand(struct scratch *s)
{
	u32 number = s->step - 1;
	return number < PLAN_STEPS ? s->plan.steps[number] >> 5 : 0;
}

INLINE u64 argument(struct scratch *s, u32 number)
{
	OPAQUE(number);
	return number < 6 ? s->arguments[number] : (u64)s->result;
}

struct text {
	u8 bytes[PATH_LIMIT];
};

/* Sums up bytes, whatever lies behind them. */
GLOBAL u64 sum_of(struct text *text, u32 length)
{
	u64 sum = length, word = 0;
	if (!text || length > PATH_LIMIT)
		return 0;
	u32 at = 0;
	for (; at < PATH_LIMIT; at += 8) {
		if (at >= length)
			break;
		word = AS(u64, &text->bytes[at]);
		if (at + 8 > length)
			break;
		sum = (sum ^ word) * 0x100000001b3;
		sum ^= sum >> 29;
	}
	u32 rest = length & 7;
	return (sum ^ (rest ? word << (64 - 8 * rest) : 0)) * 0x100000001b3;
}

/* Whether bytes are not those that were copied. */
GLOBAL int differs(struct copy *copy, struct text *text, u32 length)
{
	if (!copy || !text || copy->length != length)
		return 1;
	if (length >= COPY_LIMIT)
		return copy->sum != sum_of(text, length);
	u32 end = length & (COPY_LIMIT - 8);
	for (u32 at = 0; at < COPY_LIMIT - 8; at += 8) {
		u32 left = end - at;
		OPAQUE(left);
		if (!left)
			break;
		if (AS(u64, &text->bytes[at]) != AS(u64, &copy->bytes[at]))
			return 1;
	}
	u64 difference = AS(u64, &text->bytes[end]) ^ AS(u64, &copy->bytes[end]);
	return !!(difference & ((1ULL << 8 * (length & 7)) - 1));
}
