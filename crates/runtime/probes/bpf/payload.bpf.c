/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The steps of plans that look into what is moved. */
#include "object.h"

/* Memory as a payload, as much of it as the plan wants. */
INLINE void add_payload(struct scratch *s, void *from, s64 length, u8 role)
{
	u32 limit = s->plan.payload;
	if (s->name_service && limit < NAME_SERVICE_PAYLOAD)
		limit = NAME_SERVICE_PAYLOAD;
	if (!from || length <= 0 || !limit)
		return;
	u8 flags = 0;
	if (length > limit) {
		flags = PART_TRUNCATED;
		length = limit;
	}
	add_bytes(s, TAG_PAYLOAD, role, flags, from, length, FROM_USER);
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

SEC("raw_tp") int step_given(u64 *context)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	add_payload(s, (void *)argument(s, which), argument(s, which + 1), which + 1);
	go_on(context, s);
	return 0;
}

SEC("raw_tp") int step_received(u64 *context)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	add_payload(s, (void *)argument(s, which), s->result, which + 1);
	go_on(context, s);
	return 0;
}

/* Who sent what was received. */
SEC("raw_tp") int step_sender(u64 *context)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s), length = 0;
	const void *from = (void *)argument(s, which), *length_at = (void *)argument(s, which + 1);
	if (s->result >= 0 && from && length_at && !read_user(&length, sizeof(length), length_at) && length)
		add_address(s, which, from, length);
	go_on(context, s);
	return 0;
}

/* struct msghdr of user space, and the first of its vectors. */
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

INLINE u32 read_message(struct message *to, u64 *vector, void *from, u32 compat)
{
	if (!compat) {
		if (read_user(to, sizeof(*to), from))
			return 0;
		return !read_user(vector, 2 * sizeof(u64), (void *)to->vectors);
	}
	struct message32 narrow = {};
	u32 pair[2] = {};
	if (read_user(&narrow, sizeof(narrow), from) ||
	    read_user(pair, sizeof(pair), (void *)(u64)narrow.vectors))
		return 0;
	to->name = narrow.name;
	to->name_length = narrow.name_length;
	vector[0] = pair[0];
	vector[1] = pair[1];
	return 1;
}

SEC("raw_tp") int step_message(u64 *context)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s);
	struct message message = {};
	u64 vector[2] = {};
	if (read_message(&message, vector, (void *)argument(s, which), header_of(s)->flags & RECORD_COMPAT)) {
		if (message.name && message.name_length)
			add_address(s, which, (void *)message.name, message.name_length);
		u64 moved = vector[1];
		if (!(s->plan.flags & PLAN_COUNTS_MESSAGES) && s->result >= 0 && moved > (u64)s->result)
			moved = s->result;
		add_payload(s, (void *)vector[0], moved, which + 1);
	}
	go_on(context, s);
	return 0;
}
