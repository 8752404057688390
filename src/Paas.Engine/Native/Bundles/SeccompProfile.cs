using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Bundles;

/// <summary>The system calls a sandbox may make: what unprivileged programs use, and nothing that makes namespaces, mounts,
/// loads into the kernel or sees other processes' secrets. Refused ones that exist answer EPERM; what the list does not
/// know answers ENOSYS, so that a newer libc falls back instead of giving up.</summary>
internal static class SeccompProfile
{
    public const int EPERM = 1;
    public const int ENOSYS = 38;

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME (clone(2)).</summary>
    private const ulong NewNamespaces = 0x7E020000 | 0x80;

    /// <summary>Those that making an image needs none of: NEWTIME, NEWCGROUP, NEWIPC, NEWUSER, NEWPID, NEWNET. What is left is NEWNS and NEWUTS.</summary>
    private const ulong NamespacesBesideMounts = 0x80 | 0x02000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;

    private const string Allow = "SCMP_ACT_ALLOW";
    private const string Errno = "SCMP_ACT_ERRNO";

    // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: getifaddrs needs the last.
    private static readonly ulong[] SocketFamilies = [1, 2, 10, 16];

    // PER_LINUX and PER_LINUX32, each with and without UNAME26, and the query.
    private static readonly ulong[] Personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

    private static readonly string[] Plain =
    [
        // files and directories
        "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
        "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat",
        "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync",
        "ftruncate", "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "getxattrat", "inotify_add_watch",
        "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl", "lchown", "lgetxattr", "link", "linkat", "listxattr",
        "listxattrat", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "memfd_create", "mkdir", "mkdirat", "mknod",
        "mknodat", "newfstatat", "open", "openat", "openat2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
        "read", "readahead", "readlink", "readlinkat", "readv", "removexattr", "removexattrat", "rename", "renameat", "renameat2",
        "rmdir", "sendfile", "setxattr", "setxattrat", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync",
        "sync_file_range", "syncfs", "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "vmsplice",
        "write", "writev", "name_to_handle_at", "statmount", "listmount",

        // sockets and waiting
        "accept", "accept4", "bind", "connect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
        "epoll_wait", "eventfd", "eventfd2", "getpeername", "getsockname", "getsockopt", "listen", "pipe", "pipe2", "poll", "ppoll",
        "pselect6", "recvfrom", "recvmmsg", "recvmsg", "select", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
        "signalfd", "signalfd4", "socketpair", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit",

        // memory
        "brk", "cachestat", "get_mempolicy", "madvise", "map_shadow_stack", "mbind", "membarrier", "memfd_secret", "mincore",
        "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap",
        "pkey_alloc", "pkey_free", "pkey_mprotect", "process_madvise", "process_mrelease", "remap_file_pages", "set_mempolicy",
        "set_mempolicy_home_node",

        // processes, threads, ids
        "arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork", "futex", "futex_requeue", "futex_wait",
        "futex_waitv", "futex_wake", "get_robust_list", "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups",
        "getitimer", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresuid", "getrlimit",
        "getrusage", "getsid", "gettid", "getuid", "ioprio_get", "ioprio_set", "kill", "landlock_add_rule",
        "landlock_create_ruleset", "landlock_restrict_self", "pidfd_getfd", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64",
        "process_vm_readv", "process_vm_writev", "ptrace", "restart_syscall", "rseq", "sched_get_priority_max",
        "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
        "sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield",
        "seccomp", "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups",
        "setitimer", "setpgid", "setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setuid",
        "sysinfo", "tgkill", "time", "times", "tkill", "uname", "vfork", "wait4", "waitid", "riscv_hwprobe",

        // signals and time
        "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep", "pause", "rt_sigaction",
        "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
        "rt_tgsigqueueinfo", "sigaltstack", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
        "timerfd_create", "timerfd_gettime", "timerfd_settime",

        // System V and POSIX inter-process communication, in namespaces of the sandbox's own
        "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget", "msgrcv",
        "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt", "shmget",
    ];

    /// <summary>Known to every libc, and refused. clone3 hides its flags behind a pointer, so it must look missing: the default.</summary>
    private static readonly string[] Refused =
    [
        "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module", "fanotify_init",
        "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module", "io_uring_enter", "io_uring_register",
        "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "migrate_pages",
        "mount", "mount_setattr", "move_mount", "move_pages", "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root",
        "quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname", "sethostname", "setns", "settimeofday", "swapoff",
        "swapon", "syslog", "umount2", "unshare", "userfaultfd", "vhangup",
    ];

    /// <summary>Refused to everybody but a sandbox that makes images: what chroot isolation and overlays take. The kernel asks for capabilities over the
    /// sandbox's own namespaces with each of them; user namespaces below its own stay refused.</summary>
    private static readonly string[] OfImageBuilds = ["chroot", "mount", "sethostname", "setdomainname", "umount2"];

    /// <summary>The profile as config.json carries it, for this machine's architecture alone: a 32-bit call kills its caller.</summary>
    public static RuntimeSeccomp ForThisMachine { get; } = For(RuntimeInformation.ProcessArchitecture);

    /// <summary>For a sandbox that makes images (<see cref="SandboxSpec.MakesImages"/>).</summary>
    public static RuntimeSeccomp ForImageBuilds { get; } = For(RuntimeInformation.ProcessArchitecture, makesImages: true);

    public static RuntimeSeccomp For(Architecture architecture, bool makesImages = false) => new(
        Errno,
        ENOSYS,
        [architecture == Architecture.Arm64 ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"],
        [
            new RuntimeSyscalls(makesImages ? [.. Plain, .. OfImageBuilds] : Plain, Allow, null, null),
            new RuntimeSyscalls(
                makesImages ? ["clone", "unshare"] : ["clone"], Allow, null, [new RuntimeArgument(0, makesImages ? NamespacesBesideMounts : NewNamespaces, 0, "SCMP_CMP_MASKED_EQ")]),
            .. SocketFamilies.Select(family => new RuntimeSyscalls(["socket"], Allow, null, [new RuntimeArgument(0, family, 0, "SCMP_CMP_EQ")])),
            .. Personalities.Select(value => new RuntimeSyscalls(["personality"], Allow, null, [new RuntimeArgument(0, value, 0, "SCMP_CMP_EQ")])),
            new RuntimeSyscalls(makesImages ? [.. Refused.Except(OfImageBuilds).Except(["unshare"])] : Refused, Errno, EPERM, null),
        ]);
}
