/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What programs share among each other and with user space. */
#pragma once

#include "abi.h"
#include "filter.h"
#include "helpers.h"

#define CALLS 512 /* numbers of each of both tables; the last stands for all beyond */
#define PATH_LIMIT 4096
#define NAME_LIMIT 256
#define LAST_NAME_LIMIT 64
#define RECORD_LIMIT 16384 /* no part starts behind */
#define RECORD_ROOM (RECORD_LIMIT + sizeof(struct part_header) + PATH_LIMIT + 8)
#define COPY_LIMIT 256
#define PLAN_STEPS 8
#define EXEMPT 4

/* Steps of a plan: programs that each add something to a record and go on to the next. The low five bits
 * are the program, the high three the argument that it is about, from 0; 6 is the result. */
enum step {
	STEP_END = 0,
	STEP_TEXT = 1,         /* text in memory */
	STEP_OBJECT = 2,       /* what a descriptor stands for */
	STEP_DIRECTORY = 3,    /* where a relative path starts: descriptor of a folder */
	STEP_ADDRESS = 4,      /* of a socket, as long as the next argument says */
	STEP_MESSAGE = 5,      /* of sendmsg and recvmsg */
	STEP_GIVEN = 6,        /* bytes, as many as the next argument says */
	STEP_RECEIVED = 7,     /* bytes, as many as the result says */
	STEP_OPEN = 8,         /* a text that names a file, where it starts, the file, and whether it has that name */
	STEP_IDENTITY = 9,    /* credentials and namespaces, as they are now */
	STEP_PROCESS = 10,     /* session, terminal, working directory, root */
	STEP_CGROUPS = 11,     /* paths of both hierarchies */
	STEP_STANDARD = 12,    /* what descriptors 0, 1 and 2 stand for */
	STEP_PROGRAM = 13,     /* file, interpreter and name of a new program */
	STEP_MEMORY = 14,      /* its arguments and environment */
	STEP_SENDER = 15,      /* an address that the kernel wrote, as long as the number says that the next argument points to */
	/* These are no steps of a plan. */
	STEP_COPY = 16,   /* copies at entry */
	STEP_JUDGE = 17,  /* whether the object of a call and its name already say that nobody wants it */
	STEP_REPORT = 18, /* header and arguments of a call that somebody wants */
	STEP_VECTORS = 19, /* of a plan again: pieces of memory, as many as the next argument says */
	STEP_LANE = 20,
	STEP_CALL = 21, /* the end of a call that its function told of */
	STEPS = 22,
};
#define STEP_NUMBER 31
#define OPERAND_RESULT 6
#define OPERAND_NONE 7

enum plan_flag {
	PLAN_WANTED = 1,
	PLAN_COPIES = 2,   /* texts and addresses are copied at entry, too */
	PLAN_FAILURES = 4, /* only calls that failed: success has a record of its own */
	PLAN_CONNECTS = 8,   /* the address copied at entry must be the remote end after */
	PLAN_EXECUTES = 16,  /* the first text names a program to run */
	PLAN_COUNTS_MESSAGES = 32, /* the result is no number of bytes */
	PLAN_SUCCESSES = 64, /* only calls that succeeded */
	PLAN_ASKERS = 128, /* only of processes that ask name servers or are one */
};

/* Whoever speaks with this port has more of its payload reported. */
#define NAME_SERVICE_PORT 53
#define NAME_SERVICE_PAYLOAD 512

struct plan {
	u8 steps[PLAN_STEPS];
	u8 lane;
	u8 flags;
	u16 filter;  /* which of the filters judges the call, from 1; 0 for none */
	u32 payload; /* bytes of payload at most */
	u32 mask;    /* only with one of these bits in an argument; 0 for all */
	u32 masked;  /* the argument's number */
} __attribute__((aligned(8))); /* so that it is copied by words */
_Static_assert(sizeof(struct plan) == 24, "plan");

/* Where a walk from a dentry up to the root of the mount namespace is. */
struct way {
	struct dentry *dentry;
	struct dentry *parent;
	struct mount *mount;
	struct dentry *top; /* of the mount */
	u64 is_done;
};

/* What the path of a file is known again by (known.h): 0 for nothing. */
struct print {
	u64 file;
	u64 folder; /* that it lies in; 0 where something is mounted on the file */
	u64 last; /* its last name */
};

