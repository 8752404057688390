/* Keeps one sandbox in the foreground: runs the runtime's "create" with its own three streams, becomes the parent of
   what that leaves behind, and waits for it. Nothing but a parent learns an exit code.

   hold PIDFILE RUNTIME ARGS...     fd 3: "created\n" once the runtime has ended well
   Exit: that of the sandbox's first process, 128+n for signal n; 125 when the runtime failed (it said why on stderr). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int code_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int wait_for(pid_t wanted)
{
    int status;
    for (;;) {
        pid_t ended = waitpid(-1, &status, 0);
        if (ended == wanted) {
            return code_of(status);
        }
        if (ended < 0 && errno != EINTR) {
            perror("hold: wait");
            return 125;
        }
    }
}

static pid_t read_pid(const char *path)
{
    FILE *file = fopen(path, "re");
    long pid = 0;
    if (file == NULL || fscanf(file, "%ld", &pid) != 1) {
        pid = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return (pid_t)pid;
}

int main(int argc, char **argv)
{
    if (argc < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0) {
        fputs("usage: hold PIDFILE RUNTIME ARGS... 3>STATUS\n", stderr);
        return 125;
    }
    pid_t runtime = fork();
    if (runtime == 0) {
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (runtime < 0 || wait_for(runtime) != 0) {
        return 125;
    }
    pid_t init = read_pid(argv[1]);
    if (init <= 1) {
        fputs("hold: the runtime left no pid\n", stderr);
        return 125;
    }
    if (write(3, "created\n", 8) != 8) {
        kill(init, 9);
    }
    close(3);
    return wait_for(init);
}
