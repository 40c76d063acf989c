#!/bin/busybox sh
# The first process of an emulated machine: makes this machine's files, which are only read, the root of that one,
# with what it writes kept in memory, and runs /job there. What it prints goes to the serial port.
b=/bin/busybox
$b mkdir -p /proc /host /written /root
$b mount -t proc proc /proc

# Modules stand in no order. One goes in once those that it needs are there.
for pass in 1 2 3 4 5 6; do
	for module in /modules/*.ko; do $b insmod "$module" 2>/dev/null && $b rm "$module"; done
done

$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,ro,msize=524288 host /host
$b mount -t tmpfs written /written
$b mkdir /written/upper /written/work
$b mount -t overlay -o lowerdir=/host,upperdir=/written/upper,workdir=/written/work root /root

$b mount -t proc proc /root/proc
$b mount -t sysfs sys /root/sys
$b mount -t cgroup2 cgroup /root/sys/fs/cgroup
$b mount -t devtmpfs dev /root/dev
$b mkdir -p /root/dev/pts /root/dev/shm
$b mount -t devpts pts /root/dev/pts
for folder in dev/shm run tmp var/tmp; do $b mount -t tmpfs tmp "/root/$folder"; done
$b ip link set lo up
$b cp /job /root/run/job
$b umount /proc
exec $b switch_root /root /bin/sh -c '/bin/sh /run/job; echo "the job ended with $?"; busybox poweroff -f'
