/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Processes: programs that they run, children, their end, the cgroups that they are moved to. */
#include "askers.h"
#include "object.h"

/* The parts of a record about a whole process, in their order. */
INLINE void plan_process(struct scratch *s, u8 first)
{
	u8 number = 0;
	if (first)
		s->plan.steps[number++] = first;
	s->plan.steps[number++ & 7] = STEP_PROCESS;
	s->plan.steps[number++ & 7] = STEP_IDENTITY;
	s->plan.steps[number++ & 7] = STEP_CGROUPS;
	s->plan.steps[number++ & 7] = STEP_STANDARD;
	s->plan.steps[number++ & 7] = STEP_MEMORY;
	s->plan.steps[number & 7] = STEP_END;
	s->plan.lane = LANE_PROCESS;
	s->plan.flags = 0;
}

#ifdef PREEMPTIBLE
/* Perf's tells where behind its start the name lies that was given, and the numbers, but not linux_binprm: an interpreter
 * is known by its file alone. */
struct executed {
	u64 common;
	u16 name_at;
	u16 name_length;
	s32 number;
	s32 number_before;
};
INLINE u32 number_before(void *context)
{
	return ((struct executed *)context)->number_before;
}
INLINE const char *name_given(void *context)
{
	return context + ((struct executed *)context)->name_at;
}
INLINE const char *interpreter_of(void *context)
{
	(void)context;
	return 0;
}
#else
/* Task, its number before, linux_binprm. */
INLINE u32 number_before(u64 *context)
{
	return context[1];
}
INLINE const char *name_given(u64 *context)
{
	return READ(((struct linux_binprm *)context[2])->filename);
}
INLINE const char *interpreter_of(u64 *context)
{
	return READ(((struct linux_binprm *)context[2])->interp);
}
#endif

ON("sched", "sched_process_exec") int process_executes(u64 *context)
{
	struct scratch *s = scratch(0);
	struct task_struct *task = current_task();
	if (!s)
		return 0;
	plan_process(s, STEP_PROGRAM);
	begin(s, task, KIND_EXECUTE, ORIGIN_KERNEL);
	/* A thread that executes takes over the number of its process. */
	s->entry = (u64)task->tgid << 32 | number_before(context);
	go_on(context, s, &steps);
	return 0;
}

INLINE void add_text_of_kernel(struct scratch *s, const char *from, u8 role)
{
	u32 which = 0;
	u8 *room = map_lookup(&paths, &which);
	if (!room)
		return;
	s->walked = 0;
	long got = read_kernel_text(room, PATH_LIMIT, from);
	if (got > 0)
		add_bytes(s, TAG_TEXT, role, PART_RESOLVED, room, got - 1, FROM_KERNEL);
}

TRACEPOINT_STEP(program)
{
	struct scratch *s = scratch(0);
	struct task_struct *task = current_task();
	if (!s)
		return 0;
	struct mm_struct *memory = task->mm;
	struct file *file = memory->exe_file;
	if (file)
		add_file(s, task, file, -1, ROLE_EXECUTABLE, 0, 1);
	const char *given = name_given(context), *interpreter = interpreter_of(context);
	add_text_of_kernel(s, given, ROLE_GIVEN);
	struct entry *entry = entry_before_call(s->entry);
	u32 place = s->last_text;
	OPAQUE(place);
	if (entry && !entry->copies[0].fault && entry->executes && place <= RECORD_LIMIT) {
		/* The kernel read the name once, after the copy was taken. */
		u32 length = s->last_length, kept = entry->copies[0].kept;
		struct text *text = (void *)&s->record[place];
		if (differs(&entry->copies[0], text, length)) {
			header_of(s)->flags |= RECORD_MEMORY_CHANGED;
			add_bytes(s, TAG_TEXT, ROLE_GIVEN, PART_ENTRY, entry->copies[0].bytes, kept, FROM_KERNEL);
		}
	}
	if (s->entry != thread_id())
		leave_place(s->entry);
	if (interpreter && interpreter != given)
		add_text_of_kernel(s, interpreter, ROLE_INTERPRETER);
	go_on(context, s, next);
	return 0;
}

STEP(identity)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	add_identity(s, current_task());
	go_on(context, s, next);
	return 0;
}

STEP(process)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	struct task_struct *task = current_task();
	add_process(s, task);
	add_numbers(s, task);
	add_places(s, task, 0);
	go_on(context, s, next);
	return 0;
}

