/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The steps of plans that look into what is moved. */
#include "askers.h"
#include "object.h"

INLINE u32 payload_limit(struct scratch *s)
{
	u32 limit = s->plan.payload;
	return s->name_service && limit < NAME_SERVICE_PAYLOAD ? NAME_SERVICE_PAYLOAD : limit;
}

/* Memory as a payload, as much of it as the plan wants. */
INLINE void add_payload(struct scratch *s, void *from, s64 length, u8 role)
{
	u32 limit = payload_limit(s);
	if (!from || length <= 0 || !limit)
		return;
	u8 flags = 0;
	if (length > limit) {
		flags = PART_TRUNCATED;
		length = limit;
	}
	add_bytes(s, TAG_PAYLOAD, role, flags, from, length, FROM_USER);
}

/* struct iovec of user space. */
struct vector {
	u64 base;
	u64 length;
};

INLINE u32 read_vector(struct vector *to, u64 from, u32 number, u32 compat)
{
	u32 pair[2] = {};
	if (!compat)
		return !read_user(to, sizeof(*to), (void *)(from + number * sizeof(*to)));
	if (read_user(pair, sizeof(pair), (void *)(from + number * sizeof(pair))))
		return 0;
	to->base = pair[0];
	to->length = pair[1];
	return 1;
}

#define PIECES 4 /* that are looked at: a message and the length before it are two */
#define PIECES_LIMIT 1024
#define PIECES_MASK (2 * PIECES_LIMIT - 1)
#define WHOLE (~0ULL) /* as long as the pieces are */

/* Memory in several pieces as one payload. */
INLINE void add_pieces(struct scratch *s, u64 vectors, u64 count, u64 length, u8 role)
{
	u32 limit = payload_limit(s), at = s->size, done = 0, compat = header_of(s)->flags & RECORD_COMPAT;
	OPAQUE(at);
	if (!vectors || !count || !length || !limit)
		return;
	if (at > RECORD_LIMIT) {
		header_of(s)->flags |= RECORD_TRUNCATED;
		return;
	}
	if (limit > PIECES_LIMIT)
		limit = PIECES_LIMIT;
	u32 wanted = length < limit ? length : limit;
	struct part_header *head = (void *)&s->record[at];
	u8 *body = (void *)(head + 1), flags = 0;
	for (u32 number = 0; number < PIECES; number++) {
		struct vector piece = {};
		if (number >= count || done >= wanted)
			break;
		u32 is_read = read_vector(&piece, vectors, number, compat), take = wanted - done;
		if (piece.length < take)
			take = piece.length;
		OPAQUE(take);
		OPAQUE(done);
		take &= PIECES_MASK;
		done &= PIECES_MASK;
		if (!is_read || read_user(&body[done], take, (void *)piece.base)) {
			flags = PART_FAULT;
			break;
		}
		done += take;
	}
	if (length == WHOLE ? done >= limit : length > done)
		flags |= PART_TRUNCATED;
	for (u32 number = 0; number < 8; number++) {
		OPAQUE(done);
		body[(done & PIECES_MASK) + number] = 0;
	}
	head->tag = TAG_PAYLOAD;
	head->role = role;
	head->flags = flags;
	head->length = done;
	s->size = at + sizeof(*head) + ((done + 7) & ~7u);
}

/* An address that an argument has. */
INLINE void add_address(struct scratch *s, u32 which, const void *from, u32 length)
{
	if (length > sizeof(struct sockaddr_un))
		length = sizeof(struct sockaddr_un);
	OPAQUE(length);
	length &= 127;
	u8 *body = add_bytes(s, TAG_ADDRESS, which + 1, 0, from, length, FROM_USER);
	if (body && (*(u16 *)body == FAMILY_INET || *(u16 *)body == FAMILY_INET6))
		note_port(s, __builtin_bswap16(*(u16 *)&body[2]));
}

STEP(given)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	add_payload(s, (void *)argument(s, which), argument(s, which + 1), which + 1);
	go_on(context, s, next);
	return 0;
}

STEP(received)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	add_payload(s, (void *)argument(s, which), s->result, which + 1);
	go_on(context, s, next);
	return 0;
}

/* Who sent what was received. */
STEP(sender)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s), length = 0;
	const void *from = (void *)argument(s, which), *length_at = (void *)argument(s, which + 1);
	if (s->result >= 0 && from && length_at && !read_user(&length, sizeof(length), length_at) && length)
		add_address(s, which, from, length);
	go_on(context, s, next);
	return 0;
}

/* As many pieces as the next argument says. */
STEP(vectors)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	if (s->result > 0)
		add_pieces(s, argument(s, which), argument(s, which + 1), s->result, which + 1);
	go_on(context, s, next);
	return 0;
}

/* struct msghdr of user space, as far as the vectors. */
struct message {
	u64 name;
	u32 name_length;
	u64 vectors;
	u64 vector_count;
};
struct message32 {
	u32 name;
	u32 name_length;
	u32 vectors;
	u32 vector_count;
};

INLINE u32 read_message(struct message *to, u64 from, u32 compat)
{
	struct message32 narrow = {};
	if (!compat)
		return !read_user(to, sizeof(*to), (void *)from);
	if (read_user(&narrow, sizeof(narrow), (void *)from))
		return 0;
	to->name = narrow.name;
	to->name_length = narrow.name_length;
	to->vectors = narrow.vectors;
	to->vector_count = narrow.vector_count;
	return 1;
}

/* A message with its address; of several in one call one after the other, each by this step anew. */
STEP(message)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s), compat = header_of(s)->flags & RECORD_COMPAT;
	u32 number = s->messages, are_several = s->plan.flags & PLAN_COUNTS_MESSAGES, moved_now = 0;
	u64 from = argument(s, which), moved = s->result < 0 ? WHOLE : s->result;
	struct message message = {};
	if (are_several) {
		from += number * (compat ? MESSAGE_SIZE32 : MESSAGE_SIZE);
		moved = WHOLE;
		if (s->result > 0 &&
		    !read_user(&moved_now, sizeof(moved_now), (void *)(from + (compat ? MOVED_AT32 : MOVED_AT))))
			moved = moved_now;
	}
	if (read_message(&message, from, compat)) {
		if (message.name && message.name_length)
			add_address(s, which, (void *)message.name, message.name_length);
		add_pieces(s, message.vectors, message.vector_count, moved, which + 1);
	}
	/* Resolvers ask for both kinds of addresses at once. */
	if (are_several && s->name_service && number + 1 < MESSAGES && (s64)number + 1 < s->result) {
		s->messages = number + 1;
		s->step--;
	}
	go_on(context, s, next);
	return 0;
}
