/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The kernel's helpers that the programs call (numbers: include/uapi/linux/bpf.h), how maps are declared
 * for the loader (BTF of .maps), and accesses that may miss. */
#pragma once

#include "types.h"

#define SEC(name) __attribute__((section(name), used))
#define UNUSED __attribute__((unused))
/* Since Linux 7.0 programs on raw tracepoints may be preempted. What one of them puts together would then be written
 * over by whoever comes next on its processor, and the kernel passes over a program while it is under way there. Those on
 * perf's tracepoints may not be preempted. So for such kernels all is compiled once more, with their contexts: behind
 * eight bytes of its own what the tracepoint's `format` says. */
#ifdef PREEMPTIBLE
#define TRACEPOINT "tracepoint"
#define ON(group, name) SEC("tracepoint/" group "/" name)
#define RESULT_OF_CALL 2
#define REQUEST_SUBMITTED 2
#define REQUEST_COMPLETED 2
#else
#define TRACEPOINT "raw_tp"
#define ON(group, name) SEC("raw_tp/" name)
#define RESULT_OF_CALL 1
#define REQUEST_SUBMITTED 0
#define REQUEST_COMPLETED 1
#endif
#define NUMBER_OF_CALL 1 /* in either */

/* A program that others go on to, by a table of those that go with its kind; what it does follows. */
#define TRACEPOINT_STEP(name)                                  \
	INLINE int do_##name(u64 *context, void *next);        \
	SEC(TRACEPOINT) int step_##name(u64 *context)          \
	{                                                      \
		return do_##name(context, &steps);             \
	}                                                      \
	INLINE int do_##name(UNUSED u64 *context, UNUSED void *next)
/* One that is also gone on to from the functions of system calls: the kernel lets programs of a kind alone go on to each
 * other, and such on functions only where these have the same type. There are two: with a parameter `regs`, and with one
 * that is `__unused`, of calls without arguments and those that a kernel may be built without, whose functions are weak. */
#ifdef PREEMPTIBLE
#define ON_FUNCTIONS(name)
#else
#define ON_FUNCTIONS(name)                                     \
	INLINE int do_##name(u64 *context, void *next);        \
	SEC("fexit") int hook_##name(u64 *context)             \
	{                                                      \
		return do_##name(context, &hook_steps);        \
	}                                                      \
	SEC("fexit") int weak_##name(u64 *context)             \
	{                                                      \
		return do_##name(context, &weak_steps);        \
	}
#endif
#define STEP(name)         \
	ON_FUNCTIONS(name) \
	TRACEPOINT_STEP(name)

#define INLINE static inline __attribute__((always_inline))
/* Verified once, on its own, whoever calls it. */
#define GLOBAL __attribute__((noinline))

#define MAP_TYPE(number) int(*type)[number]
#define MAP_ENTRIES(number) int(*max_entries)[number]
#define MAP_FLAGS(number) int(*map_flags)[number]

enum {
	MAP_HASH = 1,
	MAP_ARRAY = 2,
	MAP_PROGRAMS = 3,
	MAP_PER_CPU_ARRAY = 6,
	MAP_LRU_HASH = 9,
	MAP_LPM_TRIE = 11,
	MAP_RING = 27,
};

/* What query_ring tells. */
enum { RING_WAITING = 0, RING_WRITTEN = 3 };

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const map_delete)(void *map, const void *key) = (void *)3;
static u32 (*const processor)(void) = (void *)8;
static long (*const tail_call)(void *context, void *programs, u32 index) = (void *)12;
static u64 (*const thread_id)(void) = (void *)14;
static long (*const read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const read_user_text)(void *to, u32 size, const void *from) = (void *)114;
static long (*const read_kernel_text)(void *to, u32 size, const void *from) = (void *)115;
static u64 (*const time_since_boot)(void) = (void *)125;
static long (*const write_iterator)(struct seq_file *file, const void *from, u32 size) = (void *)127;
static long (*const write_ring)(void *ring, void *from, u64 size, u64 flags) = (void *)130;
static u64 (*const query_ring)(void *ring, u64 what) = (void *)134;
static struct task_struct *(*const current_task)(void) = (void *)158;
/* What a task had in its registers when it called: by a pointer that the verifier knows, so that they are loaded. */
static struct registers *(*const registers_of)(struct task_struct *task) = (void *)175;
/* What the function returned that a program hangs on. */
static long (*const result_of_function)(void *context, u64 *result) = (void *)184;
static long (*const loop)(u32 times, void *step, void *context, u64 flags) = (void *)181;

