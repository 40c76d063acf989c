/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* io_uring: what an operation is told is noted when it is submitted, and reported when it is done, as the
 * system call that does the same. The kernel's own copies are noted: no other thread can swap them. */
#include "object.h"

/* enum io_uring_op */
enum {
	OPERATION_SENDMSG = 9,
	OPERATION_RECVMSG = 10,
	OPERATION_ACCEPT = 13,
	OPERATION_CONNECT = 16,
	OPERATION_OPENAT = 18,
	OPERATION_READ = 22,
	OPERATION_WRITE = 23,
	OPERATION_SEND = 26,
	OPERATION_RECV = 27,
	OPERATION_OPENAT2 = 28,
	OPERATION_RENAMEAT = 35,
	OPERATION_UNLINKAT = 36,
	OPERATION_MKDIRAT = 37,
	OPERATION_SYMLINKAT = 38,
	OPERATION_LINKAT = 39,
	OPERATION_SOCKET = 45,
	OPERATION_SEND_ZERO_COPY = 47,
	OPERATION_SENDMSG_ZERO_COPY = 48,
	OPERATION_LISTEN = 57,
};
#define FIXED_FILE 1
#define SKIP_COMPLETION 64 /* IOSQE_CQE_SKIP_SUCCESS: success is reported to nobody */
#define MORE_TO_COME 2	   /* IORING_CQE_F_MORE */
#define NOWHERE (~0u)

