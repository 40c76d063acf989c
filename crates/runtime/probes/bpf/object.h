/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What descriptors stand for: files with their paths, sockets with both ends. */
#pragma once

#include "path.h"

#define SOCKET_FILES 0x534f434b
#define OVERLAY_FILES 0x794c7630
#define TEMPORARY_FILES 0x01021994
#define TYPE_MASK 0170000
#define TYPE_SOCKET 0140000
#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define FAMILY_INET6 10
#define PROTOCOL_TCP 6
#define CAP_DAC_OVERRIDE 1
#define MADE_BY_OPENING 0x100000 /* FMODE_CREATED, since Linux 4.19 */
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

#define ONE_AT_HAND(number) \
	case number:        \
		return files->fd_array[number];
#define FOUR_AT_HAND(number)                        \
	ONE_AT_HAND(number) ONE_AT_HAND(number + 1) \
	ONE_AT_HAND(number + 2) ONE_AT_HAND(number + 3)
#define SIXTEEN_AT_HAND(number)                       \
	FOUR_AT_HAND(number) FOUR_AT_HAND(number + 4) \
	FOUR_AT_HAND(number + 8) FOUR_AT_HAND(number + 12)

/* The same as something that the verifier knows, whose fields are loaded. Where the kernel casts nothing, of the first
 * descriptors of a process that never had more: from an array that it knows the verifier lets programs load at constants
 * only, so that each descriptor is a branch of its own. */
INLINE struct file *known_file_in(struct files_struct *files, u32 descriptor)
{
	if (!files)
		return 0;
	struct fdtable *table = files->fdt;
	if (casts()) {
		struct timespec64 *slot = KNOWN(struct timespec64, &table->fd[descriptor]);
		return descriptor < table->max_fds ? KNOWN(struct file, slot->tv_sec) : 0;
	}
	if (files->fdt != &files->fdtab)
		return 0;
	switch (descriptor) {
		SIXTEEN_AT_HAND(0)
		SIXTEEN_AT_HAND(16)
		SIXTEEN_AT_HAND(32)
		SIXTEEN_AT_HAND(48)
	}
	return 0;
}

INLINE struct file *known_file_of(struct task_struct *task, u32 descriptor)
{
	return known_file_in(task->files, descriptor);
}

/* Reads the heads of a file, its inode and its file system, where they are not of that file already and are not
 * loaded. */
INLINE void look_at(struct scratch *s, struct file *file, u32 is_known)
{
	if (is_known || s->looked_at == (u64)file)
		return;
	s->looked_at = (u64)file;
	READ_HEAD(&s->of_file, file);
	struct inode *inode = TAKE(&s->of_file, file->f_inode);
	READ_HEAD(&s->of_inode, inode);
	READ_HEAD(&s->of_filesystem, TAKE(&s->of_inode, inode->i_sb));
}

INLINE struct inode *inode_of(struct scratch *s, struct file *file, u32 is_known)
{
	return FIELD(is_known, &s->of_file, file->f_inode);
}

