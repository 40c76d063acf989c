/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What descriptors stand for: files with their paths, sockets with both ends. */
#pragma once

#include "task.h"

#define SOCKET_FILES 0x534f434b
#define OVERLAY_FILES 0x794c7630
#define TEMPORARY_FILES 0x01021994
#define TYPE_MASK 0170000
#define TYPE_SOCKET 0140000
#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define FAMILY_INET6 10
#define CAP_DAC_OVERRIDE 1
#define CONNECTING -115 /* EINPROGRESS */

INLINE struct file *file_of(struct task_struct *task, u32 descriptor)
{
	struct files_struct *files = task->files;
	if (!files || descriptor >= files->fdt->max_fds)
		return 0;
	struct file **slots = files->fdt->fd;
	struct file *file = 0;
	read_kernel(&file, sizeof(file), &slots[descriptor]);
	return file;
}

/* Reads the heads of a file, its inode and its file system, where they are not of that file already. */
INLINE void look_at(struct scratch *s, struct file *file)
{
	if (s->looked_at == (u64)file)
		return;
	s->looked_at = (u64)file;
	READ_HEAD(&s->of_file, file);
	struct inode *inode = TAKE(&s->of_file, file->f_inode);
	READ_HEAD(&s->of_inode, inode);
	READ_HEAD(&s->of_filesystem, TAKE(&s->of_inode, inode->i_sb));
}

INLINE struct inode *inode_of(struct scratch *s, struct file *file)
{
	return TAKE(&s->of_file, file->f_inode);
}

/* The magic number of the file system that a file lies on which was looked at. */
INLINE u64 magic_of(struct scratch *s, struct file *file)
{
	struct super_block *on = TAKE(&s->of_inode, inode_of(s, file)->i_sb);
	return TAKE(&s->of_filesystem, on->s_magic);
}

#define SHORT_NAME 40 /* DNAME_INLINE_LEN: such a name lies inside of its dentry */

/* Puts the name of a dentry whose head was read at a place in the room for paths, and a slash before it. A short name
 * is in that head already. It is moved by words from its end, so that what is moved too much lies before the name. */
INLINE void put_name(struct scratch *s, struct dentry *dentry, u8 *room, u32 at, u32 length)
{
	const u8 *name = TAKE(&s->of_dentry, dentry->d_name.name);
	u64 inside = (u64)name - (u64)dentry;
	u32 from = inside + length, to = at + length;
	if (inside >= sizeof(u64) && inside < HEAD_BYTES && from <= HEAD_BYTES && at > sizeof(u64) &&
	    length <= SHORT_NAME) {
		for (u32 moved = 0; moved < SHORT_NAME && moved < length; moved += sizeof(u64)) {
			from -= sizeof(u64);
			to -= sizeof(u64);
			OPAQUE(from);
			if (from <= HEAD_BYTES - sizeof(u64))
				*(u64 *)&room[to & (PATH_LIMIT - 1)] = *(u64 *)&s->of_dentry.bytes[from];
		}
	} else {
		read_kernel(&room[at & (PATH_LIMIT - 1)], length, name);
	}
	room[(at - 1) & (PATH_LIMIT - 1)] = '/';
}

/* A walk from a dentry up to the root of the mount namespace. */
struct walker {
	struct scratch *s;
	u8 *room;
};

