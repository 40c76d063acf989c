/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What names say: looked up in the table of those that are asked for, and searched for parts. */
#pragma once

#include "known.h"

INLINE u32 place_in_bloom(u64 bytes)
{
	return bytes * SPREAD >> BLOOM_SHIFT;
}

/* Whether a name with these bytes at its edge may be asked for. */
INLINE u32 may_be_asked(struct vocabulary *vocabulary, enum domain domain, u64 edge)
{
	struct edges *edges = &vocabulary->edges[domain / 2 - 1];
	u32 place = place_in_bloom(edge & edges->mask);
	return edges->bloom[place >> 6 & (BLOOM - 1)] >> (place & 63) & 1;
}

/* The first bytes of a text, or all of a shorter one. */
INLINE u64 head_of(const u8 *text, u32 length)
{
	u64 word = AS(u64, text);
	return length < 8 ? word & ((1ULL << 8 * length) - 1) : word;
}

/* The last bytes of a text that ends at a place in the room for paths. */
INLINE u64 tail_of(u8 *room, u32 end, u32 length)
{
	u32 from = end - 8;
	OPAQUE(from);
	if (from > PATH_LIMIT)
		return 0;
	u64 word = AS(u64, &room[from]);
	if (length < 8)
		word = length ? word >> (64 - 8 * length) << (64 - 8 * length) : 0;
	return word;
}

/* The last bytes of a name that lies behind its domain. */
INLINE u64 last_of(struct name_key *key, u32 length)
{
	if (length < 8) {
		u64 word = AS(u64, &key->text[1]);
		return length ? word << (64 - 8 * length) : 0;
	}
	u32 from = length - 7;
	OPAQUE(from);
	return from <= NAME_LIMIT - 8 ? AS(u64, &key->text[from]) : 0;
}

/* What a text leads to that lies behind the place of its domain. One that is not whole may go on. */
INLINE u64 facts_of(struct scratch *s, struct name_key *key, enum domain domain, u32 length, u32 whole)
{
	OPAQUE(length);
	if (length > NAME_LIMIT - 3)
		return 0;
	key->text[0] = domain | s->generation;
	key->text[length + 1] = 0;
	key->bits = 8 * (length + 1 + whole);
	u64 *facts = map_lookup(&names, key);
	return facts ? *facts : 0;
}

/* Looks up a text, or the start of a longer one. */
INLINE void look_up(struct scratch *s, struct name_key *key, enum domain domain, const u8 *text, u32 length)
{
	u32 head = length <= NAME_LIMIT - 3 ? length : NAME_LIMIT - 3, whole = head == length;
	OPAQUE(head);
	if (head > NAME_LIMIT - 3)
		return;
	read_kernel(&key->text[1], head, text);
	s->facts.so |= facts_of(s, key, domain, head, whole);
}

/* Looks up the path that lies at the end of its room: as a whole, its folder, its last name. */
INLINE void look_up_path(struct scratch *s, struct vocabulary *vocabulary, struct name_key *key, u8 *room)
{
	u32 at = s->path_start, last = s->last_component, length = PATH_LIMIT - at;
	OPAQUE(at);
	at &= PATH_LIMIT - 1;
	u8 *path = &room[at];
	if (may_be_asked(vocabulary, DOMAIN_NAME, head_of(path, length)))
		look_up(s, key, DOMAIN_NAME, path, length);
	if (last > length)
		return;
	/* A folder lies in itself; any other name ends with a slash behind its folder's. What is put behind the end of the
	 * path is no part of it. */
	u32 folder = length - last;
	if (s->facts.so & FACT(FACT_DIRECTORY)) {
		folder = length > 1 ? length + 1 : length;
		room[PATH_LIMIT] = '/';
	}
	if (may_be_asked(vocabulary, DOMAIN_FOLDER, tail_of(room, at + folder, folder)))
		look_up(s, key, DOMAIN_FOLDER, path, folder);
	if (may_be_asked(vocabulary, DOMAIN_LAST, tail_of(room, PATH_LIMIT, last)))
		look_up(s, key, DOMAIN_LAST, &room[(PATH_LIMIT - last) & (PATH_LIMIT - 1)], last);
}

#define TWO_SLASHES 0x2f2f
#define SLASH_DOT 0x2e2f

/* Each pair of neighbours in a text, as a bit; the parts that this may be one of; and whether a path of that text is not the one
 * that the kernel would find by it. */
