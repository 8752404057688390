/*
 * What `paasd keep` becomes once everything is prepared: starts the roles, starts them again when they end, ends them when it is
 * told to (SIGTERM, SIGINT). Its own death leaves them running, and its next start adopts them. In C because it lives as long as the
 * platform and does next to nothing (docs/decisions/keep.md).
 *
 * keep LOCK-FD ROLES GOOD-RUN STOP-TIMEOUT LOG-BYTES         both times in milliseconds
 * ROLES: a file of NUL-terminated strings, deleted once it is read, as it holds environments. For each role: name, pid file, log,
 * program and arguments, "", environment, "". Roles are ended in that order, each when the one before it has ended.
 *
 *              adopt / start            it ended
 *     absent ----------------> running ----------> absent, for a pause: none after a good run, else 0.2 s doubling to 5 s
 *                                 | SIGTERM, then SIGKILL after STOP-TIMEOUT
 *                                 v
 *                              stopped
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOCK = 3, MOST_ROLES = 8, FIRST_PAUSE = 200, LONGEST_PAUSE = 5000, LOOK_AT_LOGS = 60 * 1000 };

struct role {
    const char *name, *pid_file, *log;
    char **arguments, **environment;
    pid_t pid; /* 0: absent */
    int ended; /* pidfd; -1: absent */
    long long began, next_start, kill_at, pause;
};

static struct role roles[MOST_ROLES];
static int count;
static long long good_run, stop_timeout, log_bytes;

/* Milliseconds of a clock that nobody sets. */
static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void say(const char *level, const char *format, ...)
{
    char line[PATH_MAX + 256], stamp[32];
    time_t seconds = time(NULL);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    dprintf(STDERR_FILENO, "%s %s: %s\n", stamp, level, line);
}

static int refuse(const char *what)
{
    say("fail", "%s: %s.", what, strerror(errno));
    return 1;
}

/* proc(5), stat, field 22: ticks since boot. With the pid it names one process for good. 0: there is none, or it is dead. */
static long long start_time(pid_t pid)
{
    char path[32], stat[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return 0;
    stat[length] = 0;
    /* The second field is the name in parentheses, which may hold blanks and parentheses itself. */
    char *field = strrchr(stat, ')');
    if (field == NULL || field[1] == 0 || field[2] == 'Z' || field[2] == 'X')
        return 0;
    field += 2;
    for (int at = 3; at < 22 && field != NULL; at++)
        field = strchr(field + 1, ' ');
    return field == NULL ? 0 : atoll(field);
}

static int open_pid(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* By pidfd: the pid of one that was adopted may be another's as soon as it has ended. */
static void send_signal(const struct role *role, int signal)
{
    syscall(SYS_pidfd_send_signal, role->ended, signal, NULL, 0);
}

/* Renamed into place: whoever reads it finds a whole line. */
static void write_pid(const struct role *role)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s.new", role->pid_file);
    FILE *file = fopen(path, "we");
    int written = file != NULL && fprintf(file, "%d %lld\n", role->pid, start_time(role->pid)) > 0;
    if (file == NULL || fclose(file) != 0 || !written || rename(path, role->pid_file) != 0)
        say("warn", "Cannot write %s: %s. If this process is killed, %s will be started twice.", role->pid_file, strerror(errno), role->name);
}

/* The process that the pid file names, if it is still the same one. */
static int adopt(struct role *role)
{
    int pid;
    long long start;
    FILE *file = fopen(role->pid_file, "re");
    int read = file == NULL ? 0 : fscanf(file, "%d %lld", &pid, &start);
    if (file != NULL)
        fclose(file);
    if (read != 2 || pid <= 1)
        return 0;
    int fd = open_pid(pid);
    if (fd < 0)
        return 0;
    /* Asked after the open: the pid may have been given to another process before it. */
    if (start == 0 || start_time(pid) != start) {
        close(fd);
        return 0;
    }
    role->pid = pid;
    role->ended = fd;
    say("info", "Found %s running, pid %d.", role->name, pid);
    return 1;
}

static int spawn(struct role *role)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, role->log, O_WRONLY | O_CREAT | O_APPEND, 0640);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    /* A session of its own: signals of this one's terminal are not for the roles. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawn(&role->pid, role->arguments[0], &files, &attributes, role->arguments, role->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

static void wait_before_start(struct role *role, long long ran)
{
    long long pause = ran >= good_run ? 0 : role->pause;
    role->pause = pause == 0 ? FIRST_PAUSE : pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
    role->next_start = now() + pause;
}

static void adopt_or_start(struct role *role)
{
    role->began = now();
    if (adopt(role))
        return;
    int error = spawn(role);
    if (error == 0 && (role->ended = open_pid(role->pid)) < 0) {
        error = errno;
        kill(role->pid, SIGKILL);
        waitpid(role->pid, NULL, 0);
    }
    if (error != 0) {
        role->pid = 0;
        say("fail", "Cannot start %s: %s: %s.", role->name, role->arguments[0], strerror(error));
        wait_before_start(role, 0);
        return;
    }
    write_pid(role);
    say("info", "Started %s, pid %d.", role->name, role->pid);
}

static void on_end(struct role *role)
{
    int status;
    char how[64] = "ended"; /* one that was adopted is another's child */
    if (waitpid(role->pid, &status, WNOHANG) == role->pid) {
        if (WIFSIGNALED(status))
            snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(status));
        else
            snprintf(how, sizeof how, "exited with code %d", WEXITSTATUS(status));
    }
    if (role->kill_at != 0)
        say("info", "Stopped %s, pid %d.", role->name, role->pid);
    else
        say("warn", "%s, pid %d, %s; starting it again.", role->name, role->pid, how);
    close(role->ended);
    role->ended = -1;
    role->pid = 0;
    wait_before_start(role, now() - role->began);
}