/* One step up: past a name, or from the root of a mount to where that lies. */
static GLOBAL long ascend(u64 number, struct walker *walker)
{
	(void)number;
	struct scratch *s = walker->s;
	struct way *way = &s->way;
	struct dentry *dentry = way->dentry;
	if (dentry == way->top || dentry == way->parent) {
		struct mount *mount = way->mount, *below = TAKE(&s->of_mount, mount->mnt_parent);
		if (below == mount || dentry != way->top) {
			way->is_done = 1;
			return 1;
		}
		dentry = TAKE(&s->of_mount, mount->mnt_mountpoint);
		READ_HEAD(&s->of_mount, below);
		way->mount = below;
		way->top = TAKE(&s->of_mount, below->mnt.mnt_root);
	} else {
		u32 length = TAKE(&s->of_dentry, dentry->d_name.len) & (NAME_LIMIT - 1);
		u32 at = s->path_start - length - 1;
		if (at > PATH_LIMIT)
			return 1;
		if (s->path_start == PATH_LIMIT)
			s->last_component = length;
		s->path_start = at;
		put_name(s, dentry, walker->room, at + 1, length);
		dentry = way->parent;
	}
	/* The root of a mount has no name there. */
	if (dentry != way->top) {
		READ_HEAD(&s->of_dentry, dentry);
		way->parent = TAKE(&s->of_dentry, dentry->d_parent);
	}
	way->dentry = dentry;
	return 0;
}

#define STEPS_UP 128

/* Puts the path of a dentry on a mount, up to the root of the mount namespace, at the end of the room for paths:
 * bpf_d_path is not allowed in programs on tracepoints. */
GLOBAL int walk(struct scratch *s, u64 dentry_at, u64 mount_at, u32 which)
{
	struct dentry *dentry = (void *)dentry_at;
	struct mount *mount = (void *)(mount_at - FIELD_OFFSET(((struct mount *)0)->mnt));
	which &= 1;
	u8 *room = map_lookup(&paths, &which);
	if (!s || !room || (s->walked == dentry_at && s->walked_mount == mount_at))
		return 0;
	u32 flags = 0;
	READ_HEAD(&s->of_mount, mount);
	READ_HEAD(&s->of_dentry, dentry);
	struct walker walker = {.s = s, .room = room};
	struct way *way = &s->way;
	way->dentry = dentry;
	way->parent = TAKE(&s->of_dentry, dentry->d_parent);
	way->mount = mount;
	way->top = TAKE(&s->of_mount, mount->mnt.mnt_root);
	way->is_done = 0;
	if (dentry != way->parent && !TAKE(&s->of_dentry, dentry->d_hash.pprev))
		flags |= PART_UNLINKED;
	s->path_start = PATH_LIMIT;
	s->last_component = 0;
	loop(STEPS_UP, ascend, &walker, 0);
	if (!way->is_done)
		flags |= PART_TRUNCATED;
	/* Nothing but a root: "/" of a mount, "memfd:…" and the like of file systems without folders. */
	if (s->path_start == PATH_LIMIT) {
		dentry = way->dentry;
		READ_HEAD(&s->of_dentry, dentry);
		u32 length = TAKE(&s->of_dentry, dentry->d_name.len) & (NAME_LIMIT - 1), at = PATH_LIMIT - length;
		put_name(s, dentry, room, at, length);
		s->path_start = at;
	}
	s->path_flags = flags;
	s->walked = dentry_at;
	s->walked_mount = mount_at;
	return 0;
}

/* A pointer that the verifier knows, as a number, which alone functions are given that are verified on their own. */
INLINE u64 number_of(struct scratch *s, void *pointer)
{
	volatile u64 *place = &s->pointer;
	*place = (u64)pointer;
	return *place;
}

/* A path as a part. The rest is `which << 16 | flags << 8 | role`. */
GLOBAL int add_path(struct scratch *s, u64 dentry, u64 mount, u32 rest)
{
	u32 which = rest >> 16 & 1;
	u8 *room = map_lookup(&paths, &which);
	if (!s || !room || !dentry)
		return 0;
	walk(s, dentry, mount, which);
	u32 at = s->path_start;
	u8 flags = PART_RESOLVED | rest >> 8 | s->path_flags;
	add_bytes(s, TAG_TEXT, rest & 255, flags, &room[at & (2 * PATH_LIMIT - 1)], PATH_LIMIT - at, FROM_KERNEL);
	return 0;
}

INLINE u32 path_request(u8 role, u8 flags, u32 which)
{
	return which << 16 | (u32)flags << 8 | role;
}

