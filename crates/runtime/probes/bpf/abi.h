/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What the programs hand to user space: records in ring buffers. src/abi.rs is the same in Rust; both are
 * held together by the ABI_FIELD lines, which the compiler checks here and tests/abi.rs there.
 *
 * A record is a header and parts behind it; a part is a head, its bytes, and zeros up to a multiple of
 * eight. All numbers are little-endian. A new tag, role, kind or bit may come without a new version; a
 * field that moves may not. */
#pragma once

#include "types.h"

#define ABI_VERSION 1

/* What a record tells. */
enum kind {
	KIND_EXECUTE = 1,    /* a program took over a process: parts tell what and how */
	KIND_FORK = 2,       /* a process was made; the header is the child's */
	KIND_EXIT = 3,       /* the last thread of a process ended */
	KIND_CALL = 4,       /* a system call returned, or io_uring did the same */
	KIND_TASK = 5,       /* at start: a process that was there before us */
	KIND_DESCRIPTOR = 6, /* at start: what one of its descriptors stands for */
	KIND_MOVE = 7,       /* a process was moved to another cgroup */
	KIND_SIGNAL = 8,     /* a signal reached a process: who sent it, whom it reached, its number and its code */
};

/* Ring buffers apart, so that noise in one drops nothing in another. */
enum lane {
	LANE_PROCESS = 0, /* execution, credentials, namespaces, everything that is rare and grave */
	LANE_NETWORK = 1,
	LANE_FILE = 2,
	LANE_OTHER = 3,
	LANES = 4,
};

/* What a record comes from. */
enum origin {
	ORIGIN_CALL = 0,     /* the entry of system calls */
	ORIGIN_RING = 1,     /* an entry of an io_uring; `call` is the system call that does the same */
	ORIGIN_KERNEL = 2,   /* a tracepoint that belongs to no call */
	ORIGIN_SNAPSHOT = 3, /* an iterator over what was there at start */
};

/* Bits of record_header.flags. */
enum record_flag {
	RECORD_COMPAT = 1,          /* a 32-bit call: `call` is a number of that table */
	RECORD_MEMORY_CHANGED = 2,  /* an argument in memory is not what it was at entry */
	RECORD_OBJECT_DIFFERS = 4,  /* the kernel's object is not what the entry named: a swap, or a symbolic link */
	RECORD_RESULT_UNKNOWN = 8,  /* reported before the operation was done */
	RECORD_TRUNCATED = 16,      /* parts are missing: there was no room */
	RECORD_NO_ENTRY = 32,       /* a copy at entry was wanted, and there is none */
	RECORD_AT_ROOT = 64,        /* the process is at the root of its cgroups */
};

enum {
	CPU_ROOM = 16, /* bits of a header's `cpu` that are the processor; above them is the room of the programs */
};

struct record_header {
	u32 size; /* of the whole record */
	u16 version;
	u16 kind;
	u64 time;     /* ns since boot */
	u64 sequence; /* of this `cpu` and lane; lost records use numbers up, too */
	u32 cpu;      /* the high half says of which programs, where they may interrupt each other */
	u8 lane;
	u8 origin;
	u16 flags;
	s32 call;    /* number of the system call, -1 where none */
	u32 process; /* of the initial PID namespace, as all but the inner ones */
	u32 thread;
	u32 parent;
	u32 inner_process; /* as the process sees itself */
	u32 inner_thread;
	u64 started; /* of the process, ns since boot: with `process` an identity that is not reused */
	u64 parent_started;
	u64 cgroup;    /* of the first hierarchy that is not at its root */
	u32 hierarchy; /* which one; 0 is cgroup v2 */
	u32 mount_namespace;
	u32 pid_namespace;
	u32 user;
	u32 effective_user;
	u32 group;
	s64 result;
	char name[16]; /* `comm`, which anybody can set */
};

