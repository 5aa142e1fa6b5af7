// SPDX-License-Identifier: Apache-2.0
//
// floor LOWER SCRATCH [BRIDGE]: what a container costs with nothing around it. Makes the namespaces and mounts of one
// (overlay root over LOWER, /proc, /dev, /sys, masks, pivot_root), and with BRIDGE a veth with its address and route;
// executes /bin/true; waits. No seccomp, no supervisor, no log, no state; a cgroup (in each v1 hierarchy there is) only
// where FLOOR_CGROUP names one, as /a/b, whose parent exists. Straight system calls; any that fails ends it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(long result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
        _exit(1);
    }
}

// One netlink request, built in place.
struct request {
    struct nlmsghdr header;
    char rest[1024];
};

static void *extend(struct request *r, size_t size) {
    void *at = (char *)r + r->header.nlmsg_len;
    r->header.nlmsg_len += NLMSG_ALIGN(size);
    return at;
}

static struct rtattr *attribute(struct request *r, int type, const void *data, size_t size) {
    struct rtattr *a = extend(r, RTA_LENGTH(size));
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(size);
    if (size) memcpy(RTA_DATA(a), data, size);
    return a;
}

static void close_attribute(struct request *r, struct rtattr *a) {
    a->rta_len = (char *)r + r->header.nlmsg_len - (char *)a;
}

static void begin(struct request *r, int type, int flags) {
    memset(r, 0, sizeof *r);
    r->header.nlmsg_len = NLMSG_HDRLEN;
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

static void ask(int netlink, struct request *r, const char *what) {
    char answer[4096];
    check(send(netlink, r, r->header.nlmsg_len, 0), what);
    check(recv(netlink, answer, sizeof answer, 0), what);
    struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);
    errno = -error->error;
    check(error->error, what);
}

static int netlink(void) {
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    check(s, "netlink");
    return s;
}

