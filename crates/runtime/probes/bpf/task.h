/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What a task is: the header of its records, and parts about it. `task` is a pointer that the verifier
 * knows, so that its fields are loaded directly. */
#pragma once

#include "record.h"

/* The entry of a level in the array at the end of a pid. An index in the expression itself would ask the
 * loader about an array without length. Before Linux 6.8 the verifier forgets the bounds of what is multiplied unless
 * the second factor is the constant one, and clang puts it first. */
INLINE struct upid *number_at(struct pid *pid, u64 level)
{
	u64 place = level & 31, size = TYPE_SIZE(struct upid);
	asm volatile("%0 *= %1" : "+r"(place) : "r"(size));
	return (void *)&pid->numbers + place;
}

/* The level as a constant, not as the variable that equals it. */
#define AT_LEVEL(which)                                              \
	if (level == which) {                                        \
		u64 this_level = which;                              \
		OPAQUE(this_level);                                  \
		struct upid *last = number_at(pid, this_level);      \
		if (namespace)                                       \
			*namespace = last->ns->ns.inum;              \
		return which ? last->nr : outer;                     \
	}

/* Number of a process in its own namespace, and that namespace. The verifier lets entries be loaded whose place it
 * knows; those of namespaces that lie deeper are read. */
INLINE u32 inner_number(struct pid *pid, u32 outer, u32 *namespace)
{
	u32 level = pid->level;
	AT_LEVEL(0)
	AT_LEVEL(1)
	AT_LEVEL(2)
	AT_LEVEL(3)
	struct upid *last = number_at(pid, level);
	struct pid_namespace *ns = READ(last->ns);
	if (namespace)
		*namespace = READ(ns->ns.inum);
	return READ(last->nr);
}

INLINE struct kernfs_node *parent_of(struct kernfs_node *node)
{
	if (!node)
		return 0;
	if (FIELD_EXISTS(((struct kernfs_node *)0)->__parent))
		return node->__parent;
	return ((struct kernfs_node___6_14 *)node)->parent;
}

INLINE struct kernfs_node *node_of(struct cgroup *group)
{
	return group ? group->kn : 0;
}

#define CONTROLLER(name)                                                              \
	if (!found && ENUM_EXISTS(enum cgroup_subsys_id, name)) {                     \
		struct cgroup_subsys_state **states = (void *)&groups->subsys;        \
		struct cgroup_subsys_state *state = states[ENUM_VALUE(enum cgroup_subsys_id, name)]; \
		struct cgroup *group = state ? state->cgroup : 0;                     \
		struct cgroup_root *root = group ? group->root : 0;                   \
		*hierarchy = root ? root->hierarchy_id : 0;                           \
		if (!*hierarchy)                                                      \
			return groups->dfl_cgrp;                                      \
		if (parent_of(node_of(group)))                                        \
			found = group;                                                \
	}

/* The cgroups of a task. At each load of a pointer by one that it trusts, the verifier looks for a name in all of the kernel's
 * types, up to four times: a millisecond. It trusts these no more. */
INLINE struct css_set *groups_of(struct task_struct *task)
{
	struct css_set *groups = task->cgroups;
	return casts() ? KNOWN(struct css_set, groups) : groups;
}

/* The cgroup that says most: on hosts with v1 controllers that of the first which is not at its root,
 * else that of v2. */
INLINE struct cgroup *cgroup_of(struct task_struct *task, u32 *hierarchy)
{
	struct css_set *groups = groups_of(task);
	struct cgroup *found = 0;
	if (!groups)
		return 0;
	CONTROLLER(pids_cgrp_id)
	CONTROLLER(memory_cgrp_id)
	CONTROLLER(cpu_cgrp_id)
	CONTROLLER(devices_cgrp_id)
	if (found)
		return found;
	*hierarchy = 0;
	return groups->dfl_cgrp;
}

INLINE u32 is_at_root(struct task_struct *task)
{
	u32 hierarchy = 0;
	struct cgroup *group = cgroup_of(task, &hierarchy);
	return !parent_of(node_of(group));
}