/* What a part holds. */
enum tag {
	TAG_ARGUMENTS = 1, /* six numbers as the call was given them */
	TAG_TEXT = 2,      /* without a zero at its end */
	TAG_FILE = 3,
	TAG_SOCKET = 4,
	TAG_ADDRESS = 5, /* sockaddr, or another structure that a call takes, as it lies in memory */
	TAG_CREDENTIALS = 6,
	TAG_NAMESPACES = 7,
	TAG_PROCESS = 8,
	TAG_RESOURCES = 9,
	TAG_PAYLOAD = 10, /* the head of what was read, written, sent or received */
	TAG_NUMBERS = 11, /* of a process in namespaces between the initial and its own, where there are any */
};

/* Whose part it is: an argument by its number from 1, the result, or one of these. */
enum role {
	ROLE_NONE = 0,
	ROLE_RESULT = 7,
	ROLE_EXECUTABLE = 16,
	ROLE_INTERPRETER = 17,
	ROLE_WORKING_DIRECTORY = 18,
	ROLE_ROOT = 19,
	ROLE_COMMAND_LINE = 20, /* arguments, a zero behind each */
	ROLE_ENVIRONMENT = 21,
	ROLE_CGROUP_UNIFIED = 22, /* path in cgroup v2 */
	ROLE_CGROUP_LEGACY = 23,  /* path in the hierarchy of v1 that the header names */
	ROLE_STANDARD_INPUT = 24,
	ROLE_STANDARD_OUTPUT = 25,
	ROLE_STANDARD_ERROR = 26,
	ROLE_GIVEN = 27, /* the file name as execve was given it */
};

/* Bits of part_header.flags. */
enum part_flag {
	PART_ENTRY = 1,     /* a copy taken before the kernel read the argument */
	PART_TRUNCATED = 2, /* there was more */
	PART_FAULT = 4,     /* memory could not be read: what is here is what could be */
	PART_RESOLVED = 8,  /* from the kernel's object, not from memory of the process */
	PART_UNLINKED = 16, /* the path's last name is gone from its folder */
	PART_PEER = 32,     /* of the other end of a socket */
};

struct part_header {
	u16 tag;
	u8 role;
	u8 flags;
	u32 length; /* without this head and without the zeros behind */
};

/* Bits of socket_part.attributes. */
enum socket_attribute {
	SOCKET_CONNECTED = 1, /* has a remote end */
	SOCKET_CALLED = 2,    /* asked for its connection */
	SOCKET_ANSWERED = 4,  /* was asked for it */
};

/* Bits of file_part.attributes. */
enum file_attribute {
	FILE_OVERLAY = 1,
	FILE_UPPER = 2,    /* in the writable layer of its overlay: not from the image */
	FILE_MEMORY = 4,   /* on a kernel-internal mount, as memfd_create makes */
	FILE_WRITABLE = 8, /* the caller may write it by owner, group or mode */
	FILE_CREATED = 16, /* it was made by being opened */
};

struct file_part {
	u64 inode;
	u64 size;
	s64 modified; /* ns since 1970 */
	s64 changed;
	u64 filesystem; /* its magic number */
	u32 device;     /* major << 20 | minor */
	u32 mode;
	u32 links;
	u32 owner;
	u32 group;
	u32 open_flags;
	s32 descriptor; /* -1 where none */
	u32 attributes;
};

struct socket_part {
	u64 inode;
	s32 descriptor;
	u16 family;
	u16 type;
	u16 protocol;
	u8 state;  /* TCP_ESTABLISHED = 1 and on, for other protocols as well */
	u8 attributes;
	u16 local_port;
	u16 remote_port;
	u8 local[16]; /* IPv4 in the first four */
	u8 remote[16];
	u32 net_namespace;
	u32 owner;
};

struct credentials_part {
	u32 user;
	u32 group;
	u32 effective_user;
	u32 effective_group;
	u32 saved_user;
	u32 saved_group;
	u32 filesystem_user;
	u32 filesystem_group;
	u64 inheritable;
	u64 permitted;
	u64 effective;
	u64 bounding;
	u64 ambient;
	u32 secure_bits;
	u32 login_user; /* 4294967295 where nobody signed in */
	u32 login_session;
	u32 user_namespace;
};

struct namespaces_part {
	u32 cgroup;
	u32 ipc;
	u32 mount;
	u32 net;
	u32 pid;
	u32 pid_for_children;
	u32 time;
	u32 time_for_children;
	u32 user;
	u32 uts;
};