/* The magic number of the file system that a file lies on which was looked at. */
INLINE u64 magic_of(struct scratch *s, struct inode *inode, u32 is_known)
{
	struct super_block *on = FIELD(is_known, &s->of_inode, inode->i_sb);
	return FIELD(is_known, &s->of_filesystem, on->s_magic);
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

INLINE void add_times(struct scratch *s, struct file_part *part, struct inode *inode, u32 is_known)
{
	struct head *head = &s->of_inode;
	if (FIELD_EXISTS(inode->i_mtime_sec)) {
		part->modified = FIELD(is_known, head, inode->i_mtime_sec) * 1000000000 + FIELD(is_known, head, inode->i_mtime_nsec);
		part->changed = FIELD(is_known, head, inode->i_ctime_sec) * 1000000000 + FIELD(is_known, head, inode->i_ctime_nsec);
		return;
	}
	struct inode___6_10 *older = (void *)inode;
	struct inode___6_5 *oldest = (void *)inode;
	if (FIELD_EXISTS(older->__i_ctime))
		part->changed = FIELD(is_known, head, older->__i_ctime.tv_sec) * 1000000000 + FIELD(is_known, head, older->__i_ctime.tv_nsec);
	else
		part->changed = FIELD(is_known, head, oldest->i_ctime.tv_sec) * 1000000000 + FIELD(is_known, head, oldest->i_ctime.tv_nsec);
	if (FIELD_EXISTS(older->__i_mtime))
		part->modified = FIELD(is_known, head, older->__i_mtime.tv_sec) * 1000000000 + FIELD(is_known, head, older->__i_mtime.tv_nsec);
	else
		part->modified = FIELD(is_known, head, oldest->i_mtime.tv_sec) * 1000000000 + FIELD(is_known, head, oldest->i_mtime.tv_nsec);
}

INLINE void add_file(struct scratch *s, struct task_struct *task, struct file *file, s32 descriptor, u8 role,
		     u32 which, u32 is_known)
{
	look_at(s, file, is_known);
	struct inode *inode = inode_of(s, file, is_known);
	struct super_block *on = FIELD(is_known, &s->of_inode, inode->i_sb);
	struct dentry *dentry = FIELD(is_known, &s->of_file, file->f_path.dentry);
	struct file_part *part = add_part(s, TAG_FILE, role, 0, sizeof(*part));
	if (!part)
		return;
	part->inode = FIELD(is_known, &s->of_inode, inode->i_ino);
	part->size = FIELD(is_known, &s->of_inode, inode->i_size);
	add_times(s, part, inode, is_known);
	part->filesystem = FIELD(is_known, &s->of_filesystem, on->s_magic);
	part->device = FIELD(is_known, &s->of_filesystem, on->s_dev);
	part->mode = FIELD(is_known, &s->of_inode, inode->i_mode);
	part->links = FIELD(is_known, &s->of_inode, inode->i_nlink);
	part->owner = FIELD(is_known, &s->of_inode, inode->i_uid.val);
	part->group = FIELD(is_known, &s->of_inode, inode->i_gid.val);
	part->open_flags = FIELD(is_known, &s->of_file, file->f_flags);
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
	if (FIELD(is_known, &s->of_file, file->f_mode) & MADE_BY_OPENING)
		part->attributes |= FILE_CREATED;
	s->open_flags = part->open_flags;
	if (is_known) {
		walk_known(s, task, file, which);
		add_walked(s, path_request(role, 0, which));
	} else {
		add_path(s, (u64)dentry, (u64)TAKE(&s->of_file, file->f_path.mnt), path_request(role, 0, which));
	}
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

/* Who asked for a connection of TCP: a socket that was accepted keeps by which interface it was asked where others have what
 * programs can choose for datagrams alone (tcp_v4_syn_recv_sock and tcp_v6_syn_recv_sock of the kernel, IP_MULTICAST_IF of
 * ip(7)). Nothing where the kernel keeps none. */
INLINE u8 who_asked(struct sock *sock, u16 family)
{
	struct inet_sock *socket = (void *)sock;
	struct ipv6_pinfo *six = 0;
	if (!FIELD_EXISTS(socket->mc_index))
		return 0;
	s32 interface = READ(socket->mc_index);
	if (!interface && family == FAMILY_INET6) {
		if (!FIELD_EXISTS(socket->pinet6) || !FIELD_EXISTS(six->mcast_oif))
			return 0;
		six = READ(socket->pinet6);
		interface = READ(six->mcast_oif);
	}
	return interface ? SOCKET_ANSWERED : SOCKET_CALLED;
}

INLINE struct socket_part *add_socket(struct scratch *s, struct file *file, struct inode *inode, s32 descriptor,
				      u8 role, u32 is_known)
{
	struct socket *socket = FIELD(is_known, &s->of_file, file->private_data);
	struct sock *sock = READ(socket->sk);
	struct head *head = &s->of_sock;
	READ_HEAD(head, sock);
	struct socket_part *part = add_part(s, TAG_SOCKET, role, 0, sizeof(*part));
	if (!part)
		return 0;
	part->inode = FIELD(is_known, &s->of_inode, inode->i_ino);
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
	part->attributes = 0;
	if (part->family == FAMILY_INET || part->family == FAMILY_INET6) {
		part->local_port = TAKE(head, sock->__sk_common.skc_num);
		part->remote_port = __builtin_bswap16(TAKE(head, sock->__sk_common.skc_dport));
		if (part->remote_port)
			part->attributes = SOCKET_CONNECTED;
		if (part->remote_port && part->protocol == PROTOCOL_TCP)
			part->attributes |= who_asked(sock, part->family);
		note_port(s, part->local_port);
		note_port(s, part->remote_port);
	}
	if (part->family == FAMILY_INET) {
		AS(u32, part->local) = TAKE(head, sock->__sk_common.skc_rcv_saddr);
		AS(u32, part->remote) = TAKE(head, sock->__sk_common.skc_daddr);
	} else if (part->family == FAMILY_INET6) {
		AS(struct in6_addr, part->local) = TAKE(head, sock->__sk_common.skc_v6_rcv_saddr);
		AS(struct in6_addr, part->remote) = TAKE(head, sock->__sk_common.skc_v6_daddr);
	} else if (part->family == FAMILY_UNIX) {
		struct unix_sock *end = (void *)sock;
		struct unix_sock *peer = (void *)READ(end->peer);
		part->attributes = peer ? SOCKET_CONNECTED : 0;
		add_unix_name(s, end, role, 0);
		if (peer)
			add_unix_name(s, peer, role, PART_PEER);
	}
	return part;
}

/* Returns the part of a socket, so that its ends can be held against others. */
INLINE struct socket_part *add_object(struct scratch *s, struct task_struct *task, struct file *file,
				      s32 descriptor, u8 role, u32 which, u32 is_known)
{
	look_at(s, file, is_known);
	struct inode *inode = inode_of(s, file, is_known);
	u32 type = FIELD(is_known, &s->of_inode, inode->i_mode) & TYPE_MASK;
	if (type == TYPE_SOCKET && magic_of(s, inode, is_known) == SOCKET_FILES)
		return add_socket(s, file, inode, descriptor, role, is_known);
	add_file(s, task, file, descriptor, role, which, is_known);
	return 0;
}

/* What a descriptor of the task stands for. */
INLINE struct socket_part *add_descriptor(struct scratch *s, struct task_struct *task, s32 descriptor, u8 role)
{
	struct file *known = known_file_of(task, descriptor);
	if (known)
		return add_object(s, task, known, descriptor, role, 0, 1);
	struct file *file = file_of(task, descriptor);
	return file ? add_object(s, task, file, descriptor, role, 0, 0) : 0;
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
