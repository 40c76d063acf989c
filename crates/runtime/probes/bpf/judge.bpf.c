/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Whether any rule can want a call, asked before its record is made: first of what it was given and returned, then
 * of its object and the names of that. */
#include "names.h"

enum verdict { UNWANTED, OPEN, WANTED };

/* Whether a clause is met, can still be met, or none can; and of those that still can, what is not known yet. */
INLINE enum verdict verdict(struct filter *filter, struct facts facts, u64 *asked)
{
	u64 is = facts.known & facts.so, is_not = facts.known & ~facts.so, open = 0;
	enum verdict best = UNWANTED;
	for (u32 number = 0; number < CLAUSES; number++) {
		if (number >= filter->count)
			break;
		u64 must = filter->clauses[number].must, must_not = filter->clauses[number].must_not;
		if (must & is_not || must_not & is)
			continue;
		u64 lacking = (must | must_not) & ~facts.known;
		if (!lacking)
			return WANTED;
		open |= lacking;
		best = OPEN;
	}
	*asked = open;
	return best;
}

INLINE struct filter *filter_at(u32 number, u32 generation)
{
	u32 which = generation * FILTERS + number - 1;
	return number ? map_lookup(&filters, &which) : 0;
}

INLINE void learn(struct facts *facts, u64 fact, u32 is_so)
{
	facts->known |= fact;
	if (is_so)
		facts->so |= fact;
}

#define CREATES 0100
#define TEMPORARY 020200000
#define EXECUTABLE 0111

/* A call that ends. */
struct call {
	struct files_struct *files; /* of who called */
	struct registers *given;
	s64 result;
	u32 place; /* of the call in the table of plans */
	u32 generation;
};

/* A register as it was given. clang would make one load of several, which the verifier does not know. */
#define IF_GIVEN(number, in)                    \
	if (which == number) {                  \
		u64 given_in = call->given->in; \
		OPAQUE(given_in);               \
		return given_in;                \
	}

/* An argument as it lies in the registers, or behind the last one the result. Those of 32-bit calls were taken already. */
INLINE u64 given_argument(struct scratch *s, struct call *call, u32 which)
{
	if (which > 5)
		return call->result;
	if (call->place < CALLS) {
		IF_GIVEN(0, di)
		IF_GIVEN(1, si)
		IF_GIVEN(2, dx)
		IF_GIVEN(3, r10)
		IF_GIVEN(4, r8)
		IF_GIVEN(5, r9)
	}
	return argument(s, which);
}

/* What the numbers say. */
INLINE void judge_numbers(struct scratch *s, struct call *call, struct filter *filter, struct facts *facts)
{
	s64 result = call->result;
	learn(facts, FACT(FACT_SUCCEEDED), result >= 0);
	learn(facts, FACT(FACT_IN_PROGRESS), result == CONNECTING);
	learn(facts, FACT(FACT_STANDARD), result >= 0 && result <= 2);
	u32 which = filter->flags;
	if (which > 6)
		return;
	u64 flags = which == 6 ? 01101 : given_argument(s, call, which);
	u32 access = flags & 3, makes = flags & CREATES || (flags & TEMPORARY) == TEMPORARY;
	learn(facts, FACT(FACT_READS), access == 0 || access == 2);
	learn(facts, FACT(FACT_WRITES), access == 1 || access == 2);
	learn(facts, FACT(FACT_EXECUTABLE),
	      makes && given_argument(s, call, which == 6 ? 1 : which + 1) & EXECUTABLE);
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
	s->facts.known |= known;
	s->facts.so |= fact;
	learn(&s->facts, FACT(FACT_TCP), READ(sock->sk_protocol) == PROTOCOL_TCP && READ(sock->sk_type) != SOCKET_RAW);
	if (family != FAMILY_INET && family != FAMILY_INET6)
		return;
	u16 remote = __builtin_bswap16(TAKE(head, sock->__sk_common.skc_dport));
	u32 asks = remote == NAME_SERVICE_PORT || TAKE(head, sock->__sk_common.skc_num) == NAME_SERVICE_PORT;
	/* A datagram may go anywhere from a socket that has no other end. */
	if (asks || remote)
		learn(&s->facts, FACT(FACT_NAME_SERVICE), asks);
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
	s->facts.known |= known;
	s->facts.so |= fact;
}

