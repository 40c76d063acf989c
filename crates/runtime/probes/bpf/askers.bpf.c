/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Who was connected to a name server before that was of interest to anybody. */
#include "askers.h"

#define TYPE_OF_FILE 0170000
#define IS_SOCKET 0140000
#define INTERNET 2
#define INTERNET6 10

SEC("iter/task_file") int every_asker(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	if (!task || !file || (READ(file->f_inode->i_mode) & TYPE_OF_FILE) != IS_SOCKET)
		return 0;
	struct socket *socket = READ(file->private_data);
	struct sock *sock = READ(socket->sk);
	u16 family = READ(sock->__sk_common.skc_family);
	if ((family == INTERNET || family == INTERNET6) &&
	    READ(sock->__sk_common.skc_dport) == __builtin_bswap16(NAME_SERVICE_PORT))
		note_asker(task->tgid);
	return 0;
}
