/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Whether any rule can want a call, asked before its record is made: first of what it was given and returned, then
 * of its object and the names of that. */
#include "known.h"

enum verdict { UNWANTED, OPEN, WANTED };

/* Whether a clause is met, can still be met, or none can; and of those that still can, what is not known yet. */
INLINE enum verdict verdict(struct filter *filter, struct scratch *s)
{
	u64 known = s->known, is = known & s->facts, is_not = known & ~s->facts, open = 0;
	enum verdict best = UNWANTED;
	for (u32 number = 0; number < CLAUSES; number++) {
		if (number >= filter->count)
			break;
		u64 must = filter->clauses[number].must, must_not = filter->clauses[number].must_not;
		if (must & is_not || must_not & is)
			continue;
		u64 lacking = (must | must_not) & ~known;
		if (!lacking)
			return WANTED;
		open |= lacking;
		best = OPEN;
	}
	s->asked = open;
	return best;
}

INLINE struct filter *filter_of(struct scratch *s)
{
	u32 which = s->generation * FILTERS + s->plan.filter - 1;
	return s->plan.filter ? map_lookup(&filters, &which) : 0;
}

INLINE void learn(struct scratch *s, u64 fact, u32 is_so)
{
	s->known |= fact;
	if (is_so)
		s->facts |= fact;
}

#define CREATES 0100
#define TEMPORARY 020200000
#define EXECUTABLE 0111

/* What the numbers say. */
INLINE void judge_numbers(struct scratch *s, struct filter *filter)
{
	learn(s, FACT(FACT_SUCCEEDED), s->result >= 0);
	learn(s, FACT(FACT_IN_PROGRESS), s->result == CONNECTING);
	learn(s, FACT(FACT_STANDARD), s->result >= 0 && s->result <= 2);
	u32 which = filter->flags;
	if (which > 6)
		return;
	u64 flags = which == 6 ? 01101 : argument(s, which);
	u64 mode = argument(s, which == 6 ? 1 : which + 1);
	u32 access = flags & 3;
	u32 makes = flags & CREATES || (flags & TEMPORARY) == TEMPORARY;
	learn(s, FACT(FACT_READS), access == 0 || access == 2);
	learn(s, FACT(FACT_WRITES), access == 1 || access == 2);
	learn(s, FACT(FACT_EXECUTABLE), makes && mode & EXECUTABLE);
}

#define PIPE_FILES 0x50495045
#define PROCESS_FILES 0x50494446
#define TYPE_REGULAR 0100000
#define TYPE_DIRECTORY 0040000
#define TYPE_PIPE 0010000
#define SOCKET_RAW 3

INLINE void judge_socket(struct scratch *s, struct file *file, u32 is_known)
{
	struct socket *socket = FIELD(is_known, &s->of_file, file->private_data);
	struct sock *sock = READ(socket->sk);
	struct head *head = &s->of_sock;
	READ_HEAD(head, sock);
	u16 family = TAKE(head, sock->__sk_common.skc_family);
	u64 fact = family == FAMILY_INET ? FACT(FACT_IPV4) : family == FAMILY_UNIX ? FACT(FACT_UNIX) : FACT(FACT_OTHER);
	u64 known = FACTS_OF_TYPE;
	/* A socket of IPv6 may have ends of IPv4, which its name then goes by. */
	if (family == FAMILY_INET6)
		known &= ~(FACT(FACT_IPV4) | FACT(FACT_IPV6)), fact = 0;
	s->known |= known;
	s->facts |= fact;
	learn(s, FACT(FACT_TCP), READ(sock->sk_protocol) == PROTOCOL_TCP && READ(sock->sk_type) != SOCKET_RAW);
	if (family != FAMILY_INET && family != FAMILY_INET6)
		return;
	u16 remote = __builtin_bswap16(TAKE(head, sock->__sk_common.skc_dport));
	u32 asks = remote == NAME_SERVICE_PORT || TAKE(head, sock->__sk_common.skc_num) == NAME_SERVICE_PORT;
	/* A datagram may go anywhere from a socket that has no other end. */
	if (asks || remote)
		learn(s, FACT(FACT_NAME_SERVICE), asks);
}