/* Bytes as something larger: by way of a variable, or else clang, which knows how an array of bytes is aligned, loads
 * each of them by itself. */
#define AS(type, address)                       \
	(*({                                    \
		void *address_of = (void *)(address); \
		(type *)address_of;             \
	}))

/* Reads one field of the kernel's memory; zero where that fails, which the helper sees to. */
#define READ(from)                                           \
	({                                                   \
		__typeof__(from) read_value;                 \
		read_kernel(&read_value, sizeof(read_value), &(from)); \
		read_value;                                  \
	})

#define FIELD_EXISTS(field) __builtin_preserve_field_info(field, 2)
#define FIELD_SIZE(field) __builtin_preserve_field_info(field, 1)
#define FIELD_OFFSET(field) __builtin_preserve_field_info(field, 0)

/* The first bytes of one of the kernel's structures. A read costs as much as fifteen loads, whatever its length: so
 * where several fields are wanted, the structure's head is read once, and they are taken from that. */
#define HEAD_BYTES 128
struct head {
	u8 bytes[HEAD_BYTES];
};
#define READ_HEAD(head, from) read_kernel((head)->bytes, HEAD_BYTES, from)

/* A field of what a head was read from. One that lies behind it on the kernel at hand is read by itself; which of
 * both is decided when the program is loaded. */
#define TAKE(head, field)                                                                    \
	({                                                                                   \
		__typeof__(field) taken;                                                     \
		u32 taken_at = FIELD_OFFSET(field);                                          \
		if (taken_at <= HEAD_BYTES - sizeof(taken))                                  \
			taken = AS(__typeof__(taken), &(head)->bytes[taken_at]);             \
		else                                                                         \
			read_kernel(&taken, sizeof(taken), &(field));                        \
		taken;                                                                       \
	})
/* A field of what the verifier knows, which is loaded, or else of what a head was read from. */
#define FIELD(is_known, head, field)                 \
	({                                           \
		__typeof__(field) field_value;       \
		if (is_known)                        \
			field_value = (field);       \
		else                                 \
			field_value = TAKE(head, field); \
		field_value;                         \
	})
#define TYPE_EXISTS(type) __builtin_preserve_type_info(*(type *)0, 0)
#define TYPE_SIZE(type) __builtin_preserve_type_info(*(type *)0, 1)
#define ENUM_EXISTS(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define ENUM_VALUE(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

/* Whether the kernel makes addresses known to the verifier, from Linux 6.2 on: a constant, which the loader puts in place of the
 * number (src/probes/cast.rs), so that the verifier looks at one of two ways alone. */
INLINE u32 casts(void)
{
	u64 is_so;
	asm volatile("%0 = 0x74736163" : "=r"(is_so));
	return is_so;
}

/* What lies at an address, as something that the verifier knows, so that its fields are loaded: by a function of the
 * kernel that becomes no code (bpf_rdonly_cast). The loader puts its number there or, where there is none, zero as its result. */
INLINE void *cast(u64 address, u64 type)
{
	register void *known asm("r0");
	register u64 from asm("r1") = address;
	register u64 to asm("r2") = type;
	asm volatile(".byte 0x85, 0x20, 0, 0\n.long 0x74736163" : "=r"(known), "+r"(from), "+r"(to) : : "r3", "r4", "r5");
	return known;
}
#define KNOWN(type, address) ((type *)cast((u64)(address), __builtin_btf_type_id(*(type *)0, 1)))

/* Keeps the compiler from proving a bound to itself that the verifier then cannot see. */
#define OPAQUE(variable) asm volatile("" : "+r"(variable))