/* The name that an operation was given, which newer kernels wrap. */
#define NAME_OF(kind, request, field)                                                      \
	(TYPE_EXISTS(struct delayed_filename) ?                                            \
		 READ(((struct kind##___delayed *)(request))->field.__incomplete_filename) : \
		 READ(((struct kind *)(request))->field))

INLINE void note_name(struct copy *copy, struct filename *name)
{
	u32 which = 0;
	u8 *room = map_lookup(&paths, &which);
	copy->length = copy->kept = 0;
	copy->fault = 1;
	if (!room)
		return;
	long got = read_kernel_text(room, PATH_LIMIT, READ(name->name));
	if (got < 1)
		return;
	u32 length = got - 1;
	copy->fault = 0;
	copy->length = length;
	copy->kept = length < COPY_LIMIT ? length : COPY_LIMIT;
	copy->sum = sum_of((struct text *)room, length);
	read_kernel(copy->bytes, COPY_LIMIT, room);
}

/* Both names of rename and link lie alike. */
INLINE void note_names(struct entry *entry, struct io_rename *pair)
{
	entry->arguments[0] = READ(pair->old_dfd);
	entry->arguments[2] = READ(pair->new_dfd);
	entry->arguments[4] = READ(pair->flags);
	note_name(&entry->copies[0], NAME_OF(io_rename, pair, oldpath));
	note_name(&entry->copies[1], NAME_OF(io_rename, pair, newpath));
}

/* The kernel has read it by now; what it read shows in the socket, and is held against this. */
INLINE void note_address(struct entry *entry, const void *from, s32 length)
{
	struct copy *copy = &entry->copies[0];
	if (length <= 0 || length > 127)
		return;
	OPAQUE(length);
	length &= 127;
	copy->kept = copy->length = length;
	copy->fault = read_user(copy->bytes, length, from) != 0;
}

INLINE void note_path(struct entry *entry, s32 folder, struct filename *name, u64 third, u64 fourth)
{
	entry->arguments[0] = folder;
	entry->arguments[1] = FIELD_EXISTS(name->uptr) ? (u64)READ(name->uptr) : 0;
	entry->arguments[2] = third;
	entry->arguments[3] = fourth;
	note_name(&entry->copies[0], name);
}

INLINE void note_operation(struct entry *entry, struct io_kiocb *request, u8 operation)
{
	__builtin_memset(entry->arguments, 0, sizeof(entry->arguments));
	entry->arguments[0] = READ(request->cqe.fd);
	entry->copies[0].fault = entry->copies[1].fault = 1;
	entry->slot = 0;
	if (operation == OPERATION_OPENAT || operation == OPERATION_OPENAT2) {
		struct io_open *open = (void *)request;
		note_path(entry, READ(open->dfd), NAME_OF(io_open, open, filename), READ(open->how.flags), READ(open->how.mode));
		entry->slot = READ(open->file_slot);
	} else if (operation == OPERATION_UNLINKAT) {
		struct io_unlink *unlink = (void *)request;
		note_path(entry, READ(unlink->dfd), NAME_OF(io_unlink, unlink, filename), READ(unlink->flags), 0);
	} else if (operation == OPERATION_MKDIRAT) {
		struct io_mkdir *folder = (void *)request;
		note_path(entry, READ(folder->dfd), NAME_OF(io_mkdir, folder, filename), READ(folder->mode), 0);
	} else if (operation == OPERATION_RENAMEAT || operation == OPERATION_LINKAT) {
		note_names(entry, (void *)request);
	} else if (operation == OPERATION_SYMLINKAT) {
		note_names(entry, (void *)request);
		entry->arguments[1] = entry->arguments[2];
	} else if (operation == OPERATION_CONNECT) {
		struct io_connect *connect = (void *)request;
		entry->arguments[1] = (u64)READ(connect->addr);
		entry->arguments[2] = READ(connect->addr_len);
		note_address(entry, READ(connect->addr), READ(connect->addr_len));
	} else if (operation == OPERATION_LISTEN && TYPE_EXISTS(struct io_listen)) {
		struct io_listen *listen = (void *)request;
		entry->arguments[1] = READ(listen->backlog);
	} else if (operation == OPERATION_ACCEPT) {
		struct io_accept *accept = (void *)request;
		entry->arguments[3] = READ(accept->flags);
		entry->slot = READ(accept->file_slot);
	} else if (operation == OPERATION_SOCKET) {
		struct io_socket *socket = (void *)request;
		entry->arguments[0] = READ(socket->domain);
		entry->arguments[1] = READ(socket->type);
		entry->arguments[2] = READ(socket->protocol);
		entry->slot = READ(socket->file_slot);
	} else if (operation == OPERATION_READ || operation == OPERATION_WRITE) {
		struct io_rw *moved = (void *)request;
		entry->arguments[1] = READ(moved->addr);
		entry->arguments[2] = READ(moved->len);
	} else if (operation == OPERATION_SEND || operation == OPERATION_RECV ||
		   operation == OPERATION_SEND_ZERO_COPY || operation == OPERATION_SENDMSG ||
		   operation == OPERATION_RECVMSG || operation == OPERATION_SENDMSG_ZERO_COPY) {
		struct io_sr_msg *moved = (void *)request;
		entry->arguments[1] = (u64)READ(moved->buf);
		entry->arguments[2] = READ(moved->len);
		entry->arguments[3] = READ(moved->msg_flags);
	}
}

/* Starts the record of an operation that was noted. */
INLINE void report(u64 *context, struct io_kiocb *request, struct entry *entry, u32 place, struct plan *plan,
		   s64 result, u16 flags)
{
	struct task_struct *task = current_task();
	struct scratch *s = scratch(0);
	if (!s)
		return;
	s->plan = *plan;
	begin(s, task, KIND_CALL, ORIGIN_RING);
	struct record_header *head = header_of(s);
	s->result = head->result = result;
	head->call = place;
	head->flags |= flags;
	__builtin_memcpy(s->arguments, entry->arguments, sizeof(s->arguments));
	u64 *arguments = add_part(s, TAG_ARGUMENTS, ROLE_NONE, 0, sizeof(s->arguments));
	if (arguments)
		__builtin_memcpy(arguments, s->arguments, sizeof(s->arguments));
	s->entry = (u64)request;
	s->file = READ(request->flags) & FIXED_FILE || !(flags & RECORD_RESULT_UNKNOWN) ? (u64)READ(request->file) : 0;
	s->slot = entry->slot;
	go_on(context, s, &steps);
}

/* Tracepoint io_uring_submit_req: the request. */
ON("io_uring", "io_uring_submit_req") int ring_submits(u64 *context)
{
	struct io_kiocb *request = (void *)context[REQUEST_SUBMITTED];
	u32 operation = READ(request->opcode);
	u64 key = (u64)request;
	u32 *call = map_lookup(&operations, &operation);
	if (!call || !*call || is_exempt(current_task()->tgid))
		return 0;
	/* One more than its number, since zero is none. */
	u32 place = *call - 1;
	struct plan *plan = plan_at(place, generation());
	if (!plan || !(plan->flags & PLAN_WANTED))
		return 0;
	struct entry *entry = entry_of(key);
	if (!entry)
		return 0;
	note_operation(entry, request, operation);
	u32 masked = plan->masked, mask = plan->mask;
	OPAQUE(masked);
	if (mask && masked < 6 && !(entry->arguments[masked] & mask)) {
		entry->place = NOWHERE;
		return 0;
	}
	entry->place = place;
	entry->executes = 0;
	if (READ(request->flags) & SKIP_COMPLETION) {
		entry->place = NOWHERE;
		report(context, request, entry, place, plan, 0, RECORD_RESULT_UNKNOWN);
	}
	return 0;
}

/* Tracepoint io_uring_complete: the ring, the request, what the ring is given. */
ON("io_uring", "io_uring_complete") int ring_completes(u64 *context)
{
	struct io_kiocb *request = (void *)context[REQUEST_COMPLETED];
	u64 key = (u64)request;
	struct entry *entry = request ? map_lookup(&entries, &key) : 0;
	if (!entry || entry->place == NOWHERE)
		return 0;
	u32 place = entry->place;
	struct plan *plan = plan_at(place, generation());
	if (!plan || !(plan->flags & PLAN_WANTED))
		return 0;
	/* Requests are used again for others. */
	if (!(READ(request->cqe.flags) & MORE_TO_COME))
		entry->place = NOWHERE;
	report(context, request, entry, place, plan, READ(request->cqe.res), 0);
	return 0;
}
