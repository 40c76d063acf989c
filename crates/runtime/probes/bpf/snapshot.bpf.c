/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What was there at start: processes and what their descriptors stand for, written to whoever reads the
 * iterator. Its memory is its own: programs on tracepoints may run in between. */
#include "object.h"

INLINE void write_record(struct bpf_iter_meta *meta, struct scratch *s)
{
	u32 size = s->size;
	OPAQUE(size);
	if (size > RECORD_ROOM)
		return;
	header_of(s)->size = size;
	header_of(s)->sequence = 0;
	write_iterator(meta->seq, s->record, size);
}

SEC("iter/task") int every_task(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct scratch *s = scratch(1);
	if (!task || !s || task->pid != task->tgid)
		return 0;
	s->plan.lane = LANE_PROCESS;
	begin(s, task, KIND_TASK, ORIGIN_SNAPSHOT);
	struct mm_struct *memory = task->mm;
	struct file *file = memory ? memory->exe_file : 0;
	if (file)
		add_file(s, task, file, -1, ROLE_EXECUTABLE, 1, 1);
	add_process(s, task);
	add_numbers(s, task);
	add_places(s, task, 1);
	add_identity(s, task);
	add_cgroups(s, task, 1);
	write_record(context->meta, s);
	return 0;
}

SEC("iter/task_file") int every_descriptor(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct scratch *s = scratch(1);
	if (!task || !file || !s || task->pid != task->tgid)
		return 0;
	s->plan.lane = LANE_OTHER;
	begin(s, task, KIND_DESCRIPTOR, ORIGIN_SNAPSHOT);
	header_of(s)->result = context->fd;
	add_object(s, task, file, context->fd, ROLE_RESULT, 1, 1);
	write_record(context->meta, s);
	return 0;
}