INLINE void begin(struct scratch *s, struct task_struct *task, enum kind kind, enum origin origin)
{
	struct record_header *head = header_of(s);
	struct task_struct *leader = task->group_leader, *parent = task->real_parent;
	struct task_struct *parent_leader = parent->group_leader;
	head->version = ABI_VERSION;
	head->kind = kind;
	head->time = time_since_boot();
	head->cpu = processor();
	head->lane = s->plan.lane;
	head->origin = origin;
	head->flags = 0;
	head->call = -1;
	head->process = task->tgid;
	head->thread = task->pid;
	head->parent = parent->tgid;
	struct pid *pid = task->thread_pid;
	head->inner_thread = inner_number(pid, head->thread, &head->pid_namespace);
	if (head->thread == head->process)
		head->inner_process = head->inner_thread;
	else
		head->inner_process = inner_number(leader->thread_pid, head->process, 0);
	head->started = leader->start_boottime;
	head->parent_started = parent_leader->start_boottime;
	struct cgroup *group = cgroup_of(task, &head->hierarchy);
	struct kernfs_node *node = node_of(group);
	head->cgroup = node ? node->id : 0;
	if (!parent_of(node))
		head->flags |= RECORD_AT_ROOT;
	head->mount_namespace = task->nsproxy->mnt_ns->ns.inum;
	struct cred *cred = task->cred;
	head->user = cred->uid.val;
	head->effective_user = cred->euid.val;
	head->group = cred->gid.val;
	head->result = 0;
	u64 *name = (void *)head->name, *comm = (void *)task->comm;
	name[0] = comm[0];
	name[1] = comm[1];
	s->size = sizeof(*head);
	s->step = 0;
	s->texts = 0;
	s->last_length = 0;
	s->walked = 0;
	s->looked_at = 0;
	s->relative = 0;
	s->name_service = 0;
	s->messages = 0;
	s->entry = 0;
	s->file = 0;
	s->slot = 0;
}

INLINE void add_identity(struct scratch *s, struct task_struct *task)
{
	struct credentials_part *who = add_part(s, TAG_CREDENTIALS, ROLE_NONE, 0, sizeof(*who));
	if (who) {
		struct cred *cred = task->cred;
		who->user = cred->uid.val;
		who->group = cred->gid.val;
		who->effective_user = cred->euid.val;
		who->effective_group = cred->egid.val;
		who->saved_user = cred->suid.val;
		who->saved_group = cred->sgid.val;
		who->filesystem_user = cred->fsuid.val;
		who->filesystem_group = cred->fsgid.val;
		/* Two numbers of four bytes before Linux 6.3: the same bytes. */
		who->inheritable = *(u64 *)&cred->cap_inheritable;
		who->permitted = *(u64 *)&cred->cap_permitted;
		who->effective = *(u64 *)&cred->cap_effective;
		who->bounding = *(u64 *)&cred->cap_bset;
		who->ambient = *(u64 *)&cred->cap_ambient;
		who->secure_bits = cred->securebits;
		who->login_user = FIELD_EXISTS(task->loginuid) ? task->loginuid.val : ~0u;
		who->login_session = FIELD_EXISTS(task->sessionid) ? task->sessionid : ~0u;
		who->user_namespace = cred->user_ns->ns.inum;
	}
	struct namespaces_part *sees = add_part(s, TAG_NAMESPACES, ROLE_NONE, 0, sizeof(*sees));
	if (sees) {
		struct nsproxy *all = task->nsproxy;
		sees->cgroup = all->cgroup_ns->ns.inum;
		sees->ipc = all->ipc_ns->ns.inum;
		sees->mount = all->mnt_ns->ns.inum;
		sees->net = all->net_ns->ns.inum;
		sees->pid = header_of(s)->pid_namespace;
		sees->pid_for_children = all->pid_ns_for_children->ns.inum;
		sees->time = all->time_ns->ns.inum;
		sees->time_for_children = all->time_ns_for_children->ns.inum;
		sees->user = task->cred->user_ns->ns.inum;
		sees->uts = all->uts_ns->ns.inum;
	}
}

