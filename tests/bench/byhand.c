/* One start by hand, for start.sh: what conmon, the runtime and the kernel cost when nothing else is done. Prints the milliseconds
   from its first line of work to the first byte of the answer, then takes everything away.

   byhand LOWER WORK ID CONFIG OWNER LINK HOST_IP INSIDE_IP RUNTIME RUNTIME_ROOT crun|runc
   LOWER is mounted under a fresh upper in WORK/upper-ID; CONFIG is the text of config.json for the bundle WORK/ID. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if_arp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char work[512], bundle[768], rootfs[800], upper[800];
static const char *id, *runtime, *runtime_root, *link_name;

static void fail(const char *what)
{
    fprintf(stderr, "byhand: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static const char *in(const char *folder, const char *name)
{
    static char paths[8][1024];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* A no-op move of ourselves in the freezer hierarchy: its RCU grace period passes beside the mounts (cgroup v1 only). */
static void *prime(void *ignored)
{
    char line[512], path[600];
    FILE *groups = fopen("/proc/self/cgroup", "r");
    while (groups && fgets(line, sizeof line, groups)) {
        char *name = strstr(line, ":freezer:");
        if (name) {
            name[strcspn(name, "\n")] = 0;
            snprintf(path, sizeof path, "/sys/fs/cgroup/freezer%s/cgroup.procs", name + 9);
            int file = open(path, O_WRONLY | O_CLOEXEC);
            if (file >= 0) {
                if (write(file, "0", 1) < 0) { /* only slower */ }
                close(file);
            }
        }
    }
    if (groups) fclose(groups);
    return ignored;
}

static pid_t create(const char *log)
{
    int answer[2];
    char text[4096] = "";
    if (pipe2(answer, O_CLOEXEC)) fail("pipe");
    pid_t child = vfork();
    if (child == 0) {
        dup2(answer[1], 3);
        char *arguments[] = {
            "conmon", "--api-version", "1", "-c", (char *)id, "-u", (char *)id, "-n", (char *)id, "-r", (char *)runtime,
            "--runtime-arg", "--root", "--runtime-arg", (char *)runtime_root, "-b", bundle, "-p", (char *)in(bundle, "pid"),
            "-P", (char *)in(bundle, "conmon.pid"), "--exit-dir", work, "--persist-dir", bundle, "-l", (char *)log, "--full-attach", NULL };
        char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "_OCI_SYNCPIPE=3", NULL };
        execve("/usr/bin/conmon", arguments, environment);
        _exit(127);
    }
    close(answer[1]);
    waitpid(child, NULL, 0);
    if (read(answer[0], text, sizeof text - 1) < 0) fail("conmon's answer");
    char *data = strstr(text, "\"data\":"), *pid = strstr(text, "\"pid\":");
    pid_t init = data ? atoi(data + 7) : pid ? atoi(pid + 6) : -1;
    if (init <= 0) {
        fprintf(stderr, "byhand: conmon: %s\n", text);
        exit(1);
    }
    return init;
}

