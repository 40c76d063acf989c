/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The steps of plans that are about one argument, or the result, of a call. */
#include "askers.h"
#include "object.h"

/* What was copied at entry of the call; where it was not, the record says so. */
INLINE struct entry *entry_at(struct scratch *s)
{
	if (!s->entry)
		return 0;
	struct record_header *head = header_of(s);
	u32 of_ring = head->origin == ORIGIN_RING;
	struct entry *entry = of_ring ? map_lookup(&entries, &s->entry) : entry_before_call(s->entry);
	if (entry && (of_ring || entry->place == s->place))
		return entry;
	head->flags |= RECORD_NO_ENTRY;
	s->entry = 0;
	return 0;
}

/* The copy of what this step reads: they come in the same order. */
INLINE struct copy *next_copy(struct scratch *s, struct entry *entry)
{
	u32 number = s->texts++;
	if (!entry || number >= COPIES)
		return 0;
	OPAQUE(number);
	return &entry->copies[number & (COPIES - 1)];
}

/* Says so, and shows the copy, where memory is not what it was at entry. */
INLINE void compare(struct scratch *s, struct copy *copy, u16 tag, u8 role, u8 *bytes, u32 length)
{
	if (!copy)
		return;
	if (copy->fault) {
		header_of(s)->flags |= RECORD_NO_ENTRY;
		return;
	}
	if (!differs(copy, (struct text *)bytes, length))
		return;
	header_of(s)->flags |= RECORD_MEMORY_CHANGED;
	u8 flags = copy->kept < copy->length ? PART_ENTRY | PART_TRUNCATED : PART_ENTRY;
	u32 kept = copy->kept, place = s->last_text, last = s->last_length;
	add_bytes(s, tag, role, flags, copy->bytes, kept, FROM_KERNEL);
	s->last_text = place;
	s->last_length = last;
}

/* A text in memory. */
INLINE void take_text(struct scratch *s, struct entry *entry, u32 which)
{
	u32 at = s->size;
	u8 role = which + 1;
	struct copy *copy = next_copy(s, entry);
	if (header_of(s)->origin == ORIGIN_RING) {
		/* Memory may be used for something else by now: what the kernel read is what was copied. */
		if (copy && !copy->fault) {
			u32 kept = copy->kept;
			add_bytes(s, TAG_TEXT, role, kept < copy->length ? PART_TRUNCATED : 0, copy->bytes, kept, FROM_KERNEL);
			s->relative = copy->bytes[0] != '/';
		}
		return;
	}
	OPAQUE(at);
	if (at > RECORD_LIMIT) {
		header_of(s)->flags |= RECORD_TRUNCATED;
		return;
	}
	struct part_header *head = (void *)&s->record[at];
	u8 *body = (void *)(head + 1);
	long got = read_user_text(body, PATH_LIMIT, (void *)argument(s, which));
	u32 length = 0;
	head->tag = TAG_TEXT;
	head->role = role;
	head->flags = got < 1 ? PART_FAULT : 0;
	if (got > 0)
		length = got - 1;
	OPAQUE(length);
	length &= PATH_LIMIT - 1;
	if (length == PATH_LIMIT - 1)
		head->flags |= PART_TRUNCATED;
	head->length = length;
	/* Zeros behind, which the text's own one and these make. */
	*(u64 *)&body[length] = 0;
	s->size = at + sizeof(*head) + ((length + 7) & ~7u);
	s->last_text = at + sizeof(*head);
	s->last_length = length;
	s->relative = body[0] != '/';
	if (got > 0)
		compare(s, copy, TAG_TEXT, role, body, length);
}

STEP(text)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	take_text(s, entry_at(s), operand(s));
	go_on(context, s, next);
	return 0;
}

struct socket_address {
	u16 family;
	u16 port;
	u32 address; /* IPv4 */
	u8 address6[16];
};

STEP(address)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s), length = argument(s, which + 1);
	void *from = (void *)argument(s, which);
	struct copy *copy = next_copy(s, entry_at(s));
	if (header_of(s)->origin == ORIGIN_RING) {
		if (copy && !copy->fault) {
			u32 kept = copy->kept;
			add_bytes(s, TAG_ADDRESS, which + 1, 0, copy->bytes, kept, FROM_KERNEL);
		}
	} else if (from && length) {
		if (length > sizeof(struct sockaddr_un))
			length = sizeof(struct sockaddr_un);
		OPAQUE(length);
		length &= 127;
		u8 *body = add_bytes(s, TAG_ADDRESS, which + 1, 0, from, length, FROM_USER);
		if (body) {
			struct socket_address *address = (void *)body;
			if (address->family == FAMILY_INET || address->family == FAMILY_INET6)
				note_port(s, __builtin_bswap16(address->port));
			compare(s, copy, TAG_ADDRESS, which + 1, body, length);
		}
	}
	go_on(context, s, next);
	return 0;
}