static void add_veth(int s, const char *bridge, pid_t pid) {
    struct request r;
    char name[IFNAMSIZ];
    int master = if_nametoindex(bridge);
    snprintf(name, sizeof name, "floor%d", pid);
    begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    struct ifinfomsg *link = extend(&r, sizeof *link);
    link->ifi_flags = link->ifi_change = IFF_UP;
    attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
    attribute(&r, IFLA_MASTER, &master, sizeof master);
    struct rtattr *info = attribute(&r, IFLA_LINKINFO, NULL, 0);
    attribute(&r, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = attribute(&r, IFLA_INFO_DATA, NULL, 0);
    struct rtattr *peer = attribute(&r, VETH_INFO_PEER, NULL, 0);
    extend(&r, sizeof(struct ifinfomsg)); // up only once both ends exist
    attribute(&r, IFLA_IFNAME, "eth0", 5);
    attribute(&r, IFLA_NET_NS_PID, &pid, sizeof pid);
    close_attribute(&r, peer);
    close_attribute(&r, data);
    close_attribute(&r, info);
    ask(s, &r, "veth");
}

static void set_up(int s, int index) {
    struct request r;
    begin(&r, RTM_NEWLINK, 0);
    struct ifinfomsg *link = extend(&r, sizeof *link);
    link->ifi_index = index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    ask(s, &r, "link up");
}

static void add_address(int s, int index, const char *text, const char *gateway) {
    struct request r;
    struct in_addr address, via;
    inet_aton(text, &address);
    inet_aton(gateway, &via);
    begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    struct ifaddrmsg *message = extend(&r, sizeof *message);
    message->ifa_family = AF_INET;
    message->ifa_prefixlen = 16;
    message->ifa_index = index;
    attribute(&r, IFA_LOCAL, &address, sizeof address);
    attribute(&r, IFA_ADDRESS, &address, sizeof address);
    ask(s, &r, "address");
    begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
    struct rtmsg *route = extend(&r, sizeof *route);
    route->rtm_family = AF_INET;
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_BOOT;
    route->rtm_type = RTN_UNICAST;
    attribute(&r, RTA_GATEWAY, &via, sizeof via);
    ask(s, &r, "route");
}

static void mount_all(const char *lower, const char *scratch) {
    char options[1024], path[512];
    check(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave");
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", lower, scratch, scratch);
    snprintf(path, sizeof path, "%s/merged", scratch);
    check(mount("overlay", path, "overlay", 0, options), "overlay");
    check(chdir(path), "chdir");
    check(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
    check(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
    check(mkdir("dev/pts", 0755) | mkdir("dev/shm", 01777) | mkdir("dev/mqueue", 01777), "mkdir");
    check(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"), "pts");
    check(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k"), "shm");
    check(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mqueue");
    check(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL), "sysfs");
    static const struct { const char *name; int major, minor; } devices[] = {
        {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7}, {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
    };
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        check(mknod(devices[i].name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)), devices[i].name);
    check(symlink("/proc/self/fd", "dev/fd") | symlink("pts/ptmx", "dev/ptmx"), "symlink");
    static const char *masked[] = {"proc/keys", "proc/timer_list", "proc/sched_debug", "proc/kcore", "proc/latency_stats"};
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        if (access(masked[i], F_OK) == 0) check(mount("/dev/null", masked[i], NULL, MS_BIND, NULL), masked[i]);
    static const char *hidden[] = {"proc/acpi", "proc/scsi", "sys/firmware", "proc/asound"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (access(hidden[i], F_OK) == 0) check(mount("tmpfs", hidden[i], "tmpfs", MS_RDONLY, NULL), hidden[i]);
    static const char *fixed[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (access(fixed[i], F_OK)) continue;
        check(mount(fixed[i], fixed[i], NULL, MS_BIND | MS_REC, NULL), fixed[i]);
        check(mount(NULL, fixed[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), fixed[i]);
    }
    check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    check(umount2(".", MNT_DETACH), "umount");
    check(chdir("/"), "chdir");
}

static const char *const controllers[] = {"memory", "cpu", "cpuacct", "pids", "devices", "freezer", "blkio"};
enum { CONTROLLERS = sizeof controllers / sizeof *controllers };

// Makes the group in each hierarchy and opens the file that takes its processes; -1 where there is none.
static void make_cgroups(const char *path, int *tasks) {
    for (int i = 0; i < CONTROLLERS; i++) {
        char directory[512], file[600];
        snprintf(directory, sizeof directory, "/sys/fs/cgroup/%s%s", controllers[i], path);
        snprintf(file, sizeof file, "%s/tasks", directory);
        tasks[i] = mkdir(directory, 0755) == 0 ? open(file, O_WRONLY | O_CLOEXEC) : -1;
    }
}

static void remove_cgroups(const char *path) {
    for (int i = 0; i < CONTROLLERS; i++) {
        char directory[512];
        snprintf(directory, sizeof directory, "/sys/fs/cgroup/%s%s", controllers[i], path);
        rmdir(directory);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "usage: floor LOWER SCRATCH [BRIDGE]\n"), 2;
    const char *bridge = argc > 3 ? argv[3] : NULL;
    const char *group = getenv("FLOOR_CGROUP");
    int tasks[CONTROLLERS];
    if (group) make_cgroups(group, tasks);
    int gate[2];
    check(pipe2(gate, O_CLOEXEC), "pipe");
    struct clone_args_ { unsigned long long flags, pidfd, child, parent, signal, stack, size, tls, set, set_size, cgroup; } args = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP, .signal = SIGCHLD};
    pid_t pid = syscall(SYS_clone3, &args, sizeof args);
    check(pid, "clone3");
    if (pid == 0) {
        char byte;
        close(gate[1]);
        for (int i = 0; group && i < CONTROLLERS; i++)
            if (tasks[i] >= 0) check(write(tasks[i], "0", 1), "tasks");
        mount_all(argv[1], argv[2]);
        check(sethostname("floor", 5), "hostname");
        check(read(gate[0], &byte, 1), "gate");
        int s = netlink();
        set_up(s, 1);
        if (bridge) {
            int eth0 = if_nametoindex("eth0");
            set_up(s, eth0);
            add_address(s, eth0, "172.31.255.9", "172.31.0.1");
        }
        execl("/bin/true", "true", NULL);
        check(-1, "exec");
    }
    if (bridge) add_veth(netlink(), bridge, pid);
    close(gate[1]);
    int status;
    check(waitpid(pid, &status, 0), "wait");
    if (group) remove_cgroups(group);
    return status != 0;
}
