/* Does what the tests of the probes want to see, each thing by its name. The system calls are made directly:
 * a library's way to do something changes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DO(call) do_or_die(#call, (long)(call))

static long do_or_die(const char *what, long result)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

#include "sockets.h"

static void files(char *folder)
{
	DO(chdir(folder));
	DO(syscall(SYS_openat, AT_FDCWD, "sub/../target", O_RDONLY));
	DO(syscall(SYS_symlink, "/etc/shadow", "symlink"));
	DO(syscall(SYS_link, "target", "hardlink"));
	DO(syscall(SYS_open, "symlink-to-target", O_RDONLY, 0));
	DO(syscall(SYS_rename, "hardlink", "renamed"));
	DO(syscall(SYS_chmod, "renamed", 04755));
	DO(syscall(SYS_unlink, "renamed"));
	int fd = DO(syscall(SYS_openat, AT_FDCWD, "written", O_CREAT | O_WRONLY, 0640));
	DO(syscall(SYS_write, fd, "these are the bytes", 19));
	syscall(SYS_openat, AT_FDCWD, "absent", O_RDONLY);
	close(fd);
}

static void *nothing(void *unused)
{
	pause();
	return unused;
}

#define LONG_NAME "a-name-that-is-too-long-to-lie-inside-of-the-entry-of-its-folder"
#define DEEP "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18"

static void open_each(const char *mounted, const char *renamed)
{
	char inside[64], within[64];
	snprintf(inside, sizeof(inside), "%s/inside", mounted);
	snprintf(within, sizeof(within), "%s/within", renamed);
	const char *names[] = {"target", LONG_NAME, DEEP, mounted, inside, within};
	for (unsigned which = 0; which < sizeof(names) / sizeof(*names); which++) {
		int fd = DO(syscall(SYS_openat, AT_FDCWD, names[which], O_RDONLY));
		/* Once more, when the way up was walked before. */
		DO(close(DO(syscall(SYS_openat, AT_FDCWD, names[which], O_RDONLY))));
		DO(close(fd));
	}
}

/* Has few descriptors from here on. A table is made smaller only where somebody else shares it. */
static void keep_few(void)
{
	pthread_t thread;
	DO(syscall(SYS_close_range, 3, ~0U, 0));
	DO(-pthread_create(&thread, 0, nothing, 0));
	DO(unshare(CLONE_FILES));
}

/* Opens files by one who has few descriptors, and again when they are so many that the kernel keeps them elsewhere;
 * in between a folder is renamed and a mount moved, and at last the root of the namespace is another one. */
static void paths(char *folder)
{
	DO(chdir(folder));
	keep_few();
	DO(unshare(CLONE_NEWNS | CLONE_FS));
	DO(mount("none", "/", 0, MS_REC | MS_PRIVATE, 0));
	DO(mount("none", "sub", "tmpfs", 0, 0));
	DO(close(DO(syscall(SYS_open, "sub/inside", O_CREAT | O_RDWR, 0600))));
	for (int many = 0; many < 2; many++) {
		open_each("sub", "before");
		DO(rename("before", "after"));
		DO(mount("sub", "moved", 0, MS_MOVE, 0));
		open_each("moved", "after");
		DO(mount("moved", "sub", 0, MS_MOVE, 0));
		DO(rename("after", "before"));
		for (int more = 0; more < 100; more++)
			DO(dup(0));
	}
	keep_few();
	DO(close(DO(syscall(SYS_openat, AT_FDCWD, "target", O_RDONLY))));
	DO(mount(folder, folder, 0, MS_BIND, 0));
	DO(chdir(folder));
	DO(syscall(SYS_pivot_root, ".", "old"));
	DO(close(DO(syscall(SYS_openat, AT_FDCWD, "/old/etc/passwd", O_RDONLY))));
}