/* Where a record is put together. */
struct scratch {
	struct plan plan;
	u64 arguments[6];
	s64 result;
	u64 entry; /* key of the copy at entry */
	u64 file;  /* of an operation of io_uring, which may have no descriptor */
	u32 slot;  /* the result went to a table of io_uring, not of the process */
	u32 step;
	u32 texts; /* how many of the copies were used */
	u32 size;
	u32 path_start; /* in the room for paths. Kept here, since the verifier forgets values that lie in maps */
	u32 last_text; /* place and length of the bytes of the last text */
	u32 last_length;
	u32 generation; /* of plans and filters, the same for the whole record */
	u32 place; /* of the call in the table of plans */
	u32 called; /* its number as it was called, or what it stands for */
	u64 looked_at; /* the file that the three heads are about */
	struct head of_file;
	struct head of_inode;
	struct head of_filesystem;
	struct way way;
	struct head of_dentry; /* where the walk is */
	struct head of_mount;
	struct head of_sock;
	u64 pointer; /* on its way to be a number */
	u64 walked; /* the dentry whose path lies in the room for paths, and its mount */
	u64 walked_mount;
	u32 last_component; /* length of that path's last name */
	u32 path_flags;
	u64 top_mount; /* one that no name lies above, its namespace, and what that counted of changes then */
	u64 top_namespace;
	u64 top_event;
	u32 open_flags; /* of the last file */
	struct facts facts;
	u64 asked; /* what is not known, and decides */
	struct print print; /* of the path of the result */
	u64 bigrams[BLOOM]; /* pairs of bytes of a text */
	u64 parts; /* that it may have, by their numbers as bits */
	u8 relative; /* the last text is a path that starts somewhere */
	u8 name_service; /* about port 53 */
	u8 messages; /* of several in one call, how many were looked at */
	u8 record[RECORD_ROOM];
};

/* Text or address as it was at entry. */
struct copy {
	u64 sum; /* of more bytes than there is room for */
	u32 length;
	u16 kept; /* of the bytes, from the first */
	u16 fault; /* memory could not be read */
	u8 bytes[COPY_LIMIT];
};
#define COPIES 2
struct entry {
	u64 owner; /* of a place for threads: thread_id, or nobody */
	u32 is_crowded; /* others looked for a place here, and went to the table of hashes */
	u32 place; /* of the call in the table of plans */
	u32 executes; /* the first copy names a program to run */
	u64 arguments[6]; /* of an operation of io_uring, as those of the call that does the same */
	u64 slot;
	struct copy copies[COPIES];
};

/* getpgid: of the processes that are not watched this one call is told, so that the sensor sees whether calls
 * are told at all. Its plan asks for a bit that no number of a process has. */
#define CANARY_CALL 121
#define CANARY_LANE 28 /* where in that number its lane stands */

struct settings {
	u32 exempt[EXEMPT]; /* processes that are not watched: our own */
	u32 generation; /* of plans and filters: 0 or 1. Those of the other are written meanwhile */
	u32 rings[LANES]; /* bytes of each */
	u32 canary; /* the process that gives signs of life: its threads' begins and ends are told, too */
};

struct counts {
	u64 produced[LANES];
	u64 lost[LANES];
};
/* The part of a cgroup in a lane. */
struct share_key {
	u64 cgroup;
	u32 hierarchy;
	u32 lane;
};
/* What a cgroup wrote to a ring lately. */
struct share {
	u64 window; /* of the ring's positions */
	u64 bytes;
};
/* A name as tables of prefixes have it: the domain, as many bytes as it has, and zeros behind. */
struct name_key {
	u32 bits;
	u8 text[NAME_LIMIT];
};

#define MAP(name) struct name##_map
MAP(rings) {
	MAP_TYPE(MAP_RING);
	MAP_ENTRIES(1 << 20);
};
MAP(rings) ring_process SEC(".maps");
MAP(rings) ring_network SEC(".maps");
MAP(rings) ring_file SEC(".maps");
MAP(rings) ring_other SEC(".maps");

MAP(programs) {
	MAP_TYPE(MAP_PROGRAMS);
	MAP_ENTRIES(STEPS);
	u32 *key;
	u32 *value;
};
MAP(programs) steps SEC(".maps");
#ifndef PREEMPTIBLE
/* The same, for what hangs on functions of either type. */
MAP(programs) hook_steps SEC(".maps");
MAP(programs) weak_steps SEC(".maps");
#endif

struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(GENERATIONS * 2 * CALLS);
	u32 *key;
	struct plan *value;
} plans SEC(".maps");

struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct settings *value;
} settings SEC(".maps");

/* Where programs put records together: on a processor one program at a time in each. Those that are preemptible, which
 * others may interrupt, have rooms of their own, and numbers of their own for what they made there. */