static void attribute(struct nlmsghdr *message, int type, const void *data, int length)
{
    struct rtattr *at = (void *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
    at->rta_type = type;
    at->rta_len = RTA_LENGTH(length);
    memcpy(RTA_DATA(at), data, length);
    message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(at->rta_len);
}

static struct rtattr *nest(struct nlmsghdr *message, int type)
{
    struct rtattr *at = (void *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
    attribute(message, type, "", 0);
    return at;
}

static void end(struct nlmsghdr *message, struct rtattr *at) { at->rta_len = (char *)message + message->nlmsg_len - (char *)at; }

/* Fixed hardware addresses, and each side told of the other's: the first packet waits for no ARP. */
static const unsigned char outside_hw[6] = { 2, 0xfe, 10, 213, 78, 1 }, inside_hw[6] = { 2, 0xfd, 10, 213, 78, 2 };

static void veth(const char *name, int space)
{
    char buffer[1024] = { 0 }, answer[1024];
    struct nlmsghdr *message = (void *)buffer;
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
    message->nlmsg_type = RTM_NEWLINK;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    attribute(message, IFLA_IFNAME, name, strlen(name) + 1);
    attribute(message, IFLA_ADDRESS, outside_hw, 6);
    struct rtattr *info = nest(message, IFLA_LINKINFO);
    attribute(message, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = nest(message, IFLA_INFO_DATA), *peer = nest(message, VETH_INFO_PEER);
    message->nlmsg_len += sizeof(struct ifinfomsg);
    attribute(message, IFLA_IFNAME, "eth0", 5);
    attribute(message, IFLA_ADDRESS, inside_hw, 6);
    attribute(message, IFLA_NET_NS_FD, &space, sizeof space);
    end(message, peer), end(message, data), end(message, info);
    if (send(netlink, buffer, message->nlmsg_len, 0) < 0 || recv(netlink, answer, sizeof answer, 0) < 0) fail("netlink");
    errno = -((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error;
    if (errno) fail("veth");
    close(netlink);
}

static void up(int control, const char *name, const char *address)
{
    struct ifreq request = { 0 };
    struct sockaddr_in *ip = (void *)&request.ifr_addr;
    strcpy(request.ifr_name, name);
    if (address) {
        ip->sin_family = AF_INET;
        inet_pton(AF_INET, address, &ip->sin_addr);
        if (ioctl(control, SIOCSIFADDR, &request)) fail("address");
        inet_pton(AF_INET, "255.255.255.252", &ip->sin_addr);
        if (ioctl(control, SIOCSIFNETMASK, &request)) fail("netmask");
    }
    request.ifr_flags = IFF_UP;
    if (ioctl(control, SIOCSIFFLAGS, &request)) fail("up");
}

static void knows(int control, const char *name, const char *address, const unsigned char *hardware)
{
    struct arpreq request = { .arp_flags = ATF_PERM | ATF_COM };
    struct sockaddr_in *ip = (void *)&request.arp_pa;
    ip->sin_family = AF_INET;
    inet_pton(AF_INET, address, &ip->sin_addr);
    memcpy(request.arp_ha.sa_data, hardware, 6);
    strcpy(request.arp_dev, name);
    if (ioctl(control, SIOCSARP, &request)) fail("neighbour");
}

/* Until packets pass: a first packet that is lost is repeated a second later. IFF_RUNNING says so too early. */
static void running(int netlink, const char *name)
{
    for (int is_up = 0; !is_up; ) {
        char buffer[256] = { 0 }, answer[8192];
        struct nlmsghdr *message = (void *)buffer, *said = (void *)answer;
        message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
        message->nlmsg_type = RTM_GETLINK;
        message->nlmsg_flags = NLM_F_REQUEST;
        attribute(message, IFLA_IFNAME, name, strlen(name) + 1);
        if (send(netlink, buffer, message->nlmsg_len, 0) < 0 || recv(netlink, answer, sizeof answer, 0) < 0) fail("netlink");
        if (said->nlmsg_type != RTM_NEWLINK) fail("link");
        int left = IFLA_PAYLOAD(said);
        for (struct rtattr *at = IFLA_RTA(NLMSG_DATA(said)); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
            is_up |= at->rta_type == IFLA_OPERSTATE && *(unsigned char *)RTA_DATA(at) == IF_OPER_UP;
        }
    }
}

static void network(pid_t init, const char *host_ip, const char *inside_ip)
{
    char path[64];
    int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), outside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int outside_links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    snprintf(path, sizeof path, "/proc/%d/ns/net", init);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    veth(link_name, space);
    if (setns(space, CLONE_NEWNET)) fail("setns");
    int inside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), inside_links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (setns(ours, CLONE_NEWNET)) fail("setns back");
    up(inside, "lo", NULL);
    up(inside, "eth0", inside_ip);
    up(outside, link_name, host_ip);
    knows(inside, "eth0", host_ip, outside_hw);
    knows(outside, link_name, inside_ip, inside_hw);
    running(outside_links, link_name);
    running(inside_links, "eth0");
    close(ours), close(space), close(inside), close(outside), close(inside_links), close(outside_links);
}

static void start(int is_crun)
{
    char byte = 0;
    const char *fifo = in(in(runtime_root, id), "exec.fifo");
    int file = open(fifo, O_CLOEXEC | (is_crun ? O_WRONLY : O_RDONLY));
    if (file < 0 || (is_crun ? write(file, &byte, 1) : read(file, &byte, 1)) != 1) fail("exec.fifo");
    close(file);
    if (!is_crun) unlink(fifo);
}

static void answered(const char *address)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(8080) };
    char text[256];
    inet_pton(AF_INET, address, &to.sin_addr);
    for (double began = now(); now() - began < 15000; usleep(200)) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int good = connect(client, (void *)&to, sizeof to) == 0 && write(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27) == 27
            && read(client, text, sizeof text) > 0;
        close(client);
        if (good) return;
    }
    errno = ETIMEDOUT;
    fail("no answer");
}

static void gone(pid_t init)
{
    struct stat ignored;
    kill(init, SIGKILL);
    for (int i = 0; i < 5000 && stat(in(work, id), &ignored); i++) usleep(1000);
    unlink(in(work, id));
    if (fork() == 0) {
        execl(runtime, runtime, "--root", runtime_root, "delete", "--force", id, NULL);
        _exit(127);
    }
    wait(NULL);
    umount2(rootfs, MNT_DETACH);
}

int main(int argc, char **argv)
{
    char options[2048], log[900];
    pthread_t thread;
    if (argc != 12) return 2;
    double began = now();
    pthread_create(&thread, NULL, prime, NULL);
    const char *lower = argv[1], *config = argv[4];
    id = argv[3], link_name = argv[6], runtime = argv[9], runtime_root = argv[10];
    int owner = atoi(argv[5]), is_crun = !strcmp(argv[11], "crun");
    snprintf(work, sizeof work, "%s", argv[2]);
    snprintf(bundle, sizeof bundle, "%s/b-%s", work, id);
    snprintf(rootfs, sizeof rootfs, "%s/rootfs", bundle);
    snprintf(upper, sizeof upper, "%s/upper-%s", work, id);
    snprintf(log, sizeof log, "k8s-file:%s/log", bundle);
    if (mkdir(bundle, 0711) || mkdir(rootfs, 0711) || mkdir(upper, 0755)) fail("mkdir");
    if (mkdir(in(upper, "upper"), 0755) || mkdir(in(upper, "work"), 0755) || chown(in(upper, "upper"), owner, owner)) fail("upper");
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", lower, in(upper, "upper"), in(upper, "work"));
    if (mount("overlay", rootfs, "overlay", MS_NODEV | MS_NOSUID, options)) fail("overlay");
    int file = open(in(bundle, "config.json"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (write(file, config, strlen(config)) < 0) fail("config.json");
    close(file);
    pid_t init = create(log);
    network(init, argv[7], argv[8]);
    start(is_crun);
    answered(argv[8]);
    printf("%.3f\n", now() - began);
    fflush(stdout);
    gone(init);
    return 0;
}
