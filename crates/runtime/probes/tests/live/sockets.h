/* What the trigger does with sockets. */
#pragma once

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* A listening socket of this machine; its port. */
static int listener(int *port)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(address);
	int fd = DO(socket(AF_INET, SOCK_STREAM, 0));
	DO(bind(fd, (void *)&address, sizeof(address)));
	DO(listen(fd, 4));
	DO(getsockname(fd, (void *)&address, &length));
	*port = ntohs(address.sin_port);
	return fd;
}

static void network(void)
{
	int port, server = listener(&port);
	struct sockaddr_in address = loopback(port);
	int client = DO(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
	DO(syscall(SYS_connect, client, &address, sizeof(address)));
	DO(syscall(SYS_accept4, server, 0, 0, 0));
	DO(syscall(SYS_dup2, client, 77));
	/* A question for example.org, sent to a name server that is not there. */
	static const char question[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07" "example\x03" "org\0\0\x01\0\x01";
	struct sockaddr_in server53 = loopback(53);
	int udp = DO(syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0));
	DO(syscall(SYS_sendto, udp, question, sizeof(question) - 1, 0, &server53, sizeof(server53)));
	struct iovec vector = {(void *)question, sizeof(question) - 1};
	struct msghdr message = {.msg_name = &server53, .msg_namelen = sizeof(server53), .msg_iov = &vector, .msg_iovlen = 1};
	syscall(SYS_sendmsg, udp, &message, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0bulkhead-probes-test"};
	int here = DO(socket(AF_UNIX, SOCK_STREAM, 0));
	DO(bind(here, (void *)&name, 2 + 21));
	DO(listen(here, 1));
	int there = DO(socket(AF_UNIX, SOCK_STREAM, 0));
	DO(syscall(SYS_connect, there, &name, 2 + 21));
}

/* A connection with itself of which both sides write, whoever asked one byte and whoever was asked two. What the asking
 * side is bound to is its own matter. */
static void connect_and_write(int family, struct sockaddr_storage *listens, struct sockaddr_storage *calls,
			      struct sockaddr_storage *from)
{
	socklen_t length = sizeof(*listens);
	int asked = socket(family, SOCK_STREAM, 0);
	if (asked < 0 || bind(asked, (void *)listens, length))
		return;
	DO(listen(asked, 1));
	DO(getsockname(asked, (void *)listens, &length));
	/* The port lies at one place in both families. */
	((struct sockaddr_in *)calls)->sin_port = ((struct sockaddr_in *)listens)->sin_port;
	int asks = DO(socket(calls->ss_family, SOCK_STREAM, 0));
	if (from)
		DO(bind(asks, (void *)from, sizeof(*from)));
	DO(connect(asks, (void *)calls, sizeof(*calls)));
	int answers = DO(accept(asked, 0, 0));
	/* What it was given by stays open alone. */
	DO(close(asked));
	DO(syscall(SYS_write, asks, "?", 1));
	DO(syscall(SYS_write, answers, "ok", 2));
}

static void connections(void)
{
	struct sockaddr_storage four = {}, six = {}, any = {}, mapped = {}, from = {};
	*(struct sockaddr_in *)&four = *(struct sockaddr_in *)&from = loopback(0);
	*(struct sockaddr_in6 *)&six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	*(struct sockaddr_in6 *)&any = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
	mapped = any;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &((struct sockaddr_in6 *)&mapped)->sin6_addr);
	struct sockaddr_storage calls = four;
	connect_and_write(AF_INET, &four, &calls, 0);
	four = from;
	connect_and_write(AF_INET, &four, &calls, &from);
	calls = six;
	connect_and_write(AF_INET6, &six, &calls, 0);
	calls = from;
	six = any;
	connect_and_write(AF_INET6, &any, &calls, 0);
	connect_and_write(AF_INET6, &six, &mapped, 0);
}