/* Whether the caller may write a file, by what its inode says. */
INLINE u32 may_write(struct cred *cred, u16 mode, u32 owner, u32 group)
{
	if (*(u64 *)&cred->cap_effective & 1 << CAP_DAC_OVERRIDE)
		return 1;
	if (cred->fsuid.val == owner)
		return !!(mode & 0200);
	if (cred->fsgid.val == group)
		return !!(mode & 0020);
	return !!(mode & 0002);
}

INLINE void add_times(struct scratch *s, struct file_part *part, struct inode *inode)
{
	struct head *head = &s->of_inode;
	if (FIELD_EXISTS(inode->i_mtime_sec)) {
		part->modified = TAKE(head, inode->i_mtime_sec) * 1000000000 + TAKE(head, inode->i_mtime_nsec);
		part->changed = TAKE(head, inode->i_ctime_sec) * 1000000000 + TAKE(head, inode->i_ctime_nsec);
		return;
	}
	struct inode___6_10 *older = (void *)inode;
	struct inode___6_5 *oldest = (void *)inode;
	if (FIELD_EXISTS(older->__i_ctime))
		part->changed = TAKE(head, older->__i_ctime.tv_sec) * 1000000000 + TAKE(head, older->__i_ctime.tv_nsec);
	else
		part->changed = TAKE(head, oldest->i_ctime.tv_sec) * 1000000000 + TAKE(head, oldest->i_ctime.tv_nsec);
	if (FIELD_EXISTS(older->__i_mtime))
		part->modified = TAKE(head, older->__i_mtime.tv_sec) * 1000000000 + TAKE(head, older->__i_mtime.tv_nsec);
	else
		part->modified = TAKE(head, oldest->i_mtime.tv_sec) * 1000000000 + TAKE(head, oldest->i_mtime.tv_nsec);
}

INLINE void add_file(struct scratch *s, struct task_struct *task, struct file *file, s32 descriptor, u8 role,
		     u32 which)
{
	look_at(s, file);
	struct inode *inode = inode_of(s, file);
	struct super_block *on = TAKE(&s->of_inode, inode->i_sb);
	struct dentry *dentry = TAKE(&s->of_file, file->f_path.dentry);
	struct file_part *part = add_part(s, TAG_FILE, role, 0, sizeof(*part));
	if (!part)
		return;
	part->inode = TAKE(&s->of_inode, inode->i_ino);
	part->size = TAKE(&s->of_inode, inode->i_size);
	add_times(s, part, inode);
	part->filesystem = TAKE(&s->of_filesystem, on->s_magic);
	part->device = TAKE(&s->of_filesystem, on->s_dev);
	part->mode = TAKE(&s->of_inode, inode->i_mode);
	part->links = TAKE(&s->of_inode, inode->i_nlink);
	part->owner = TAKE(&s->of_inode, inode->i_uid.val);
	part->group = TAKE(&s->of_inode, inode->i_gid.val);
	part->open_flags = TAKE(&s->of_file, file->f_flags);
	part->descriptor = descriptor;
	part->attributes = 0;
	if (part->filesystem == OVERLAY_FILES) {
		part->attributes |= FILE_OVERLAY;
		/* overlayfs, a module on many kernels, keeps the writable layer's dentry right behind the inode. */
		void *upper = 0;
		read_kernel(&upper, sizeof(upper), (void *)inode + TYPE_SIZE(struct inode));
		if (upper)
			part->attributes |= FILE_UPPER;
	}
	if (part->filesystem == TEMPORARY_FILES && READ(dentry->d_parent) == dentry && !part->links)
		part->attributes |= FILE_MEMORY;
	if (may_write(task->cred, part->mode, part->owner, part->group))
		part->attributes |= FILE_WRITABLE;
	add_path(s, (u64)dentry, (u64)TAKE(&s->of_file, file->f_path.mnt), path_request(role, 0, which));
}

INLINE void note_port(struct scratch *s, u16 port)
{
	if (port == NAME_SERVICE_PORT)
		s->name_service = 1;
}