struct process_part {
	u32 session;
	u32 group;
	u32 inner_session;
	u32 inner_group;
	u32 inner_parent;
	u32 terminal; /* major << 20 | minor; 0 where none */
	u32 threads;
	u32 flags; /* PF_* of the kernel */
};

#define NAMESPACES_BETWEEN 6
struct numbers_part {
	u32 namespaces[NAMESPACES_BETWEEN]; /* from the outermost; 0 where there are no more */
	u32 numbers[NAMESPACES_BETWEEN];
};

struct resources_part {
	u64 status;    /* as wait(2) has it */
	u64 user_time; /* ns, of all threads, as the figures below */
	u64 system_time;
	u64 peak_memory; /* bytes */
	u64 read_bytes;  /* from storage */
	u64 written_bytes;
	u64 minor_faults;
	u64 major_faults;
	u64 voluntary_switches;
	u64 involuntary_switches;
};

#define ABI_SIZE(structure, size) _Static_assert(sizeof(struct structure) == (size), #structure)
#define ABI_FIELD(structure, field, offset, size)                                              \
	_Static_assert(__builtin_offsetof(struct structure, field) == (offset), #structure "." #field); \
	_Static_assert(sizeof(((struct structure *)0)->field) == (size), #structure "." #field)

ABI_SIZE(record_header, 128);
ABI_FIELD(record_header, size, 0, 4);
ABI_FIELD(record_header, version, 4, 2);
ABI_FIELD(record_header, kind, 6, 2);
ABI_FIELD(record_header, time, 8, 8);
ABI_FIELD(record_header, sequence, 16, 8);
ABI_FIELD(record_header, cpu, 24, 4);
ABI_FIELD(record_header, lane, 28, 1);
ABI_FIELD(record_header, origin, 29, 1);
ABI_FIELD(record_header, flags, 30, 2);
ABI_FIELD(record_header, call, 32, 4);
ABI_FIELD(record_header, process, 36, 4);
ABI_FIELD(record_header, thread, 40, 4);
ABI_FIELD(record_header, parent, 44, 4);
ABI_FIELD(record_header, inner_process, 48, 4);
ABI_FIELD(record_header, inner_thread, 52, 4);
ABI_FIELD(record_header, started, 56, 8);
ABI_FIELD(record_header, parent_started, 64, 8);
ABI_FIELD(record_header, cgroup, 72, 8);
ABI_FIELD(record_header, hierarchy, 80, 4);
ABI_FIELD(record_header, mount_namespace, 84, 4);
ABI_FIELD(record_header, pid_namespace, 88, 4);
ABI_FIELD(record_header, user, 92, 4);
ABI_FIELD(record_header, effective_user, 96, 4);
ABI_FIELD(record_header, group, 100, 4);
ABI_FIELD(record_header, result, 104, 8);
ABI_FIELD(record_header, name, 112, 16);

ABI_SIZE(part_header, 8);
ABI_FIELD(part_header, tag, 0, 2);
ABI_FIELD(part_header, role, 2, 1);
ABI_FIELD(part_header, flags, 3, 1);
ABI_FIELD(part_header, length, 4, 4);

ABI_SIZE(file_part, 72);
ABI_FIELD(file_part, inode, 0, 8);
ABI_FIELD(file_part, size, 8, 8);
ABI_FIELD(file_part, modified, 16, 8);
ABI_FIELD(file_part, changed, 24, 8);
ABI_FIELD(file_part, filesystem, 32, 8);
ABI_FIELD(file_part, device, 40, 4);
ABI_FIELD(file_part, mode, 44, 4);
ABI_FIELD(file_part, links, 48, 4);
ABI_FIELD(file_part, owner, 52, 4);
ABI_FIELD(file_part, group, 56, 4);
ABI_FIELD(file_part, open_flags, 60, 4);
ABI_FIELD(file_part, descriptor, 64, 4);
ABI_FIELD(file_part, attributes, 68, 4);

ABI_SIZE(socket_part, 64);
ABI_FIELD(socket_part, inode, 0, 8);
ABI_FIELD(socket_part, descriptor, 8, 4);
ABI_FIELD(socket_part, family, 12, 2);
ABI_FIELD(socket_part, type, 14, 2);
ABI_FIELD(socket_part, protocol, 16, 2);
ABI_FIELD(socket_part, state, 18, 1);
ABI_FIELD(socket_part, attributes, 19, 1);
ABI_FIELD(socket_part, local_port, 20, 2);
ABI_FIELD(socket_part, remote_port, 22, 2);
ABI_FIELD(socket_part, local, 24, 16);
ABI_FIELD(socket_part, remote, 40, 16);
ABI_FIELD(socket_part, net_namespace, 56, 4);
ABI_FIELD(socket_part, owner, 60, 4);

ABI_SIZE(credentials_part, 88);
ABI_FIELD(credentials_part, user, 0, 4);
ABI_FIELD(credentials_part, group, 4, 4);
ABI_FIELD(credentials_part, effective_user, 8, 4);
ABI_FIELD(credentials_part, effective_group, 12, 4);
ABI_FIELD(credentials_part, saved_user, 16, 4);
ABI_FIELD(credentials_part, saved_group, 20, 4);
ABI_FIELD(credentials_part, filesystem_user, 24, 4);
ABI_FIELD(credentials_part, filesystem_group, 28, 4);
ABI_FIELD(credentials_part, inheritable, 32, 8);
ABI_FIELD(credentials_part, permitted, 40, 8);
ABI_FIELD(credentials_part, effective, 48, 8);
ABI_FIELD(credentials_part, bounding, 56, 8);
ABI_FIELD(credentials_part, ambient, 64, 8);
ABI_FIELD(credentials_part, secure_bits, 72, 4);
ABI_FIELD(credentials_part, login_user, 76, 4);
ABI_FIELD(credentials_part, login_session, 80, 4);
ABI_FIELD(credentials_part, user_namespace, 84, 4);

ABI_SIZE(namespaces_part, 40);
ABI_FIELD(namespaces_part, cgroup, 0, 4);
ABI_FIELD(namespaces_part, ipc, 4, 4);
ABI_FIELD(namespaces_part, mount, 8, 4);
ABI_FIELD(namespaces_part, net, 12, 4);
ABI_FIELD(namespaces_part, pid, 16, 4);
ABI_FIELD(namespaces_part, pid_for_children, 20, 4);
ABI_FIELD(namespaces_part, time, 24, 4);
ABI_FIELD(namespaces_part, time_for_children, 28, 4);
ABI_FIELD(namespaces_part, user, 32, 4);
ABI_FIELD(namespaces_part, uts, 36, 4);

ABI_SIZE(process_part, 32);
ABI_FIELD(process_part, session, 0, 4);
ABI_FIELD(process_part, group, 4, 4);
ABI_FIELD(process_part, inner_session, 8, 4);
ABI_FIELD(process_part, inner_group, 12, 4);
ABI_FIELD(process_part, inner_parent, 16, 4);
ABI_FIELD(process_part, terminal, 20, 4);
ABI_FIELD(process_part, threads, 24, 4);
ABI_FIELD(process_part, flags, 28, 4);

ABI_SIZE(numbers_part, 48);
ABI_FIELD(numbers_part, namespaces, 0, 24);
ABI_FIELD(numbers_part, numbers, 24, 24);

ABI_SIZE(resources_part, 80);
ABI_FIELD(resources_part, status, 0, 8);
ABI_FIELD(resources_part, user_time, 8, 8);
ABI_FIELD(resources_part, system_time, 16, 8);
ABI_FIELD(resources_part, peak_memory, 24, 8);
ABI_FIELD(resources_part, read_bytes, 32, 8);
ABI_FIELD(resources_part, written_bytes, 40, 8);
ABI_FIELD(resources_part, minor_faults, 48, 8);
ABI_FIELD(resources_part, major_faults, 56, 8);
ABI_FIELD(resources_part, voluntary_switches, 64, 8);
ABI_FIELD(resources_part, involuntary_switches, 72, 8);
