/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Numbers by their size, and of the kernel's structures the fields that the programs read. Where the
 * kernel at hand has a field elsewhere, the loader moves the access there (CO-RE); what a kernel may not
 * have is asked for by FIELD_EXISTS. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	u32 val;
} kuid_t;
typedef struct {
	u32 val;
} kgid_t;

struct ns_common {
	u32 inum;
};
struct uts_namespace {
	struct ns_common ns;
};
struct ipc_namespace {
	struct ns_common ns;
};
struct mnt_namespace {
	struct ns_common ns;
	u64 event; /* grows with each change of what is mounted where */
};
struct cgroup_namespace {
	struct ns_common ns;
};
struct time_namespace {
	struct ns_common ns;
};
struct user_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};
struct pid_namespace {
	u32 level;
	struct ns_common ns;
};
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};

struct upid {
	s32 nr;
	struct pid_namespace *ns;
};
struct pid {
	u32 level;
	struct upid numbers[1];
};

typedef struct {
	u64 val;
} kernel_cap_t;
struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	u32 securebits;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	kernel_cap_t cap_bset;
	kernel_cap_t cap_ambient;
	struct user_namespace *user_ns;
};

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
};
struct inode {
	u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	u32 i_nlink;
	s64 i_size;
	s64 i_mtime_sec;
	s64 i_ctime_sec;
	u32 i_mtime_nsec;
	u32 i_ctime_nsec;
};
struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};
/* Before Linux 6.11, and before 6.6. */
struct inode___6_10 {
	struct timespec64 __i_mtime;
	struct timespec64 __i_ctime;
};
struct inode___6_5 {
	struct timespec64 i_mtime;
	struct timespec64 i_ctime;
};
struct qstr {
	u32 hash;
	u32 len;
	const u8 *name;
};
struct hlist_bl_node {
	void **pprev;
};
union shortname_store {
	u8 string[40];
};
struct seqcount {
	u32 sequence;
};
struct seqcount_spinlock {
	struct seqcount seqcount;
};
struct dentry {
	u32 d_flags;
	struct seqcount_spinlock d_seq;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	union shortname_store d_shortname;
	struct super_block *d_sb;
};
/* Before Linux 6.14. */
struct dentry___6_13 {
	u8 d_iname[32];
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	void *private_data;
	struct inode *f_inode;
	u32 f_flags;
	u32 f_mode;
	struct path f_path;
};
struct fdtable {
	u32 max_fds;
	struct file **fd;
};
#define DESCRIPTORS_AT_HAND 64 /* NR_OPEN_DEFAULT: those that lie in the table itself until there are more */
struct files_struct {
	struct fdtable *fdt;
	struct fdtable fdtab;
	struct file *fd_array[DESCRIPTORS_AT_HAND];
};
struct fs_struct {
	struct path root;
	struct path pwd;
};

struct in6_addr {
	u8 bytes[16];
};
typedef struct {
	struct net *net;
} possible_net_t;
struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
	kuid_t sk_uid;
};
struct ipv6_pinfo {
	s32 mcast_oif;
};
struct inet_sock {
	struct ipv6_pinfo *pinet6;
	s32 mc_index;
};
struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};
struct unix_address {
	s32 len;
	struct sockaddr_un name[1];
};
struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};
struct socket {
	struct sock *sk;
};

struct kernfs_node {
	struct kernfs_node *__parent;
	const char *name;
	u64 id;
};
/* Before Linux 6.15. */
struct kernfs_node___6_14 {
	struct kernfs_node *parent;
};
struct cgroup_root {
	s32 hierarchy_id;
};
struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
};
enum cgroup_subsys_id {
	cpuset_cgrp_id,
	cpu_cgrp_id,
	memory_cgrp_id,
	devices_cgrp_id,
	freezer_cgrp_id,
	pids_cgrp_id,
};
struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

struct tty_driver {
	s32 major;
	s32 minor_start;
};
struct tty_struct {
	s32 index;
	struct tty_driver *driver;
};
struct task_io_accounting {
	u64 read_bytes;
	u64 write_bytes;
};
typedef struct {
	s32 counter;
} atomic_t;
struct signal_struct {
	atomic_t live;
	s32 nr_threads;
	s32 group_exit_code;
	struct pid *pids[4]; /* of a thread, process, process group, session */
	struct tty_struct *tty;
	u64 utime;
	u64 stime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	unsigned long min_flt;
	unsigned long maj_flt;
	unsigned long maxrss;
	struct task_io_accounting ioac;
};
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct file *exe_file;
};
struct thread_info {
	u32 status;
};
struct task_struct {
	struct thread_info thread_info;
	u32 flags;
	struct mm_struct *mm;
	s32 exit_code;
	s32 pid;
	s32 tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 utime;
	u64 stime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	unsigned long min_flt;
	unsigned long maj_flt;
	u64 start_boottime;
	struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	u32 sessionid;
	struct task_io_accounting ioac;
	struct css_set *cgroups;
};
struct linux_binprm {
	struct file *file;
	const char *filename;
	const char *interp;
};

union __sifields {
	struct {
		s32 _pid;
	} _kill;
};
struct kernel_siginfo {
	s32 si_code;
	union __sifields _sifields;
};

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

struct filename {
	const char *name;
	const char *uptr;
};
struct delayed_filename {
	struct filename *__incomplete_filename;
};
struct io_cqe {
	s32 res;
	u32 flags;
	s32 fd;
};
struct io_kiocb {
	struct file *file;
	u8 opcode;
	u64 flags;
	struct io_cqe cqe;
};
struct pt_regs {};
struct open_how {
	u64 flags;
	u64 mode;
};
struct io_open {
	s32 dfd;
	u32 file_slot;
	struct filename *filename;
	struct open_how how;
};
/* As newer kernels have it, from 7.2 at the latest, as the next three that end so. */
struct io_open___delayed {
	struct delayed_filename filename;
};
struct io_rename {
	s32 old_dfd;
	s32 new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	s32 flags;
};
struct io_rename___delayed {
	struct delayed_filename oldpath;
	struct delayed_filename newpath;
};
struct io_unlink {
	s32 dfd;
	s32 flags;
	struct filename *filename;
};
struct io_unlink___delayed {
	struct delayed_filename filename;
};
struct io_mkdir {
	s32 dfd;
	u16 mode;
	struct filename *filename;
};
struct io_mkdir___delayed {
	struct delayed_filename filename;
};
struct io_socket {
	s32 domain;
	s32 type;
	s32 protocol;
	u32 file_slot;
};
struct io_accept {
	s32 flags;
	u32 file_slot;
};
struct io_listen {
	s32 backlog;
};
struct io_connect {
	void *addr;
	s32 addr_len;
};
struct io_sr_msg {
	void *buf;
	s32 len;
	u32 msg_flags;
};
struct io_rw {
	u64 addr;
	u32 len;
};

#pragma clang attribute pop

/* What a system call was given (struct pt_regs of x86_64, a layout that user space relies on). */
struct registers {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};