/* What a path says as it was given and, where it could not be opened and is plain, as its file's own. Returns whether it is. */
INLINE u32 look_into(struct scratch *s, struct vocabulary *vocabulary, struct name_key *key, struct copy *copy,
		     u64 found, u32 as_own)
{
	u32 length = copy->length, zero = 0, last = 0;
	read_kernel(key->text, COPY_LIMIT, copy->bytes);
	u32 detours = gather(s, vocabulary, key, length);
	look_for_parts(s, vocabulary, found);
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

/* What was copied of the text that a call was given, where it was. */
INLINE struct copy *copy_of_given(u32 place)
{
	struct entry *entry = entry_before_call(thread_id());
	return entry && entry->place == place && !entry->copies[0].fault ? &entry->copies[0] : 0;
}

/* Whether a text is another one by now, unless it cannot be read. It goes into the room for a record, which is not begun. */
INLINE void learn_swapped(struct scratch *s, struct copy *copy, u64 text, struct facts *facts)
{
	long got = read_user_text(s->record, PATH_LIMIT, (void *)text);
	if (got > 0)
		learn(facts, FACT(FACT_SWAPPED), differs(copy, (struct text *)s->record, got - 1));
}

/* The path as it was given, by the copy that was taken at entry, as far as that is asked: whether it is another one by now, what it
 * holds, and of what could not be opened its name, where that is plain. */
INLINE void judge_given(struct scratch *s, struct filter *filter, struct vocabulary *vocabulary,
			struct name_key *key, struct open_names *open)
{
	struct copy *copy = copy_of_given(s->place);
	if (!copy)
		return;
	u32 length = copy->length;
	OPAQUE(length);
	if (filter->stages & STAGE_SWAPPED && s->asked & FACT(FACT_SWAPPED))
		learn_swapped(s, copy, argument(s, filter->text), &s->facts);
	u64 of_own = s->result < 0 && filter->opens ? facts_of_own_names(vocabulary) : 0;
	u64 of_text = vocabulary->by_given | of_own;
	if (!(s->asked & of_text) || !length || length > COPY_LIMIT - 4)
		return;
	/* Most of what is opened holds nothing of what is asked for, and is not remembered. */
	u64 found = of_own ? 0 : scan(vocabulary, copy);
	if (!found && !of_own) {
		open->given = 0;
		return;
	}
	u64 version = vocabulary->version << 1 | !!of_own, before = s->facts.so;
	struct known_text *known = known_text_at(copy);
	u32 is_plain;
	if (known && is_known_text(known, copy, version)) {
		s->facts.so |= known->facts;
		is_plain = known->is_plain;
	} else {
		s->facts.so &= ~of_text;
		if (of_own)
			found = scan(vocabulary, copy);
		is_plain = look_into(s, vocabulary, key, copy, found, !!of_own);
		if (known)
			remember_text(known, copy, version, s->facts.so & of_text, is_plain);
		s->facts.so |= before;
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
	/* Of one that is too deep the start is missing. */
	if (at >= PATH_LIMIT || room[at] != '/' || s->path_flags & PART_TRUNCATED)
		return facts_of_own_names(vocabulary);
	OPAQUE(length);
	look_up_path(s, vocabulary, key, room);
	if (!(filter->stages & STAGE_PARTS) || length >= NAME_LIMIT)
		return vocabulary->by_part;
	OPAQUE(length);
	if (length < NAME_LIMIT) {
		read_kernel(key->text, length, &room[at]);
		gather(s, vocabulary, key, length);
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

/* What the path of the result is known again by, in one vocabulary, as far as a filter asks; nothing where the kernel casts nothing,
 * since the way up would have to be read. */
INLINE struct print print_of_result(struct scratch *s, struct files_struct *files, u32 result, struct filter *filter,
				    struct vocabulary *vocabulary)
{
	struct print none = {};
	struct file *known = casts() ? known_file_in(files, result) : 0;
	u64 seed = vocabulary->version << 8 | (filter->stages & STAGE_PARTS);
	return known ? print_of(s, known, seed) : none;
}

/* Remembers what the folder says whose file's path lies in its room. */
static GLOBAL int remember_folder(struct scratch *s, struct vocabulary *vocabulary, struct name_key *key)
{
	u32 zero = 0;
	u8 *room = map_lookup(&paths, &zero);
	struct known_folder *folder = s ? known_folder_at(s->print.folder) : 0;
	if (!room || !folder || !vocabulary || !key)
		return 0;
	u32 at = s->path_start, length = PATH_LIMIT - at - s->last_component;
	OPAQUE(at);
	OPAQUE(length);
	if (at >= PATH_LIMIT || !length || length > NAME_LIMIT - 3)
		return 0;
	read_kernel(&key->text[1], length, &room[at]);
	folder->print = 0;
	folder->length = length;
	folder->is_asked = !!facts_of(s, key, DOMAIN_BELOW, length, 1);
	folder->facts = facts_of(s, key, DOMAIN_NAME, length, 0) | facts_of(s, key, DOMAIN_FOLDER, length, 1);
	read_kernel(key->text, length, &room[at]);
	gather(s, vocabulary, key, length);
	__builtin_memcpy(folder->bigrams, s->bigrams, sizeof(folder->bigrams));
	folder->parts = s->parts;
	folder->print = s->print.folder;
	return 0;
}

/* The last name of a file in a folder that is known. Returns which facts it leaves open. */
static GLOBAL u64 judge_last(struct scratch *s, struct filter *filter, struct vocabulary *vocabulary, struct name_key *key,
			     u32 length)
{
	struct known_folder *folder = s ? known_folder_at(s->print.folder) : 0;
	if (!folder || !filter || !vocabulary || !key || length > NAME_LIMIT - 3)
		return ~0ULL;
	s->facts.so |= folder->facts;
	if (may_be_asked(vocabulary, DOMAIN_LAST, last_of(key, length)))
		s->facts.so |= facts_of(s, key, DOMAIN_LAST, length, 1);
	if (!(filter->stages & STAGE_PARTS) || folder->length + length >= NAME_LIMIT)
		return vocabulary->by_part;
	key->text[0] = '/';
	gather(s, vocabulary, key, length + 1);
	for (u32 word = 0; word < BLOOM; word++)
		s->bigrams[word] |= folder->bigrams[word];
	s->parts |= folder->parts;
	look_for_own_parts(s, vocabulary);
	return 0;
}

/* What the last name of the result says, where its folder is known and no name is asked for below that. Returns which facts it
 * leaves open, all where the folder says nothing. */
INLINE u64 judge_in_folder(struct scratch *s, struct task_struct *task, struct filter *filter,
			   struct vocabulary *vocabulary, struct name_key *key)
{
	struct known_folder *folder = known_folder_at(s->print.folder);
	struct file *file = known_file_of(task, s->result);
	if (!folder || !file || !s->print.folder || folder->print != s->print.folder || folder->is_asked)
		return ~0ULL;
	struct dentry *dentry = file->f_path.dentry;
	u32 length = dentry->d_name.len;
	OPAQUE(length);
	if (length > NAME_LIMIT - 3 || read_kernel(&key->text[1], length, dentry->d_name.name))
		return ~0ULL;
	u64 open = judge_last(s, filter, vocabulary, key, length);
	/* It may have got another name meanwhile. */
	return print_of_name(s, dentry) == s->print.last ? open : ~0ULL;
}

/* What the names of the result say, which is remembered with what it is. Returns which facts they leave open. */
INLINE u64 judge_result(struct scratch *s, struct task_struct *task, struct filter *filter,
			struct vocabulary *vocabulary, struct name_key *key)
{
	u64 before = s->facts.so, of_names = facts_of_own_names(vocabulary), print = s->print.file;
	s->facts.so &= ~of_names;
	u64 open = before & FACT(FACT_DIRECTORY) ? ~0ULL : judge_in_folder(s, task, filter, vocabulary, key);
	u32 is_known = !!print;
	if (open == ~0ULL) {
		s->facts.so &= ~of_names;
		walk_result(s, task);
		open = judge_name(s, filter, vocabulary, key);
		/* A name that was changed meanwhile is neither. */
		is_known = print && print_of_result(s, task->files, s->result, filter, vocabulary).file == print;
		if (is_known && s->print.folder && !(before & FACT(FACT_DIRECTORY)))
			remember_folder(s, vocabulary, key);
	}
	struct known_name *place = known_name_at(print);
	if (place && is_known) {
		place->print = print;
		place->facts = s->facts.so & (FACTS_OF_OBJECT | of_names);
		place->known = (s->facts.known & FACTS_OF_OBJECT) | (of_names & ~open);
	}
	s->facts.so |= before;
	return open;
}

/* What is known from before of a file that was opened, by its own name and by the one that was given: most of what is opened was
 * opened before, and is dropped so before any other program is gone on to. Returns what its own name is known by. */
INLINE struct print recall(struct scratch *s, struct call *call, struct filter *filter, struct facts *facts)
{
	struct print print = {};
	u32 generation = call->generation;
	struct vocabulary *vocabulary = map_lookup(&vocabularies, &generation);
	if (!vocabulary || !(filter->stages & STAGES_OF_NAMES) || filter->object != OPERAND_RESULT || call->result < 0)
		return print;
	print = print_of_result(s, call->files, call->result, filter, vocabulary);
	struct known_name *name = known_name_at(print.file);
	if (!name || !print.file || name->print != print.file)
		return print;
	facts->so |= name->facts;
	facts->known |= name->known & FACTS_OF_OBJECT;
	struct open_names open = {.given = vocabulary->by_given, .own = facts_of_own_names(vocabulary) & ~name->known};
	struct copy *copy = filter->stages & (STAGE_GIVEN | STAGE_SWAPPED) ? copy_of_given(call->place) : 0;
	if (copy && filter->stages & STAGE_SWAPPED)
		learn_swapped(s, copy, given_argument(s, call, filter->text), facts);
	if (copy && open.given && !scan(vocabulary, copy))
		open.given = 0;
	know_names(facts, vocabulary, &open);
	return print;
}

STEP(judge)
{
	struct scratch *s = scratch(0);
	u32 zero = 0;
	struct name_key *key = map_lookup(&name_keys, &zero);
	struct filter *filter = s ? filter_at(s->plan.filter, s->generation) : 0;
	if (!filter || !key)
		return 0;
	u32 generation = s->generation;
	struct vocabulary *vocabulary = map_lookup(&vocabularies, &generation);
	if (!vocabulary)
		return 0;
	struct task_struct *task = current_task();
	struct open_names open = {.given = vocabulary->by_given, .own = facts_of_own_names(vocabulary)};
	u32 is_named = 0;
	if (filter->object == OPERAND_RESULT && s->result < 0) {
		s->facts.known |= FACTS_OF_TYPE | FACT(FACT_TCP);
		s->facts.so |= filter->opens ? FACT(FACT_FILE) : 0;
	} else if (filter->object <= OPERAND_RESULT) {
		u32 descriptor = argument(s, filter->object);
		struct file *known = known_file_of(task, descriptor), *file = known ? 0 : file_of(task, descriptor);
		struct known_name *place = known_name_at(s->print.file);
		/* One that was recalled is judged but for what was given. */
		if (place && s->print.file && place->print == s->print.file) {
			open.own &= ~place->known;
		} else if (known) {
			is_named = judge_object(s, known, 1);
		} else if (file) {
			is_named = judge_object(s, file, 0);
		}
		is_named &= filter->object == OPERAND_RESULT;
		if (s->facts.so & (FACT(FACT_UNIX) | FACT(FACT_OTHER)))
			note_handed(s, task);
	}
	/* Where names are asked for, little is decided before they are known, and clauses are many. */
	u32 asks_names = is_named && filter->stages & STAGES_OF_NAMES;
	u32 asks_given = filter->stages & (STAGE_GIVEN | STAGE_SWAPPED) || (s->result < 0 && filter->stages & STAGES_OF_NAMES);
	enum verdict found = OPEN;
	if (!asks_names && !asks_given)
		found = verdict(filter, s->facts, &s->asked);
	if (asks_names) {
		open.own = judge_result(s, task, filter, vocabulary, key);
		know_names(&s->facts, vocabulary, &open);
		if (!asks_given)
			found = verdict(filter, s->facts, &s->asked);
	}
	if (asks_given) {
		judge_given(s, filter, vocabulary, key, &open);
		know_names(&s->facts, vocabulary, &open);
		found = verdict(filter, s->facts, &s->asked);
	}
	if (found != UNWANTED)
		tail_call(context, next, STEP_REPORT);
	return 0;
}
