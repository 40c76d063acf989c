/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Paths of the kernel's objects, up to the root of the mount namespace: bpf_d_path is not allowed in programs on
 * tracepoints. They are put together in a room of their own, from its end. */
#pragma once

#include "task.h"

#define SHORT_NAME 40 /* the most that DNAME_INLINE_LEN is: such a name lies inside of its dentry */

/* Moves a short name that ends at a place of the head of its dentry to a place in the room for paths, by words from
 * its end, so that what is moved too much lies before the name. */
INLINE void move_name(struct scratch *s, u8 *room, u32 from, u32 to, u32 length)
{
	for (u32 moved = 0; moved < SHORT_NAME && moved < length; moved += sizeof(u64)) {
		from -= sizeof(u64);
		to -= sizeof(u64);
		OPAQUE(from);
		if (from <= HEAD_BYTES - sizeof(u64))
			AS(u64, &room[to & (PATH_LIMIT - 1)]) = AS(u64, &s->of_dentry.bytes[from]);
	}
}

/* Puts the name of a dentry whose head was read at a place in the room for paths, and a slash before it. */
INLINE void put_name(struct scratch *s, struct dentry *dentry, u8 *room, u32 at, u32 length)
{
	const u8 *name = TAKE(&s->of_dentry, dentry->d_name.name);
	u64 inside = (u64)name - (u64)dentry;
	u32 from = inside + length;
	if (inside >= sizeof(u64) && inside < HEAD_BYTES && from <= HEAD_BYTES && at > sizeof(u64) &&
	    length <= SHORT_NAME)
		move_name(s, room, from, at + length, length);
	else
		read_kernel(&room[at & (PATH_LIMIT - 1)], length, name);
	room[(at - 1) & (PATH_LIMIT - 1)] = '/';
}

/* Puts a part of a short name, eight bytes of it or what is left, from the words that were loaded: such words are not
 * loaded again from where they were put just now, which the processor waits for. What is put too much lies before the
 * name. */
#define PUT_WORD(field, number)                                                                   \
	if ((number + 1) * sizeof(u64) <= FIELD_SIZE(field) && length > number * sizeof(u64)) {   \
		u64 word = inside[number];                                                        \
		u32 left = length - number * sizeof(u64), whole = at + number * sizeof(u64);      \
		if (left < sizeof(u64)) {                                                         \
			whole = at + length - sizeof(u64);                                        \
			before = word << (64 - 8 * left) | before >> 8 * left;                    \
		} else {                                                                          \
			before = word;                                                            \
		}                                                                                 \
		AS(u64, &room[whole & (PATH_LIMIT - 1)]) = before;                                \
	}

/* By its place: the loader moves no access to an array that is longer or shorter than the one that it knows. What the
 * name is held against is hidden from clang, which would load from the name instead. */
#define PUT_SHORT_NAME(field)                                     \
	const u64 *inside = (void *)dentry + FIELD_OFFSET(field); \
	u64 inside_at = (u64)inside, before = 0;                  \
	OPAQUE(inside_at);                                        \
	is_inside = (u64)name == inside_at && length <= SHORT_NAME && at > sizeof(u64); \
	if (is_inside) {                                          \
		PUT_WORD(field, 0)                                \
		PUT_WORD(field, 1)                                \
		PUT_WORD(field, 2)                                \
		PUT_WORD(field, 3)                                \
		PUT_WORD(field, 4)                                \
	}

/* The same of a dentry that the verifier knows, so that its name is loaded where it is short. */
INLINE void put_known_name(struct dentry *dentry, u8 *room, u32 at, u32 length)
{
	const u8 *name = dentry->d_name.name;
	u32 is_inside;
	if (FIELD_EXISTS(dentry->d_shortname.string)) {
		PUT_SHORT_NAME(dentry->d_shortname.string)
	} else {
		PUT_SHORT_NAME(((struct dentry___6_13 *)dentry)->d_iname)
	}
	if (!is_inside)
		read_kernel(&room[at & (PATH_LIMIT - 1)], length, name);
	room[(at - 1) & (PATH_LIMIT - 1)] = '/';
}