GLOBAL int gather(struct scratch *s, struct vocabulary *vocabulary, struct name_key *key, u32 length)
{
	if (!s || !vocabulary || !key)
		return 0;
	for (u32 word = 0; word < BLOOM; word++)
		s->bigrams[word] = 0;
	u32 detours = 0;
	u64 parts = vocabulary->pairless;
	for (u32 at = 0; at < NAME_LIMIT - 2; at++) {
		if (at + 1 >= length)
			break;
		u64 pair = (u64)key->text[at] | (u64)key->text[at + 1] << 8;
		u8 next = at + 2 < length ? key->text[at + 2] : '/';
		detours |= pair == TWO_SLASHES || (pair == SLASH_DOT && (next == '/' || next == '.'));
		u32 place = place_in_bloom(pair) & (64 * BLOOM - 1);
		s->bigrams[place >> 6] |= 1ULL << (place & 63);
		parts |= vocabulary->by_pair[place];
	}
	s->parts = parts;
	return detours;
}

/* Whether a text seems to have a part. */
INLINE u32 has_part(struct scratch *s, struct part *part)
{
	for (u32 word = 0; word < BLOOM; word++)
		if (part->bigrams[word] & ~s->bigrams[word])
			return 0;
	return 1;
}

/* The number of a bit that stands alone: multiplied with this, each has other bits at the top (a sequence of de Bruijn). */
#define DE_BRUIJN 0x03f79d71b4cb0a89ULL
static const u8 bit_numbers[64] = {
	0,  1,  48, 2,  57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,	62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
};

/* Looks for some of the parts in a text whose pairs were gathered. */
GLOBAL int look_for_parts(struct scratch *s, struct vocabulary *vocabulary, u64 which)
{
	if (!s || !vocabulary)
		return 0;
	u64 left = s->parts & which;
	for (u32 seen = 0; seen < PARTS; seen++) {
		if (!left)
			break;
		u32 number = bit_numbers[(left & -left) * DE_BRUIJN >> 58];
		struct part *part = &vocabulary->parts[number & (PARTS - 1)];
		if (has_part(s, part))
			s->facts.so |= part->fact;
		left &= left - 1;
	}
	return 0;
}

/* The parts that are asked for of what was given; those of the path of a file are all others. */
INLINE u64 given_parts(struct vocabulary *vocabulary)
{
	return vocabulary->count_given < PARTS ? (1ULL << (vocabulary->count_given & (PARTS - 1))) - 1 : ~0ULL;
}

INLINE void look_for_own_parts(struct scratch *s, struct vocabulary *vocabulary)
{
	look_for_parts(s, vocabulary, ~given_parts(vocabulary));
}

#define ONES 0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

/* The parts whose pair begins at one of some bytes of eight in a text; `next` are those one further on. Where it does, the
 * difference has a zero, from which the subtraction borrows: the lowest that is found is one, whatever lies above it. */
INLINE u64 scan_word(struct vocabulary *vocabulary, u64 word, u64 next, u64 inside)
{
	u64 found = 0;
	for (u32 number = 0; number < SCANS; number++) {
		if (number >= vocabulary->count_given)
			break;
		struct pair *pair = &vocabulary->scans[number];
		u64 difference = (word ^ pair->first) | (next ^ pair->second);
		if ((difference - ONES) & ~difference & inside)
			found |= 1ULL << number;
	}
	return found;
}

/* The parts that a path may have which was given, by the pairs that it has; all of one that is not looked into. */
GLOBAL u64 scan(struct vocabulary *vocabulary, struct copy *copy)
{
	if (!vocabulary || !copy)
		return 0;
	u32 length = copy->length;
	if (!length || length > COPY_LIMIT - 4 || vocabulary->count_given > vocabulary->scanned)
		return given_parts(vocabulary);
	/* Of the last word, what lies behind the end of the text is no part of it. */
	u32 end = length & (COPY_LIMIT - sizeof(u64));
	u64 last = AS(u64, &copy->bytes[end]), inside = (1ULL << 8 * (length % sizeof(u64))) - 1;
	u64 found = scan_word(vocabulary, last, last >> 8, inside & HIGHS);
	for (u32 at = 0; at < COPY_LIMIT - sizeof(u64); at += sizeof(u64)) {
		/* Which tells the verifier nothing about the end, so that all ways out are one to it. */
		u32 left = end - at;
		OPAQUE(left);
		if (!left)
			break;
		found |= scan_word(vocabulary, AS(u64, &copy->bytes[at]), AS(u64, &copy->bytes[at + 1]), HIGHS);
	}
	return found;
}

/* Facts that are open until a path was judged, as it was given or as the file's own. The same fact may follow from both, and is
 * known to be none only where both were. */
struct open_names {
	u64 given;
	u64 own;
};

INLINE u64 facts_of_own_names(struct vocabulary *vocabulary)
{
	return vocabulary->by_name | vocabulary->by_part;
}

/* Takes into account what the names say so far. */
INLINE void know_names(struct facts *facts, struct vocabulary *vocabulary, struct open_names *open)
{
	u64 of_names = facts_of_own_names(vocabulary) | vocabulary->by_given;
	facts->known |= of_names & (facts->so | ~(open->given | open->own));
}
