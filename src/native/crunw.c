/* Lets crun run where cgroups are in hybrid mode: crun refuses a cgroup2 mount beside cgroup v1 controllers,
   so it gets a mount namespace of its own without it. In its place is a throw-away tmpfs, because crun still makes
   directories there and systemd leaves the folder around it read-only. Arguments are crun's. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argc;
    if (unshare(CLONE_NEWNS) != 0) {
        perror("crunw: unshare");
        return 125;
    }
    if (mount("", "/", 0, MS_REC | MS_SLAVE, 0) != 0) {
        perror("crunw: make / a slave");
        return 125;
    }
    umount2("/sys/fs/cgroup/unified", MNT_DETACH);
    mount("crunw", "/sys/fs/cgroup/unified", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=1m,mode=0755");
    execv("/usr/bin/crun", argv);
    perror("crunw: /usr/bin/crun");
    return 127;
}