/* A walk from a dentry up to the root of the mount namespace. */
struct walker {
	struct scratch *s;
	u8 *room;
};

/* One step up: past a name, or from the root of a mount to where that lies. */
static GLOBAL long ascend(u64 number, struct walker *walker)
{
	(void)number;
	struct scratch *s = walker->s;
	struct way *way = &s->way;
	struct dentry *dentry = way->dentry;
	if (dentry == way->top || dentry == way->parent) {
		struct mount *mount = way->mount, *below = TAKE(&s->of_mount, mount->mnt_parent);
		if (below == mount || dentry != way->top) {
			way->is_done = 1;
			return 1;
		}
		dentry = TAKE(&s->of_mount, mount->mnt_mountpoint);
		READ_HEAD(&s->of_mount, below);
		way->mount = below;
		way->top = TAKE(&s->of_mount, below->mnt.mnt_root);
	} else {
		u32 length = TAKE(&s->of_dentry, dentry->d_name.len) & (NAME_LIMIT - 1);
		u32 at = s->path_start - length - 1;
		if (at > PATH_LIMIT)
			return 1;
		if (s->path_start == PATH_LIMIT)
			s->last_component = length;
		s->path_start = at;
		put_name(s, dentry, walker->room, at + 1, length);
		dentry = way->parent;
	}
	/* The root of a mount has no name there. */
	if (dentry != way->top) {
		READ_HEAD(&s->of_dentry, dentry);
		way->parent = TAKE(&s->of_dentry, dentry->d_parent);
	}
	way->dentry = dentry;
	return 0;
}

#define STEPS_UP (PATH_LIMIT / 2) /* of a path that fits its room, each a name and the slash before it */

/* Whether a path lies in its room already; else it is that which will. */
INLINE u32 is_walked(struct scratch *s, void *dentry, void *mount)
{
	if (s->walked == (u64)dentry && s->walked_mount == (u64)mount)
		return 1;
	s->walked = (u64)dentry;
	s->walked_mount = (u64)mount;
	s->path_start = PATH_LIMIT;
	s->path_flags = 0;
	s->last_component = 0;
	return 0;
}

/* Goes on with a path from a dentry on a mount, to its end. */
GLOBAL int walk_on(struct scratch *s, u64 dentry_at, u64 mount_at, u32 which)
{
	struct dentry *dentry = (void *)dentry_at;
	struct mount *mount = (void *)(mount_at - FIELD_OFFSET(((struct mount *)0)->mnt));
	which &= 1;
	u8 *room = map_lookup(&paths, &which);
	if (!s || !room)
		return 0;
	READ_HEAD(&s->of_mount, mount);
	READ_HEAD(&s->of_dentry, dentry);
	struct walker walker = {.s = s, .room = room};
	struct way *way = &s->way;
	way->dentry = dentry;
	way->parent = TAKE(&s->of_dentry, dentry->d_parent);
	way->mount = mount;
	way->top = TAKE(&s->of_mount, mount->mnt.mnt_root);
	way->is_done = 0;
	if (s->path_start == PATH_LIMIT && dentry != way->parent && !TAKE(&s->of_dentry, dentry->d_hash.pprev))
		s->path_flags |= PART_UNLINKED;
	loop(STEPS_UP, ascend, &walker, 0);
	if (!way->is_done)
		s->path_flags |= PART_TRUNCATED;
	/* Nothing but a root: "/" of a mount, "memfd:…" and the like of file systems without folders. */
	if (s->path_start == PATH_LIMIT) {
		dentry = way->dentry;
		READ_HEAD(&s->of_dentry, dentry);
		u32 length = TAKE(&s->of_dentry, dentry->d_name.len) & (NAME_LIMIT - 1), at = PATH_LIMIT - length;
		put_name(s, dentry, room, at, length);
		s->path_start = at;
	}
	return 0;
}

