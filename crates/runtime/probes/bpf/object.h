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
	struct fdtable *table = READ(files->fdt);
	if (descriptor >= READ(table->max_fds))
		return 0;
	struct file **slots = READ(table->fd);
	struct file *file = 0;
	read_kernel(&file, sizeof(file), &slots[descriptor]);
	return file;
}

/* Puts the path of a dentry on a mount, up to the root of the mount namespace, at the end of the room for paths:
 * bpf_d_path is not allowed in programs on tracepoints. */
GLOBAL int walk(struct scratch *s, u64 dentry_at, u64 mount_at, u32 which)
{
	struct dentry *dentry = (void *)dentry_at;
	struct mount *mount = (void *)(mount_at - __builtin_preserve_field_info(((struct mount *)0)->mnt, 0));
	which &= 1;
	u8 *room = map_lookup(&paths, &which);
	if (!s || !room || (s->walked == dentry_at && s->walked_mount == mount_at))
		return 0;
	u32 flags = 0, done = 0;
	struct dentry *top = READ(mount->mnt.mnt_root), *parent = READ(dentry->d_parent);
	if (dentry != parent && !READ(dentry->d_hash.pprev))
		flags |= PART_UNLINKED;
	s->path_start = PATH_LIMIT;
	s->last_component = 0;
	for (int depth = 0; depth < 128; depth++) {
		parent = READ(dentry->d_parent);
		if (dentry == top || dentry == parent) {
			struct mount *below = READ(mount->mnt_parent);
			if (below == mount || dentry != top) {
				done = 1;
				break;
			}
			dentry = READ(mount->mnt_mountpoint);
			mount = below;
			top = READ(mount->mnt.mnt_root);
			continue;
		}
		u32 length = READ(dentry->d_name.len) & (NAME_LIMIT - 1);
		u32 at = s->path_start - length - 1;
		if (at > PATH_LIMIT)
			break;
		if (s->path_start == PATH_LIMIT)
			s->last_component = length;
		s->path_start = at;
		at &= PATH_LIMIT - 1;
		room[at] = '/';
		read_kernel(&room[at + 1], length, READ(dentry->d_name.name));
		dentry = parent;
	}
	if (!done)
		flags |= PART_TRUNCATED;
	/* Nothing but a root: "/" of a mount, "memfd:…" and the like of file systems without folders. */
	if (s->path_start == PATH_LIMIT) {
		u32 length = READ(dentry->d_name.len) & (NAME_LIMIT - 1), at = PATH_LIMIT - length;
		read_kernel(&room[at & (PATH_LIMIT - 1)], length, READ(dentry->d_name.name));
		s->path_start = at;
	}
	s->path_flags = flags;
	s->walked = dentry_at;
	s->walked_mount = mount_at;
	return 0;
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
	u64 capabilities = 0;
	read_kernel(&capabilities, 8, &cred->cap_effective);
	if (capabilities & 1 << CAP_DAC_OVERRIDE)
		return 1;
	if (cred->fsuid.val == owner)
		return !!(mode & 0200);
	if (cred->fsgid.val == group)
		return !!(mode & 0020);
	return !!(mode & 0002);
}

INLINE void add_times(struct file_part *part, struct inode *inode)
{
	if (FIELD_EXISTS(inode->i_mtime_sec)) {
		part->modified = READ(inode->i_mtime_sec) * 1000000000 + READ(inode->i_mtime_nsec);
		part->changed = READ(inode->i_ctime_sec) * 1000000000 + READ(inode->i_ctime_nsec);
		return;
	}
	struct inode___6_10 *older = (void *)inode;
	struct inode___6_5 *oldest = (void *)inode;
	if (FIELD_EXISTS(older->__i_ctime))
		part->changed = READ(older->__i_ctime.tv_sec) * 1000000000 + READ(older->__i_ctime.tv_nsec);
	else
		part->changed = READ(oldest->i_ctime.tv_sec) * 1000000000 + READ(oldest->i_ctime.tv_nsec);
	if (FIELD_EXISTS(older->__i_mtime))
		part->modified = READ(older->__i_mtime.tv_sec) * 1000000000 + READ(older->__i_mtime.tv_nsec);
	else
		part->modified = READ(oldest->i_mtime.tv_sec) * 1000000000 + READ(oldest->i_mtime.tv_nsec);
}

INLINE void add_file(struct scratch *s, struct task_struct *task, struct file *file, s32 descriptor, u8 role,
		     u32 which)
{
	struct inode *inode = READ(file->f_inode);
	struct super_block *on = READ(inode->i_sb);
	struct dentry *dentry = READ(file->f_path.dentry);
	struct file_part *part = add_part(s, TAG_FILE, role, 0, sizeof(*part));
	if (!part)
		return;
	part->inode = READ(inode->i_ino);
	part->size = READ(inode->i_size);
	add_times(part, inode);
	part->filesystem = READ(on->s_magic);
	part->device = READ(on->s_dev);
	part->mode = READ(inode->i_mode);
	part->links = READ(inode->i_nlink);
	part->owner = READ(inode->i_uid.val);
	part->group = READ(inode->i_gid.val);
	part->open_flags = READ(file->f_flags);
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
	add_path(s, (u64)dentry, (u64)READ(file->f_path.mnt), path_request(role, 0, which));
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
	struct socket *socket = READ(file->private_data);
	struct sock *sock = READ(socket->sk);
	struct socket_part *part = add_part(s, TAG_SOCKET, role, 0, sizeof(*part));
	if (!part)
		return 0;
	part->inode = READ(inode->i_ino);
	part->descriptor = descriptor;
	part->family = READ(sock->__sk_common.skc_family);
	part->type = READ(sock->sk_type);
	part->protocol = READ(sock->sk_protocol);
	part->state = READ(sock->__sk_common.skc_state);
	part->local_port = 0;
	part->remote_port = 0;
	__builtin_memset(part->local, 0, sizeof(part->local) + sizeof(part->remote));
	struct net *net = READ(sock->__sk_common.skc_net.net);
	part->net_namespace = READ(net->ns.inum);
	part->owner = READ(sock->sk_uid.val);
	part->connected = 0;
	if (part->family == FAMILY_INET || part->family == FAMILY_INET6) {
		part->local_port = READ(sock->__sk_common.skc_num);
		part->remote_port = __builtin_bswap16(READ(sock->__sk_common.skc_dport));
		part->connected = part->remote_port != 0;
		note_port(s, part->local_port);
		note_port(s, part->remote_port);
	}
	if (part->family == FAMILY_INET) {
		*(u32 *)part->local = READ(sock->__sk_common.skc_rcv_saddr);
		*(u32 *)part->remote = READ(sock->__sk_common.skc_daddr);
	} else if (part->family == FAMILY_INET6) {
		read_kernel(part->local, 16, &sock->__sk_common.skc_v6_rcv_saddr);
		read_kernel(part->remote, 16, &sock->__sk_common.skc_v6_daddr);
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
	struct inode *inode = READ(file->f_inode);
	struct super_block *on = READ(inode->i_sb);
	if ((READ(inode->i_mode) & TYPE_MASK) == TYPE_SOCKET && READ(on->s_magic) == SOCKET_FILES)
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
	add_path(s, (u64)READ(places->pwd.dentry), (u64)READ(places->pwd.mnt),
		 path_request(ROLE_WORKING_DIRECTORY, 0, which));
	add_path(s, (u64)READ(places->root.dentry), (u64)READ(places->root.mnt),
		 path_request(ROLE_ROOT, 0, which));
}