INLINE void judge_file(struct scratch *s, struct inode *inode, u64 on, u32 is_known)
{
	u32 type = FIELD(is_known, &s->of_inode, inode->i_mode) & TYPE_MASK;
	u64 known = FACTS_OF_TYPE | FACT(FACT_TCP) | FACT(FACT_NAME_SERVICE), fact = FACT(FACT_FILE);
	if (type == TYPE_DIRECTORY)
		fact = FACT(FACT_DIRECTORY);
	else if (type == TYPE_SOCKET)
		fact = FACT(FACT_UNIX);
	else if (!type || type == TYPE_PIPE || on == PIPE_FILES || on == PROCESS_FILES)
		fact = FACT(FACT_OTHER);
	else if (type == TYPE_REGULAR && on == TEMPORARY_FILES)
		/* It may be memory with a name only. */
		known &= ~(FACT(FACT_FILE) | FACT(FACT_OTHER)), fact = 0;
	s->known |= known;
	s->facts |= fact;
}

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

/* Looks up a text, or the start of a longer one. */
INLINE void look_up(struct scratch *s, struct name_key *key, enum domain domain, const u8 *text, u32 length)
{
	u32 head = length <= NAME_LIMIT - 3 ? length : NAME_LIMIT - 3, whole = head == length;
	OPAQUE(head);
	if (head > NAME_LIMIT - 3)
		return;
	read_kernel(&key->text[1], head, text);
	key->text[0] = domain | s->generation;
	key->text[head + 1] = 0;
	key->bits = 8 * (head + 1 + whole);
	u64 *facts = map_lookup(&names, key);
	if (facts)
		s->facts |= *facts;
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
	if (s->facts & FACT(FACT_DIRECTORY)) {
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

/* Each pair of neighbours in a text, as a bit; and whether a path of that text is not the one that the kernel would
 * find by it. */
GLOBAL int gather(struct scratch *s, struct name_key *key, u32 length)
{
	if (!s || !key)
		return 0;
	for (u32 word = 0; word < BLOOM; word++)
		s->bigrams[word] = 0;
	u32 detours = 0;
	for (u32 at = 0; at < NAME_LIMIT - 2; at++) {
		if (at + 1 >= length)
			break;
		u64 pair = (u64)key->text[at] | (u64)key->text[at + 1] << 8;
		u8 next = at + 2 < length ? key->text[at + 2] : '/';
		detours |= pair == TWO_SLASHES || (pair == SLASH_DOT && (next == '/' || next == '.'));
		u32 place = place_in_bloom(pair);
		s->bigrams[place >> 6 & (BLOOM - 1)] |= 1ULL << (place & 63);
	}
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

/* Looks in the pairs of a text for those of some parts. */
GLOBAL int look_for_parts(struct scratch *s, struct vocabulary *vocabulary, u32 from, u32 to)
{
	if (!s || !vocabulary)
		return 0;
	for (u32 number = 0; number < PARTS; number++) {
		if (number >= to)
			break;
		struct part *part = &vocabulary->parts[number];
		if (number >= from && has_part(s, part))
			s->facts |= part->fact;
	}
	return 0;
}

/* Whether a path has the parts that are asked for of what was given. */
INLINE void look_for_given_parts(struct scratch *s, struct vocabulary *vocabulary)
{
	look_for_parts(s, vocabulary, 0, vocabulary->count_given);
}

/* And of the path of a file. */
INLINE void look_for_own_parts(struct scratch *s, struct vocabulary *vocabulary)
{
	look_for_parts(s, vocabulary, vocabulary->count_given, vocabulary->count);
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
INLINE void know_names(struct scratch *s, struct vocabulary *vocabulary, struct open_names *open)
{
	u64 of_names = facts_of_own_names(vocabulary) | vocabulary->by_given;
	s->known |= of_names & (s->facts | ~(open->given | open->own));
}

/* What a path says as it was given and, where it could not be opened and is plain, as its file's own. Returns whether it is. */
INLINE u32 look_into(struct scratch *s, struct vocabulary *vocabulary, struct name_key *key, struct copy *copy,
		     u32 as_own)
{
	u32 length = copy->length, zero = 0, last = 0;
	read_kernel(key->text, COPY_LIMIT, copy->bytes);
	u32 detours = gather(s, key, length);
	look_for_given_parts(s, vocabulary);
	u32 end = length - 1;
	OPAQUE(end);
	if (!as_own || key->text[0] != '/' || key->text[end & (NAME_LIMIT - 1)] == '/' || detours)
		return 0;
	look_for_own_parts(s, vocabulary);
	for (; last < NAME_LIMIT; last++)
		if (last >= length || key->text[(length - 1 - last) & (NAME_LIMIT - 1)] == '/')
			break;
	u8 *room = map_lookup(&paths, &zero);
	if (!room)
		return 0;
	s->walked = 0;
	s->path_start = PATH_LIMIT - length;
	s->last_component = last;
	OPAQUE(length);
	if (length < COPY_LIMIT)
		read_kernel(&room[(PATH_LIMIT - length) & (PATH_LIMIT - 1)], length, copy->bytes);
	look_up_path(s, vocabulary, key, room);
	return 1;
}

/* The path as it was given, by the copy that was taken at entry, as far as that is asked: whether it is another one by now, what it
 * holds, and of what could not be opened its name, where that is plain. */
INLINE void judge_given(struct scratch *s, struct filter *filter, struct vocabulary *vocabulary,
			struct name_key *key, struct open_names *open)
{
	u64 thread = thread_id();
	struct entry *entry = entry_before_call(thread);
	if (!entry || entry->place != s->place || entry->copies[0].fault)
		return;
	struct copy *copy = &entry->copies[0];
	u32 length = copy->length;
	OPAQUE(length);
	if (filter->stages & STAGE_SWAPPED && s->asked & FACT(FACT_SWAPPED)) {
		/* In the room for a record, which is not begun. */
		long got = read_user_text(s->record, PATH_LIMIT, (void *)argument(s, filter->text));
		if (got > 0)
			learn(s, FACT(FACT_SWAPPED), differs(copy, (struct text *)s->record, got - 1));
	}
	u64 of_own = s->result < 0 && filter->opens ? facts_of_own_names(vocabulary) : 0;
	u64 of_text = vocabulary->by_given | of_own;
	if (!(s->asked & of_text) || !length || length > COPY_LIMIT - 4)
		return;
	u64 version = vocabulary->version << 1 | !!of_own, before = s->facts;
	struct known_text *known = known_text_at(copy);
	u32 is_plain;
	if (known && is_known_text(known, copy, version)) {
		s->facts |= known->facts;
		is_plain = known->is_plain;
	} else {
		s->facts &= ~of_text;
		is_plain = look_into(s, vocabulary, key, copy, !!of_own);
		if (known)
			remember_text(known, copy, version, s->facts & of_text, is_plain);
		s->facts |= before;
	}
	open->given = 0;
	if (is_plain)
		open->own = 0;
}

/* The path of the file, which lies in its room. Returns which facts it leaves open. */
static GLOBAL u64 judge_name(struct scratch *s, struct filter *filter, struct vocabulary *vocabulary,
			     struct name_key *key)
{
	u32 zero = 0;
	u8 *room = map_lookup(&paths, &zero);
	if (!room)
		return facts_of_own_names(vocabulary);
	u32 at = s->path_start, length = PATH_LIMIT - at;
	OPAQUE(at);
	if (at >= PATH_LIMIT || room[at] != '/')
		return facts_of_own_names(vocabulary);
	OPAQUE(length);
	look_up_path(s, vocabulary, key, room);
	if (!(filter->stages & STAGE_PARTS) || length >= NAME_LIMIT)
		return vocabulary->by_part;
	OPAQUE(length);
	if (length < NAME_LIMIT) {
		read_kernel(key->text, length, &room[at]);
		gather(s, key, length);
		look_for_own_parts(s, vocabulary);
	}
	return 0;
}

/* What a call is about: a socket or a file. Returns whether it has a name. */
INLINE u32 judge_object(struct scratch *s, struct file *file, u32 is_known)
{
	look_at(s, file, is_known);
	struct inode *inode = inode_of(s, file, is_known);
	u64 magic = magic_of(s, inode, is_known);
	if (magic == SOCKET_FILES)
		judge_socket(s, file, is_known);
	else
		judge_file(s, inode, magic, is_known);
	return magic != SOCKET_FILES;
}

/* Puts the path of the file that the result stands for in its room. The file is looked up once more, so that the
 * verifier goes but once through what lies between, whichever way it was found. */
INLINE void walk_result(struct scratch *s, struct task_struct *task)
{
	u32 descriptor = s->result;
	struct file *known = known_file_of(task, descriptor), *file = known ? 0 : file_of(task, descriptor);
	if (known) {
		walk_known(s, task, known, 0);
	} else if (file) {
		look_at(s, file, 0);
		walk(s, (u64)TAKE(&s->of_file, file->f_path.dentry), (u64)TAKE(&s->of_file, file->f_path.mnt), 0);
	}
}

/* What the path of the result is known again by, in one vocabulary, as far as a filter asks; 0 for nothing. */
INLINE u64 print_of_result(struct scratch *s, struct task_struct *task, struct filter *filter,
			   struct vocabulary *vocabulary)
{
	struct file *known = known_file_of(task, s->result);
	u64 seed = vocabulary->version << 8 | (filter->stages & STAGE_PARTS);
	return known ? print_of(s, known, seed) : 0;
}

/* What the names of the result say, which is remembered with what it is. Returns which facts they leave open. */
INLINE u64 judge_result(struct scratch *s, struct task_struct *task, struct filter *filter,
			struct vocabulary *vocabulary, struct name_key *key, u64 print)
{
	u64 before = s->facts, of_names = facts_of_own_names(vocabulary);
	s->facts &= ~of_names;
	walk_result(s, task);
	u64 open = judge_name(s, filter, vocabulary, key);
	struct known_name *place = known_name_at(print);
	/* A name that was changed meanwhile is neither. */
	if (place && print && print_of_result(s, task, filter, vocabulary) == print) {
		place->print = print;
		place->facts = s->facts & (FACTS_OF_OBJECT | of_names);
		place->known = (s->known & FACTS_OF_OBJECT) | (of_names & ~open);
	}
	s->facts |= before;
	return open;
}

STEP(judge)
{
	struct scratch *s = scratch(0);
	u32 zero = 0;
	struct name_key *key = map_lookup(&name_keys, &zero);
	struct filter *filter = s ? filter_of(s) : 0;
	if (!filter || !key)
		return 0;
	u32 generation = s->generation;
	struct vocabulary *vocabulary = map_lookup(&vocabularies, &generation);
	if (!vocabulary)
		return 0;
	struct task_struct *task = current_task();
	struct open_names open = {.given = vocabulary->by_given, .own = facts_of_own_names(vocabulary)};
	u64 print = 0;
	u32 is_named = 0;
	if (filter->object == OPERAND_RESULT && s->result < 0) {
		s->known |= FACTS_OF_TYPE | FACT(FACT_TCP);
		s->facts |= filter->opens ? FACT(FACT_FILE) : 0;
	} else if (filter->object <= OPERAND_RESULT) {
		u32 descriptor = argument(s, filter->object);
		struct file *known = known_file_of(task, descriptor), *file = known ? 0 : file_of(task, descriptor);
		if (filter->object == OPERAND_RESULT && filter->stages & STAGES_OF_NAMES)
			print = print_of_result(s, task, filter, vocabulary);
		struct known_name *place = known_name_at(print);
		if (place && print && place->print == print) {
			s->facts |= place->facts;
			s->known |= place->known & FACTS_OF_OBJECT;
			open.own &= ~place->known;
			know_names(s, vocabulary, &open);
		} else if (known) {
			is_named = judge_object(s, known, 1);
		} else if (file) {
			is_named = judge_object(s, file, 0);
		}
		is_named &= filter->object == OPERAND_RESULT;
		if (s->facts & (FACT(FACT_UNIX) | FACT(FACT_OTHER)))
			note_handed(s, task);
	}
	enum verdict found = verdict(filter, s);
	if (found == OPEN && is_named && filter->stages & STAGES_OF_NAMES) {
		open.own = judge_result(s, task, filter, vocabulary, key, print);
		know_names(s, vocabulary, &open);
		found = verdict(filter, s);
	}
	if (found == OPEN && (filter->stages & (STAGE_GIVEN | STAGE_SWAPPED) ||
			      (s->result < 0 && filter->stages & STAGES_OF_NAMES))) {
		judge_given(s, filter, vocabulary, key, &open);
		know_names(s, vocabulary, &open);
		found = verdict(filter, s);
	}
	if (found != UNWANTED)
		tail_call(context, next, STEP_REPORT);
	return 0;
}
