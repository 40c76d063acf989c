/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Paths that were judged before are known again: those of files without reading a name, of others in the same folder by their
 * last name alone, and those that were given by their bytes. Most of what is opened was opened before, or lies beside what was. */
#pragma once

#include "object.h"

/* Hashes of names are the file system's own, which may not tell large letters from small ones (DCACHE_OP_HASH of
 * include/linux/dcache.h). */
#define HASHED_BY_FILE_SYSTEM 1
#define PRINTED_STEPS_UP 24

/* The number of a pointer that the verifier knows, which lets nothing but differences be taken of such. */
#define DISTANCE(pointer, from)                                            \
	({                                                                 \
		u64 distance = (u64)(pointer);                             \
		asm volatile("%0 -= %1" : "+r"(distance) : "r"(from));     \
		distance;                                                  \
	})

/* Of one name: the place of its dentry, how often that was changed, which every rename counts (d_seq), and the kernel's hash of
 * the name, which has the place of the folder mixed in (full_name_hash). 0 for none. */
INLINE u64 print_of_name(struct scratch *s, struct dentry *dentry)
{
	u32 hash = dentry->d_name.hash, changes = dentry->d_seq.seqcount.sequence;
	return hash && !(changes & 1) ? DISTANCE(dentry, s) * SPREAD ^ ((u64)changes << 32 | hash) : 0;
}

INLINE u64 mix(u64 print, u64 more)
{
	return (print << 27 | print >> 37) ^ more;
}

/* Numbers that a path is known again by, from a seed: of the names that lead to its folder, from its own up to the root of its
 * mounts, and with the last name of the file itself. With that goes what else is said of the file, its type and that of its file
 * system, since what is mounted has the names of its place. 0 where a name has no such hash.
 *
 * While a dentry is used, so are those above it, and all that can happen to their names is counted. One that lies where another
 * was, as often changed as that, has the same hash once in 2^32 times, and nobody who tries is told when. Different names give
 * the same number about as often as two numbers of 64 bits are the same. */
INLINE struct print print_of(struct scratch *s, struct file *file, u64 seed)
{
	struct print none = {};
	struct dentry *dentry = file->f_path.dentry;
	struct mount *mount =
		KNOWN(struct mount, number_of(s, file->f_path.mnt) - FIELD_OFFSET(((struct mount *)0)->mnt));
	struct dentry *top = mount->mnt.mnt_root;
	if (dentry->d_flags & HASHED_BY_FILE_SYSTEM)
		return none;
	struct inode *inode = file->f_inode;
	struct super_block *on = inode->i_sb;
	u64 kind = on->s_magic * SPREAD ^ (u64)(inode->i_mode & TYPE_MASK) << 32;
	u64 folder = seed, last = 0;
	if (dentry != top) {
		last = print_of_name(s, dentry);
		dentry = dentry->d_parent;
		if (!last)
			return none;
	}
	for (u32 step = 0; step < PRINTED_STEPS_UP; step++) {
		if (dentry == top) {
			struct mount *below = mount->mnt_parent;
			if (below == mount) {
				struct print print = {.folder = last ? folder * SPREAD : 0, .last = last};
				print.file = last || folder != seed ? mix(folder * SPREAD, last ^ kind) * SPREAD : 0;
				return print;
			}
			dentry = mount->mnt_mountpoint;
			top = below->mnt.mnt_root;
			mount = below;
			continue;
		}
		struct dentry *parent = dentry->d_parent;
		u64 own = print_of_name(s, dentry);
		if (parent == dentry || !own)
			return none;
		folder = mix(folder, own);
		dentry = parent;
	}
	return none;
}

/* Where a path would be, known or not. */
INLINE struct known_name *known_name_at(u64 print)
{
	u32 zero = 0;
	struct known_names *names = map_lookup(&known_names, &zero);
	return names ? &names->all[print >> (64 - KNOWN_NAMES_BITS)] : 0;
}

/* The same of folders. */
INLINE struct known_folder *known_folder_at(u64 print)
{
	u32 zero = 0;
	struct known_folders *folders = map_lookup(&known_folders, &zero);
	return folders ? &folders->all[print >> (64 - KNOWN_FOLDERS_BITS)] : 0;
}

/* Where a path would be that was given; nothing for those that are too short or too long to be remembered. */
INLINE struct known_text *known_text_at(struct copy *copy)
{
	u32 last = copy->length - sizeof(u64);
	OPAQUE(last);
	if (last > KNOWN_TEXT - sizeof(u64))
		return 0;
	u64 ends = AS(u64, copy->bytes) * SPREAD ^ AS(u64, &copy->bytes[last]);
	u32 zero = 0;
	struct known_texts *texts = map_lookup(&known_texts, &zero);
	return texts ? &texts->all[ends * SPREAD >> (64 - KNOWN_TEXTS_BITS)] : 0;
}

/* Whether it is that path. The last word overlaps the one before it. */
GLOBAL int is_known_text(struct known_text *known, struct copy *copy, u64 version)
{
	if (!known || !copy || known->version != version || known->length != copy->length)
		return 0;
	u32 last = known->length - sizeof(u64);
	for (u32 at = 0; at < KNOWN_TEXT; at += sizeof(u64)) {
		if (at >= last)
			break;
		if (AS(u64, &known->bytes[at]) != AS(u64, &copy->bytes[at]))
			return 0;
	}
	OPAQUE(last);
	if (last > KNOWN_TEXT - sizeof(u64))
		return 0;
	return AS(u64, &known->bytes[last]) == AS(u64, &copy->bytes[last]);
}

INLINE void remember_text(struct known_text *known, struct copy *copy, u64 version, u64 facts, u32 is_plain)
{
	known->version = version;
	known->facts = facts;
	known->length = copy->length;
	known->is_plain = is_plain;
	read_kernel(known->bytes, KNOWN_TEXT, copy->bytes);
}