TRACEPOINT_STEP(cgroups)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	add_cgroups(s, current_task(), 0);
	go_on(context, s, next);
	return 0;
}

/* What a shell reads from and writes to tells who is at its other end. */
TRACEPOINT_STEP(standard)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	struct task_struct *task = current_task();
	for (u32 descriptor = 0; descriptor < 3; descriptor++)
		add_descriptor(s, task, descriptor, ROLE_STANDARD_INPUT + descriptor);
	go_on(context, s, next);
	return 0;
}

/* Text from memory, as much as there is room for; what is not in memory ends it. */
INLINE void add_memory(struct scratch *s, u8 role, u64 from, u64 to)
{
	u64 length = to > from ? to - from : 0;
	if (length)
		add_bytes(s, TAG_TEXT, role, 0, (void *)from, length < PATH_LIMIT + 1 ? length : PATH_LIMIT + 1, FROM_USER);
}

TRACEPOINT_STEP(memory)
{
	struct scratch *s = scratch(0);
	if (!s)
		return 0;
	struct mm_struct *memory = current_task()->mm;
	add_memory(s, ROLE_COMMAND_LINE, memory->arg_start, memory->arg_end);
	add_memory(s, ROLE_ENVIRONMENT, memory->env_start, memory->env_end);
	go_on(context, s, next);
	return 0;
}

/* Tracepoint sched_process_fork: parent, child. Here the verifier knows what the child is. */
SEC("tp_btf/sched_process_fork") int process_forks(u64 *context)
{
	struct task_struct *parent = (void *)context[0], *child = (void *)context[1];
	struct scratch *s = scratch(ROOM_FORKS);
	if (!s || (child->pid != child->tgid && !gives_signs(child->tgid)))
		return 0;
	/* It has its parent's sockets. */
	if (has_asked(parent->tgid))
		note_asker(child->tgid);
	s->plan.lane = LANE_PROCESS;
	begin(s, child, KIND_FORK, ORIGIN_KERNEL);
	add_numbers(s, child);
	add_cgroups(s, child, ROOM_FORKS);
	submit_from(s, ROOM_FORKS);
	return 0;
}

/* Tracepoint sched_process_exit: a task, no longer counted among the living of its process. */
ON("sched", "sched_process_exit") int process_exits(void)
{
	struct task_struct *task = current_task();
	struct signal_struct *all = task->signal;
	struct scratch *s = scratch(0);
	leave_place(thread_id());
	if (!s || (all->live.counter && !gives_signs(task->tgid)))
		return 0;
	if (!all->live.counter)
		forget_asker(task->tgid);
	s->plan.lane = LANE_PROCESS;
	begin(s, task, KIND_EXIT, ORIGIN_KERNEL);
	struct resources_part *used = add_part(s, TAG_RESOURCES, ROLE_NONE, 0, sizeof(*used));
	if (used) {
		s32 status = all->group_exit_code;
		used->status = status ? status : task->exit_code;
		used->user_time = all->utime + task->utime;
		used->system_time = all->stime + task->stime;
		used->peak_memory = all->maxrss * 4096;
		used->read_bytes = all->ioac.read_bytes + task->ioac.read_bytes;
		used->written_bytes = all->ioac.write_bytes + task->ioac.write_bytes;
		used->minor_faults = all->min_flt + task->min_flt;
		used->major_faults = all->maj_flt + task->maj_flt;
		used->voluntary_switches = all->nvcsw + task->nvcsw;
		used->involuntary_switches = all->nivcsw + task->nivcsw;
	}
	submit(s);
	return 0;
}

/* Tracepoint cgroup_attach_task: the cgroup, its path, a task, whether its whole process. */
SEC("tp_btf/cgroup_attach_task") int process_moves(u64 *context)
{
	struct cgroup *group = (void *)context[0];
	struct task_struct *task = (void *)context[2];
	struct scratch *s = scratch(ROOM_MOVES);
	if (!s || task->pid != task->tgid)
		return 0;
	s->plan.lane = LANE_PROCESS;
	begin(s, task, KIND_MOVE, ORIGIN_KERNEL);
	u32 hierarchy = group->root->hierarchy_id;
	header_of(s)->hierarchy = hierarchy;
	header_of(s)->cgroup = group->kn->id;
	add_cgroup(s, group, hierarchy ? ROLE_CGROUP_LEGACY : ROLE_CGROUP_UNIFIED, ROOM_MOVES);
	submit_from(s, ROOM_MOVES);
	return 0;
}