enum room {
	ROOM_CALLS = 0,
	ROOM_ITERATORS = 1,
#ifdef PREEMPTIBLE
	ROOM_FORKS = 2,
	ROOM_MOVES = 3,
	ROOM_SIGNALS = 4,
	ROOMS = 5,
#else
	ROOM_FORKS = ROOM_CALLS,
	ROOM_MOVES = ROOM_CALLS,
	ROOM_SIGNALS = ROOM_CALLS,
	ROOMS = 2,
#endif
};

struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(ROOMS);
	u32 *key;
	struct scratch *value;
} scratches SEC(".maps");

struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(ROOMS);
	u32 *key;
	u8 (*value)[PATH_LIMIT + NAME_LIMIT];
} paths SEC(".maps");

/* What is known of a call until it returns: each thread has a place by its number, from its first call that is copied until
 * the thread ends. */
#define THREADS 4096
struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(THREADS);
	u32 *key;
	struct entry *value;
} threads SEC(".maps");

/* The same of a thread whose place another has, by its thread_id, and of operations of io_uring, by their request. */
struct {
	MAP_TYPE(MAP_LRU_HASH);
	MAP_ENTRIES(4096);
	u64 *key;
	struct entry *value;
} entries SEC(".maps");

/* What a new entry starts as. */
struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct entry *value;
} empty_entry SEC(".maps");

struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct name_key *value;
} name_keys SEC(".maps");

struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(ROOMS);
	u32 *key;
	struct counts *value;
} counts SEC(".maps");

struct {
	MAP_TYPE(MAP_LRU_HASH);
	MAP_ENTRIES(1024);
	struct share_key *key;
	u64 *value;
} losses SEC(".maps");

struct {
	MAP_TYPE(MAP_LRU_HASH);
	MAP_ENTRIES(1024);
	struct share_key *key;
	struct share *value;
} shares SEC(".maps");

/* Processes that have a socket to or at the port of name servers, each at a place by its number, where another may take
 * its turn: a table of hashes costs three times as much to look into, which every read and write would pay. */
#define ASKERS 4096
struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(ASKERS);
	u32 *key;
	u32 *value;
} askers SEC(".maps");

/* System calls that do the same as operations of io_uring, by opcode: one more than the number, 0 where none. */
struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(128);
	u32 *key;
	u32 *value;
} operations SEC(".maps");

struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(GENERATIONS * FILTERS);
	u32 *key;
	struct filter *value;
} filters SEC(".maps");

/* Names that filters ask for. The value has the bits of the facts that follow: those of shorter prefixes, too. */
struct {
	MAP_TYPE(MAP_LPM_TRIE);
	MAP_ENTRIES(GENERATIONS * (NAMES + FOLDERS));
	MAP_FLAGS(1); /* no preallocation, which tries demand */
	struct name_key *key;
	u64 *value;
} names SEC(".maps");

struct {
	MAP_TYPE(MAP_ARRAY);
	MAP_ENTRIES(GENERATIONS);
	u32 *key;
	struct vocabulary *value;
} vocabularies SEC(".maps");

/* What the names of a path said when they were looked up, by what the path is known again by (known.h). */
struct known_name {
	u64 print;
	u64 facts; /* what is so, and what is known to be so or not */
	u64 known;
};
#define KNOWN_NAMES_BITS 10
/* In one value, since each entry of such a map lies somewhere else, and is found by a list. */
struct known_names {
	struct known_name all[1 << KNOWN_NAMES_BITS];
};
struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct known_names *value;
} known_names SEC(".maps");

/* What the path of a folder said, with the slash behind it, so far as that goes for all files in it. */
struct known_folder {
	u64 print;
	u64 facts; /* by names */
	u64 bigrams[BLOOM];
	u64 parts;
	u32 length;
	u32 is_asked; /* some name that is asked for goes on below it */
};
#define KNOWN_FOLDERS_BITS 8
struct known_folders {
	struct known_folder all[1 << KNOWN_FOLDERS_BITS];
};
struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct known_folders *value;
} known_folders SEC(".maps");

/* What a path said as it was given, by its bytes. */
#define KNOWN_TEXT 128
struct known_text {
	u64 version; /* of the vocabulary, and which of its names were looked for */
	u64 facts;
	u32 length;
	u32 is_plain; /* what could not be opened has no other path */
	u8 bytes[KNOWN_TEXT];
};
#define KNOWN_TEXTS_BITS 7
struct known_texts {
	struct known_text all[1 << KNOWN_TEXTS_BITS];
};
struct {
	MAP_TYPE(MAP_PER_CPU_ARRAY);
	MAP_ENTRIES(1);
	u32 *key;
	struct known_texts *value;
} known_texts SEC(".maps");