static void privileges(void)
{
	syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
	DO(syscall(SYS_unshare, CLONE_NEWUTS));
	DO(mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	DO(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	DO(syscall(SYS_memfd_create, "hidden", 0));
	syscall(SYS_bpf, -1, "attributes", 10);
	syscall(SYS_finit_module, 0, "parameters", 0);
	DO(syscall(SYS_setuid, 12345));
}

/* Calls without arguments, and those that return twice. */
static void plain(void)
{
	DO(syscall(SYS_getuid));
	DO(syscall(SYS_setsid));
	DO(syscall(SYS_inotify_init));
	if (!DO(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)))
		_exit(0);
	DO(wait(0));
	if (!DO(syscall(SYS_fork)))
		_exit(0);
	DO(wait(0));
	struct clone_args arguments = {.exit_signal = SIGCHLD};
	if (!DO(syscall(SYS_clone3, &arguments, sizeof(arguments))))
		_exit(0);
	DO(wait(0));
}

#define REFUSE(number)                                                    \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),              \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EADDRNOTAVAIL)

/* Calls that seccomp refuses, and one that it does not. */
static void refused(char *folder)
{
	DO(chdir(folder));
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE(SYS_unshare),
		REFUSE(SYS_mount),
		REFUSE(SYS_setsid),
		REFUSE(SYS_rename),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(rules) / sizeof(*rules), rules};
	DO(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	DO(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	long results = syscall(SYS_unshare, CLONE_NEWUTS) + syscall(SYS_mount, "what", "where", "how", 0, 0) +
		       syscall(SYS_setsid) + syscall(SYS_rename, "target", "elsewhere");
	DO(results == -4 ? 0 : -1);
	DO(syscall(SYS_openat, AT_FDCWD, "target", O_RDONLY));
}

/* Runs itself out of memory that has no name. */
static void memory_program(void)
{
	char buffer[65536];
	int from = DO(open("/proc/self/exe", O_RDONLY)), to = DO(memfd_create("unnamed", MFD_CLOEXEC));
	for (long got; (got = read(from, buffer, sizeof(buffer))) > 0;)
		DO(write(to, buffer, got));
	char *arguments[] = {"looks-like-anything", "nothing", 0}, *environment[] = {"ONLY=this", 0};
	DO(syscall(SYS_execveat, to, "", arguments, environment, AT_EMPTY_PATH));
}

static long call32(long number, long a, long b, long c)
{
	long result;
	asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* 32-bit calls: open(5), setuid32(213), mmap2(192), the older mmap(90) with its arguments in memory, and connect by way of
 * socketcall(102). */
static void compat(void)
{
	char *low = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		exit(1);
	strcpy(low, "/etc/hostname");
	if ((int)call32(5, (long)low, O_RDONLY, 0) < 0)
		exit(3);
	unsigned *arguments = (void *)(low + 256);
	unsigned map[6] = {0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 8192};
	memcpy(arguments, map, sizeof(map));
	if (call32(213, getuid(), 0, 0) || (int)call32(192, 0, 0, PROT_READ) >= 0)
		exit(3);
	if ((unsigned)call32(90, (long)arguments, 0, 0) > -4096U)
		exit(3);
	int port, server = listener(&port);
	struct sockaddr_in *address = (void *)(low + 512);
	*address = loopback(port);
	arguments[0] = DO(socket(AF_INET, SOCK_STREAM, 0));
	arguments[1] = (unsigned)(long)address;
	arguments[2] = sizeof(*address);
	if ((int)call32(102, 3, (long)arguments, 0) < 0)
		exit(3);
	close(server);
}

/* One operation of io_uring at a time, through a ring of its own. */
static struct {
	int fd;
	unsigned *tail, *mask, *array;
	struct io_uring_sqe *entries;
} ring;

static void ring_open(void)
{
	struct io_uring_params parameters = {};
	ring.fd = syscall(SYS_io_uring_setup, 4, &parameters);
	if (ring.fd < 0)
		exit(3);
	char *queue = mmap(0, parameters.sq_off.array + 4 * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			   IORING_OFF_SQ_RING);
	ring.entries = mmap(0, 4 * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			    IORING_OFF_SQES);
	ring.tail = (void *)(queue + parameters.sq_off.tail);
	ring.mask = (void *)(queue + parameters.sq_off.ring_mask);
	ring.array = (void *)(queue + parameters.sq_off.array);
}

static void ring_do(struct io_uring_sqe entry, unsigned wait)
{
	unsigned place = *ring.tail & *ring.mask;
	ring.entries[place] = entry;
	ring.array[place] = place;
	atomic_store((_Atomic unsigned *)ring.tail, *ring.tail + 1);
	DO(syscall(SYS_io_uring_enter, ring.fd, 1, wait, IORING_ENTER_GETEVENTS, 0, 0));
}

static void rings(char *folder)
{
	DO(chdir(folder));
	ring_open();
	ring_do((struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (long)"target", .open_flags = O_RDONLY}, 1);
	ring_do((struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (long)"written-by-ring",
				      .open_flags = O_CREAT | O_WRONLY, .len = 0600, .flags = IOSQE_CQE_SKIP_SUCCESS}, 0);
	int port, server = listener(&port);
	struct sockaddr_in address = loopback(port);
	int client = DO(socket(AF_INET, SOCK_STREAM, 0));
	ring_do((struct io_uring_sqe){.opcode = IORING_OP_CONNECT, .fd = client, .addr = (long)&address, .off = sizeof(address)}, 1);
	ring_do((struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (long)"removed-by-ring"}, 1);
	close(server);
}

static char name[64] = "harmless";

/* Opening a pipe waits for its other end: the name is another one before that comes. */
static void *swap(void *unused)
{
	(void)unused;
	usleep(200000);
	strcpy(name, "secret");
	DO(open("harmless", O_WRONLY));
	return 0;
}

static void swapped(char *folder)
{
	DO(chdir(folder));
	DO(mkfifo("harmless", 0600));
	pthread_t other;
	pthread_create(&other, 0, swap, 0);
	DO(syscall(SYS_openat, AT_FDCWD, name, O_RDONLY));
	pthread_join(other, 0);
}

/* A process that is made waits for its child, who puts other flags in the memory that both share. */
static void swapped_clone(int is_swapped)
{
	struct clone_args *given = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (given == MAP_FAILED)
		exit(1);
	given->flags = CLONE_VFORK;
	given->exit_signal = SIGCHLD;
	if (!DO(syscall(SYS_clone3, given, sizeof(*given)))) {
		given->flags |= is_swapped ? CLONE_NEWUSER : 0;
		_exit(0);
	}
}

#define SWAPPED_PORT 6453

static struct sockaddr_in end;
static int full;

static void *swap_end(void *unused)
{
	usleep(200000);
	end.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	end.sin_port = htons(80);
	/* There is room again. */
	DO(accept(full, 0, 0));
	return unused;
}

/* Connecting waits for a server that has no room: the address is another one before it has. */
static void swapped_address(void)
{
	int yes = 1;
	pthread_t other;
	end = loopback(SWAPPED_PORT);
	full = DO(socket(AF_INET, SOCK_STREAM, 0));
	DO(setsockopt(full, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)));
	DO(bind(full, (void *)&end, sizeof(end)));
	DO(listen(full, 0));
	int first = DO(socket(AF_INET, SOCK_STREAM, 0)), second = DO(socket(AF_INET, SOCK_STREAM, 0));
	DO(connect(first, (void *)&end, sizeof(end)));
	pthread_create(&other, 0, swap_end, 0);
	DO(syscall(SYS_connect, second, &end, sizeof(end)));
	pthread_join(other, 0);
}

#define PLACES 4096 /* THREADS of the programs */

static void *opens_beside(void *other)
{
	int *process = other;
	if (gettid() % PLACES != *process % PLACES)
		return 0;
	DO(syscall(SYS_openat, AT_FDCWD, "beside", O_CREAT | O_RDONLY, 0600));
	*process = 0;
	return 0;
}

/* A thread whose number leaves the same rest as that of one that waits, which ends its wait. */
static void *crowd(void *unused)
{
	(void)unused;
	usleep(200000);
	int other = getpid();
	for (int tries = 0; other && tries < 4 * PLACES; tries++) {
		pthread_t thread;
		pthread_create(&thread, 0, opens_beside, &other);
		pthread_join(thread, 0);
	}
	DO(open("waits", O_WRONLY));
	return 0;
}

static void crowded(char *folder)
{
	DO(chdir(folder));
	DO(mkfifo("waits", 0600));
	pthread_t others;
	pthread_create(&others, 0, crowd, 0);
	DO(syscall(SYS_openat, AT_FDCWD, "waits", O_RDONLY));
	pthread_join(others, 0);
}

/* Opens a file in each way there is, which is not there at first and is then. */
static void makes(char *folder)
{
	int how = O_CREAT | O_WRONLY;
	struct open_how structure = {.flags = how, .mode = 0600};
	DO(chdir(folder));
	ring_open();
	for (int time = 0; time < 2; time++) {
		DO(syscall(SYS_open, "by-open", how, 0600));
		DO(syscall(SYS_openat, AT_FDCWD, "by-openat", how, 0600));
		DO(syscall(SYS_openat2, AT_FDCWD, "by-openat2", &structure, sizeof(structure)));
		DO(syscall(SYS_creat, "by-creat", 0600));
		ring_do((struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (long)"by-ring",
					      .open_flags = how, .len = 0600}, 1);
	}
}

/* Page faults of this process that it wants to handle itself; a kernel may refuse it. */
static void faults(void)
{
	syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
}

/* Memory that becomes executable, or does not. */
static void protect(char *how)
{
	void *memory = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	DO(mprotect(memory, 4096, PROT_READ | PROT_WRITE | (strcmp(how, "executable") ? 0 : PROT_EXEC)));
}

/* Many calls as fast as they go. */
static void flood(char *count)
{
	for (long round = atol(count); round > 0; round--)
		syscall(SYS_getppid);
}

int main(int count, char **arguments)
{
	char *what = count > 1 ? arguments[1] : "", *with = count > 2 ? arguments[2] : "";
	if (!strcmp(what, "files"))
		files(with);
	else if (!strcmp(what, "paths"))
		paths(arguments[2]);
	else if (!strcmp(what, "network"))
		network();
	else if (!strcmp(what, "connections"))
		connections();
	else if (!strcmp(what, "privileges"))
		privileges();
	else if (!strcmp(what, "plain"))
		plain();
	else if (!strcmp(what, "refused"))
		refused(with);
	else if (!strcmp(what, "memory-program"))
		memory_program();
	else if (!strcmp(what, "compat"))
		compat();
	else if (!strcmp(what, "compat-unshare"))
		DO((int)call32(310, CLONE_NEWUTS, 0, 0));
	else if (!strcmp(what, "rings"))
		rings(with);
	else if (!strcmp(what, "swapped"))
		swapped(with);
	else if (!strcmp(what, "swapped-clone") || !strcmp(what, "unswapped-clone"))
		swapped_clone(what[0] == 's');
	else if (!strcmp(what, "swapped-address"))
		swapped_address();
	else if (!strcmp(what, "makes"))
		makes(with);
	else if (!strcmp(what, "crowded"))
		crowded(with);
	else if (!strcmp(what, "faults"))
		faults();
	else if (!strcmp(what, "protect"))
		protect(with);
	else if (!strcmp(what, "flood"))
		flood(with);
	else if (!strcmp(what, "exit"))
		exit(atoi(with));
	else if (strcmp(what, "nothing"))
		return 2;
	return 0;
}