/* The role appends to its log all the time, so the end of the log is copied to "<log>.1" and the log is cut, not renamed. What is
   written between the two is lost: microseconds, once in LOG-BYTES. A disk that is full keeps nothing of it, and gets its room back. */
static void shorten(const char *log)
{
    char aside[PATH_MAX];
    struct stat size;
    int from = open(log, O_RDWR | O_CLOEXEC);
    if (from < 0)
        return;
    if (fstat(from, &size) == 0 && size.st_size > log_bytes) {
        snprintf(aside, sizeof aside, "%s.1", log);
        int to = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        ssize_t copied = to < 0 || lseek(from, size.st_size > 2 * log_bytes ? size.st_size - 2 * log_bytes : 0, SEEK_SET) < 0 ? -1 : 1;
        while (copied > 0)
            copied = sendfile(to, from, NULL, INT_MAX & ~0xfff);
        if (copied < 0) {
            say("warn", "%s is cut, and cannot be kept aside: %s.", log, strerror(errno));
            if (to >= 0 && ftruncate(to, 0) != 0)
                say("warn", "%s: %s.", aside, strerror(errno));
        }
        if (ftruncate(from, 0) != 0)
            say("warn", "%s grows beyond its limit: %s.", log, strerror(errno));
        if (to >= 0)
            close(to);
    }
    close(from);
}

/* Strings up to the empty one, as exec(3) wants them; *next is behind it. NULL: the text ends before that. */
static char **strings(char **next, const char *end)
{
    size_t entries = 0;
    char **list = NULL;
    for (char *at = *next; at < end; at += strlen(at) + 1) {
        list = realloc(list, (entries + 1) * sizeof *list);
        if (list == NULL)
            return NULL;
        list[entries++] = *at == 0 ? NULL : at;
        if (*at == 0) {
            *next = at + 1;
            return list;
        }
    }
    return NULL;
}

static char *string(char **next, const char *end)
{
    char *text = *next;
    if (text >= end)
        return NULL;
    *next += strlen(text) + 1;
    return text;
}

/* 0, or -1 with errno. The text stays in memory: the roles point into it. */
static int read_roles(const char *path)
{
    struct stat size;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &size) != 0)
        return -1;
    char *text = calloc(1, (size_t)size.st_size + 1), *next = text;
    if (text == NULL)
        return -1;
    off_t length = 0;
    for (ssize_t got = 1; got > 0; length += got)
        if ((got = read(fd, text + length, (size_t)(size.st_size - length))) < 0)
            return -1;
    close(fd);
    unlink(path);
    for (char *end = text + length; next < end; count++) {
        struct role *role = &roles[count];
        if (count == MOST_ROLES || (role->name = string(&next, end)) == NULL || (role->pid_file = string(&next, end)) == NULL
            || (role->log = string(&next, end)) == NULL || (role->arguments = strings(&next, end)) == NULL || role->arguments[0] == NULL
            || (role->environment = strings(&next, end)) == NULL) {
            errno = EINVAL;
            return -1;
        }
        role->ended = -1;
    }
    errno = EINVAL;
    return count == 0 ? -1 : 0;
}

