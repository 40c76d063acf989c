/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Who was connected to a name server, or was one, before that was of interest to anybody. */
#include "askers.h"
#include "object.h"

SEC("iter/task_file") int every_asker(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	if (!task || !file || (file->f_inode->i_mode & TYPE_MASK) != TYPE_SOCKET)
		return 0;
	struct socket *socket = file->private_data;
	struct sock *sock = READ(socket->sk);
	u16 family = READ(sock->__sk_common.skc_family);
	if ((family == FAMILY_INET || family == FAMILY_INET6) &&
	    (READ(sock->__sk_common.skc_dport) == __builtin_bswap16(NAME_SERVICE_PORT) ||
	     READ(sock->__sk_common.skc_num) == NAME_SERVICE_PORT))
		note_asker(task->tgid);
	return 0;
}