/* The name of one end of a Unix socket. */
INLINE void add_unix_name(struct scratch *s, struct unix_sock *sock, u8 role, u8 flags)
{
	struct unix_address *address = READ(sock->addr);
	u32 length = READ(address->len);
	if (address && length > 2 && length <= sizeof(struct sockaddr_un))
		add_bytes(s, TAG_TEXT, role, flags | PART_RESOLVED, (void *)&address->name + 2, length - 2, FROM_KERNEL);
}

INLINE struct socket_part *add_socket(struct scratch *s, struct file *file, struct inode *inode, s32 descriptor,
				      u8 role)
{
	struct socket *socket = TAKE(&s->of_file, file->private_data);
	struct sock *sock = READ(socket->sk);
	struct head *head = &s->of_sock;
	READ_HEAD(head, sock);
	struct socket_part *part = add_part(s, TAG_SOCKET, role, 0, sizeof(*part));
	if (!part)
		return 0;
	part->inode = TAKE(&s->of_inode, inode->i_ino);
	part->descriptor = descriptor;
	part->family = TAKE(head, sock->__sk_common.skc_family);
	part->type = READ(sock->sk_type);
	part->protocol = READ(sock->sk_protocol);
	part->state = TAKE(head, sock->__sk_common.skc_state);
	part->local_port = 0;
	part->remote_port = 0;
	__builtin_memset(part->local, 0, sizeof(part->local) + sizeof(part->remote));
	struct net *net = TAKE(head, sock->__sk_common.skc_net.net);
	part->net_namespace = READ(net->ns.inum);
	part->owner = READ(sock->sk_uid.val);
	part->connected = 0;
	if (part->family == FAMILY_INET || part->family == FAMILY_INET6) {
		part->local_port = TAKE(head, sock->__sk_common.skc_num);
		part->remote_port = __builtin_bswap16(TAKE(head, sock->__sk_common.skc_dport));
		part->connected = part->remote_port != 0;
		note_port(s, part->local_port);
		note_port(s, part->remote_port);
	}
	if (part->family == FAMILY_INET) {
		*(u32 *)part->local = TAKE(head, sock->__sk_common.skc_rcv_saddr);
		*(u32 *)part->remote = TAKE(head, sock->__sk_common.skc_daddr);
	} else if (part->family == FAMILY_INET6) {
		*(struct in6_addr *)part->local = TAKE(head, sock->__sk_common.skc_v6_rcv_saddr);
		*(struct in6_addr *)part->remote = TAKE(head, sock->__sk_common.skc_v6_daddr);
	} else if (part->family == FAMILY_UNIX) {
		struct unix_sock *end = (void *)sock;
		struct unix_sock *peer = (void *)READ(end->peer);
		part->connected = peer != 0;
		add_unix_name(s, end, role, 0);
		if (peer)
			add_unix_name(s, peer, role, PART_PEER);
	}
	return part;
}

/* Returns the part of a socket, so that its ends can be held against others. */
INLINE struct socket_part *add_object(struct scratch *s, struct task_struct *task, struct file *file,
				      s32 descriptor, u8 role, u32 which)
{
	look_at(s, file);
	struct inode *inode = inode_of(s, file);
	if ((TAKE(&s->of_inode, inode->i_mode) & TYPE_MASK) == TYPE_SOCKET && magic_of(s, file) == SOCKET_FILES)
		return add_socket(s, file, inode, descriptor, role);
	add_file(s, task, file, descriptor, role, which);
	return 0;
}

/* Where relative and absolute paths start. */
INLINE void add_places(struct scratch *s, struct task_struct *task, u32 which)
{
	struct fs_struct *places = task->fs;
	if (!places)
		return;
	add_path(s, number_of(s, places->pwd.dentry), number_of(s, places->pwd.mnt),
		 path_request(ROLE_WORKING_DIRECTORY, 0, which));
	add_path(s, number_of(s, places->root.dentry), number_of(s, places->root.mnt),
		 path_request(ROLE_ROOT, 0, which));
}