/* Whether the end that a socket has now is not the one that the entry gave. */
INLINE u32 goes_elsewhere(struct scratch *s, struct socket_part *part)
{
	struct entry *entry = entry_at(s);
	if (!entry || entry->copies[0].fault)
		return 0;
	struct socket_address *given = (void *)entry->copies[0].bytes;
	if (given->family != part->family)
		return 0;
	/* The address of all zeros stands for this machine. */
	if (given->family == FAMILY_INET)
		return given->port != __builtin_bswap16(part->remote_port) ||
		       (given->address && given->address != AS(u32, part->remote));
	if (given->family == FAMILY_INET6) {
		u64 high = AS(u64, given->address6), low = AS(u64, &given->address6[8]);
		return given->port != __builtin_bswap16(part->remote_port) ||
		       ((high || low) &&
			(high != AS(u64, part->remote) || low != AS(u64, &part->remote[8])));
	}
	return 0;
}

/* What a descriptor, or the result, stands for. */
INLINE void take_object(struct scratch *s, u32 which)
{
	s64 descriptor = argument(s, which);
	if (descriptor < 0 || (which == OPERAND_RESULT && s->slot))
		return;
	struct task_struct *task = current_task();
	struct socket_part *part;
	if (which == 0 && s->file)
		part = add_object(s, task, (struct file *)s->file, descriptor, which + 1, 0, 0);
	else
		part = add_descriptor(s, task, descriptor, which + 1);
	if (!part || !(s->plan.flags & PLAN_CONNECTS))
		return;
	if ((s->result == 0 || s->result == CONNECTING) && goes_elsewhere(s, part))
		header_of(s)->flags |= RECORD_OBJECT_DIFFERS;
}

STEP(object)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	take_object(s, operand(s));
	go_on(context, s, next);
	return 0;
}

#define CURRENT_FOLDER -100

/* Where a relative path starts. */
INLINE void take_directory(struct scratch *s, u32 which)
{
	s32 descriptor = which == OPERAND_NONE ? CURRENT_FOLDER : (s32)argument(s, which);
	struct task_struct *task = current_task();
	u64 dentry = 0, mount = 0;
	if (descriptor == CURRENT_FOLDER) {
		struct fs_struct *places = task->fs;
		dentry = number_of(s, places->pwd.dentry);
		mount = number_of(s, places->pwd.mnt);
	} else if (descriptor >= 0) {
		struct file *file = file_of(task, descriptor);
		if (file) {
			look_at(s, file, 0);
			dentry = (u64)TAKE(&s->of_file, file->f_path.dentry);
			mount = (u64)TAKE(&s->of_file, file->f_path.mnt);
		}
	}
	u8 role = which == OPERAND_NONE ? ROLE_WORKING_DIRECTORY : which + 1;
	u32 place = s->last_text, length = s->last_length;
	if (dentry)
		add_path(s, dentry, mount, path_request(role, 0, 0));
	s->last_text = place;
	s->last_length = length;
}

STEP(directory)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	if (s->relative)
		take_directory(s, operand(s));
	go_on(context, s, next);
	return 0;
}

#define TEMPORARY_FILE 020000000 /* __O_TMPFILE: the path names its folder */

/* Whether a path that was given ends with the last name of that which lies in its room. A function of its own, at which the
 * verifier looks once. */
GLOBAL int has_last_name(struct copy *copy, u32 length)
{
	u32 zero = 0;
	u8 *room = map_lookup(&paths, &zero);
	if (!room || !copy)
		return 1;
	u32 given = copy->length;
	if (given >= COPY_LIMIT || given < length)
		return 0;
	if (given > length && copy->bytes[(given - length - 1) & (COPY_LIMIT - 1)] != '/')
		return 0;
	for (u32 at = 0; at < NAME_LIMIT; at++) {
		if (at >= length)
			break;
		if (room[(PATH_LIMIT - length + at) & (PATH_LIMIT - 1)] !=
		    copy->bytes[(given - length + at) & (COPY_LIMIT - 1)])
			return 0;
	}
	return 1;
}

/* Whether the file that was opened, whose path lies in its room, has the name that the entry gave. */
INLINE void compare_name(struct scratch *s, struct entry *entry, u32 which)
{
	u32 is_opened = s->result >= 0 && !s->slot && s->walked && !(s->open_flags & TEMPORARY_FILE);
	if (!entry || !is_opened || entry->copies[0].fault)
		return;
	struct copy *copy = &entry->copies[0];
	if (copy->length >= COPY_LIMIT || has_last_name(copy, s->last_component & (NAME_LIMIT - 1)))
		return;
	if (!(header_of(s)->flags & RECORD_MEMORY_CHANGED))
		add_bytes(s, TAG_TEXT, which + 1, PART_ENTRY, copy->bytes, copy->kept, FROM_KERNEL);
	header_of(s)->flags |= RECORD_OBJECT_DIFFERS;
}

/* All of an open in one program, since opens are what there is most of: the path that was given, where it starts, the
 * file, and whether it has that name. The argument before the path is its folder, where there is one. */
STEP(open)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	u32 which = operand(s) & 1;
	struct entry *entry = entry_at(s);
	take_text(s, entry, which);
	if (s->relative)
		take_directory(s, which ? 0 : OPERAND_NONE);
	take_object(s, OPERAND_RESULT);
	compare_name(s, entry, which);
	go_on(context, s, next);
	return 0;
}