/* Who is in a namespace in between may name this process by its number there. Those that lie deeper than there is room
 * for are left out. */
INLINE void add_numbers(struct scratch *s, struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	u32 own = pid->level;
	if (own < 2)
		return;
	struct numbers_part *part = add_part(s, TAG_NUMBERS, ROLE_NONE, 0, sizeof(*part));
	if (!part)
		return;
	for (u32 which = 0; which < NAMESPACES_BETWEEN; which++) {
		struct upid *there = number_at(pid, which + 1);
		part->namespaces[which] = part->numbers[which] = 0;
		if (which + 1 >= own)
			continue;
		struct pid_namespace *namespace = READ(there->ns);
		part->namespaces[which] = READ(namespace->ns.inum);
		part->numbers[which] = READ(there->nr);
	}
}

enum { PROCESS_GROUP = 2, SESSION = 3 };

INLINE u32 outer_number(struct pid *pid)
{
	return number_at(pid, 0)->nr;
}

INLINE void add_process(struct scratch *s, struct task_struct *task)
{
	struct process_part *part = add_part(s, TAG_PROCESS, ROLE_NONE, 0, sizeof(*part));
	if (!part)
		return;
	struct signal_struct *signal = task->signal;
	struct pid *session = signal->pids[SESSION], *group = signal->pids[PROCESS_GROUP];
	part->session = outer_number(session);
	part->group = outer_number(group);
	part->inner_session = inner_number(session, part->session, 0);
	part->inner_group = inner_number(group, part->group, 0);
	/* As this process sees it: its number at this process's own level, 0 where it has none there. */
	struct pid *parent = task->real_parent->group_leader->thread_pid;
	u32 level = task->thread_pid->level;
	part->inner_parent = parent->level < level ? 0 : READ(number_at(parent, level)->nr);
	part->terminal = 0;
	struct tty_struct *terminal = signal->tty;
	if (terminal) {
		struct tty_driver *driver = terminal->driver;
		u32 minor = driver->minor_start + terminal->index;
		part->terminal = driver->major << 20 | minor;
	}
	part->threads = signal->nr_threads;
	part->flags = task->flags;
}

/* Prepends names from a node of the cgroup tree up to its root. */
INLINE void add_cgroup(struct scratch *s, struct cgroup *group, u8 role, u32 which)
{
	u8 *room = map_lookup(&paths, &which);
	if (!room)
		return;
	s->walked = 0;
	struct kernfs_node *node = node_of(group);
	u32 at = PATH_LIMIT;
	u8 flags = PART_RESOLVED;
	for (int depth = 0; depth < 32; depth++) {
		struct kernfs_node *parent = parent_of(node);
		if (!parent)
			break;
		const char *name = node->name;
		/* A name's length is known only once it is read: behind the room's end first. */
		long length = read_kernel_text(&room[PATH_LIMIT], NAME_LIMIT, name);
		if (length < 2 || length > NAME_LIMIT || at < length) {
			flags |= PART_TRUNCATED;
			break;
		}
		at -= length;
		u32 place = at & (PATH_LIMIT - 1);
		room[place] = '/';
		u32 rest = (u32)(length - 1) & (NAME_LIMIT - 1);
		read_kernel(&room[place + 1], rest, &room[PATH_LIMIT]);
		node = parent;
	}
	/* Deeper than was looked: the outermost names are missing. */
	if (parent_of(node))
		flags |= PART_TRUNCATED;
	add_bytes(s, TAG_TEXT, role, flags, &room[at & (2 * PATH_LIMIT - 1)], PATH_LIMIT - at, FROM_KERNEL);
}

INLINE void add_cgroups(struct scratch *s, struct task_struct *task, u32 which)
{
	struct css_set *groups = groups_of(task);
	if (groups)
		add_cgroup(s, groups->dfl_cgrp, ROLE_CGROUP_UNIFIED, which);
	u32 hierarchy = 0;
	struct cgroup *group = cgroup_of(task, &hierarchy);
	if (hierarchy)
		add_cgroup(s, group, ROLE_CGROUP_LEGACY, which);
}