/* Puts the path of a dentry on a mount at the end of the room for paths. */
INLINE void walk(struct scratch *s, u64 dentry, u64 mount, u32 which)
{
	if (!is_walked(s, (void *)dentry, (void *)mount))
		walk_on(s, dentry, mount, which);
}

/* A pointer that the verifier knows, as a number, which alone functions are given that are verified on their own. */
INLINE u64 number_of(struct scratch *s, void *pointer)
{
	volatile u64 *place = &s->pointer;
	*place = (u64)pointer;
	return *place;
}

/* Remembers that no name lies above a mount of the task's own namespace, for as long as nothing is mounted there
 * anew. */
INLINE void remember_top(struct scratch *s, struct mnt_namespace *namespace, u64 mount_at)
{
	struct mount *mount = (void *)(mount_at - FIELD_OFFSET(((struct mount *)0)->mnt));
	if (READ(mount->mnt_ns) != namespace)
		return;
	s->top_mount = mount_at;
	s->top_namespace = (u64)namespace;
	s->top_event = namespace->event;
}

#define KNOWN_STEPS_UP 16

/* The same of a file that the verifier knows. As far as its own mount goes, all is loaded: a call that reads memory
 * costs as much as fifteen loads. */
INLINE void walk_known(struct scratch *s, struct task_struct *task, struct file *file, u32 which)
{
	u8 *room = map_lookup(&paths, &which);
	struct dentry *dentry = file->f_path.dentry;
	struct vfsmount *mount = file->f_path.mnt;
	if (!room || is_walked(s, dentry, mount))
		return;
	struct dentry *top = mount->mnt_root, *parent = dentry->d_parent;
	if (dentry != parent && !dentry->d_hash.pprev)
		s->path_flags |= PART_UNLINKED;
	for (u32 step = 0; step < KNOWN_STEPS_UP; step++, parent = dentry->d_parent) {
		if (dentry == top || dentry == parent)
			break;
		u32 length = dentry->d_name.len & (NAME_LIMIT - 1);
		u32 at = s->path_start - length - 1;
		if (at > PATH_LIMIT)
			break;
		s->path_start = at;
		if (!step)
			s->last_component = length;
		put_known_name(dentry, room, at + 1, length);
		dentry = parent;
	}
	u64 mount_at = number_of(s, mount);
	struct mnt_namespace *namespace = task->nsproxy->mnt_ns;
	u32 start = s->path_start, is_top = dentry == top && start < PATH_LIMIT;
	if (is_top && s->top_mount == mount_at && s->top_namespace == (u64)namespace && s->top_event == namespace->event)
		return;
	walk_on(s, number_of(s, dentry), mount_at, which);
	if (is_top && s->way.is_done && s->path_start == start)
		remember_top(s, namespace, mount_at);
}

INLINE u32 path_request(u8 role, u8 flags, u32 which)
{
	return which << 16 | (u32)flags << 8 | role;
}

/* The path that lies in its room as a part. */
INLINE void add_walked(struct scratch *s, u32 request)
{
	u32 which = request >> 16 & 1;
	u8 *room = map_lookup(&paths, &which);
	if (!room)
		return;
	u32 at = s->path_start;
	u8 flags = PART_RESOLVED | request >> 8 | s->path_flags;
	add_bytes(s, TAG_TEXT, request & 255, flags, &room[at & (2 * PATH_LIMIT - 1)], PATH_LIMIT - at, FROM_KERNEL);
}

/* A path as a part. */
GLOBAL int add_path(struct scratch *s, u64 dentry, u64 mount, u32 request)
{
	if (!s || !dentry)
		return 0;
	walk(s, dentry, mount, request >> 16 & 1);
	add_walked(s, request);
	return 0;
}