/* Ends one role after the other. Returns the index of the one that is being ended; `count`: all are. */
static int end_next(int ending)
{
    while (ending < count) {
        struct role *role = &roles[ending];
        if (role->pid == 0) {
            unlink(role->pid_file);
            ending++;
            continue;
        }
        if (role->kill_at == 0) {
            role->kill_at = now() + stop_timeout;
            send_signal(role, SIGTERM);
        } else if (now() >= role->kill_at) {
            say("warn", "%s, pid %d, did not stop within %lld s and was killed.", role->name, role->pid, stop_timeout / 1000);
            send_signal(role, SIGKILL);
            role->kill_at = LLONG_MAX;
        }
        return ending;
    }
    return ending;
}

/* Until something is to be done that no event announces. */
static int timeout(int ending, long long look_at_logs)
{
    long long next = look_at_logs;
    for (int i = 0; i < count; i++) {
        long long due = roles[i].pid == 0 ? (i > ending ? roles[i].next_start : LLONG_MAX) : i == ending ? roles[i].kill_at : LLONG_MAX;
        if (due < next)
            next = due;
    }
    long long left = next - now();
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static int keep(int signals)
{
    struct pollfd events[MOST_ROLES + 1] = { { .fd = signals, .events = POLLIN } };
    long long look_at_logs = now();
    for (int ending = -1;;) {
        if (ending >= 0 && (ending = end_next(ending)) == count)
            return 0;
        for (int i = ending + 1; i < count; i++)
            if (roles[i].pid == 0 && now() >= roles[i].next_start)
                adopt_or_start(&roles[i]);
        if (now() >= look_at_logs) {
            for (int i = 0; i < count; i++)
                shorten(roles[i].log);
            look_at_logs = now() + LOOK_AT_LOGS;
        }
        for (int i = 0; i < count; i++)
            events[i + 1] = (struct pollfd){ .fd = roles[i].ended, .events = POLLIN };
        if (poll(events, (nfds_t)count + 1, timeout(ending, look_at_logs)) < 0 && errno != EINTR)
            return refuse("poll");
        for (int i = 0; i < count; i++)
            if (events[i + 1].revents != 0)
                on_end(&roles[i]);
        struct signalfd_siginfo signal;
        while (read(signals, &signal, sizeof signal) == sizeof signal)
            if (signal.ssi_signo != SIGHUP && ending < 0)
                ending = 0;
    }
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: keep LOCK-FD ROLES GOOD-RUN-MS STOP-TIMEOUT-MS LOG-BYTES (started by `paasd keep`)\n", stderr);
        return 2;
    }
    good_run = atoll(argv[3]);
    stop_timeout = atoll(argv[4]);
    log_bytes = atoll(argv[5]);
    /* The home's lock is this process's: a role that had it too would lock the next keeper out. What else was open where the platform was
       started, a pipe say, is nobody's here: whoever waits for its end would wait for ever. */
    int lock = atoi(argv[1]);
    if (fcntl(lock, F_SETFD, FD_CLOEXEC) != 0 || (lock != LOCK && dup3(lock, LOCK, O_CLOEXEC) < 0))
        return refuse("The lock");
    syscall(SYS_close_range, LOCK + 1, ~0U, 0);
    /* As it was started, whatever the starter ignored. */
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_NAME, "paasd"); /* as all processes of the platform are called */
    sigset_t told;
    sigemptyset(&told);
    sigaddset(&told, SIGTERM);
    sigaddset(&told, SIGINT);
    sigaddset(&told, SIGHUP); /* changes nothing */
    sigprocmask(SIG_SETMASK, &told, NULL);
    int signals = signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        return refuse("signalfd");
    return read_roles(argv[2]) != 0 ? refuse(argv[2]) : keep(signals);
}
