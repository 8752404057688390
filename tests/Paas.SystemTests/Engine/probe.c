/* A program with no libraries that does what a test asks of it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve(void)
{
    const char *port = getenv("PORT");
    int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port ? port : "8080")) };
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 64)) {
        perror("bind");
        return 1;
    }
    printf("listening on %s\n", port);
    fflush(stdout);
    for (;;) {
        char request[4096];
        int client = accept(server, NULL, NULL);
        if (client < 0 || read(client, request, sizeof request) <= 0) {
            continue;
        }
        dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
        close(client);
    }
}

static int eat(void)
{
    char *block;
    while ((block = malloc(1 << 20)) != NULL) {
        memset(block, 1, 1 << 20);
    }
    return 1;
}

static int fill(const char *path, int megabytes)
{
    static char block[1 << 20];
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    while (file >= 0 && megabytes-- > 0) {
        if (write(file, block, sizeof block) < 0) {
            perror("write");
            return 1;
        }
    }
    for (;;) {
        pause();
    }
}

static int forks(void)
{
    int made = 0;
    pid_t child;
    while ((child = fork()) > 0 && made < 10000) {
        made++;
    }
    if (child != 0) {
        printf("%d\n", made);
        fflush(stdout);
        kill(-1, SIGKILL);
        return 0;
    }
    pause();
    return 0;
}

static void refused(const char *name, long result)
{
    printf("%s %s\n", name, result < 0 ? strerror(errno) : "allowed");
}

static int rules(void)
{
    refused("unshare-user", unshare(CLONE_NEWUSER));
    refused("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
    refused("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
    refused("bpf", syscall(SYS_bpf, 0, 0, 0));
    refused("io_uring", syscall(SYS_io_uring_setup, 1, 0));
    refused("unknown", syscall(999));
    refused("vsock", socket(40, SOCK_STREAM, 0));
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "serve";
    if (!strcmp(what, "serve")) {
        return serve();
    }
    if (!strcmp(what, "exit")) {
        return atoi(argv[2]);
    }
    if (!strcmp(what, "echo")) {
        for (int i = 2; i < argc; i++) {
            printf("%s%s", argv[i], i + 1 < argc ? " " : "\n");
        }
        return 0;
    }
    if (!strcmp(what, "error")) {
        fprintf(stderr, "%s\n", argv[2]);
        return 0;
    }
    if (!strcmp(what, "env")) {
        printf("%s\n", getenv(argv[2]) ? getenv(argv[2]) : "(none)");
        return 0;
    }
    if (!strcmp(what, "copy")) {
        char buffer[65536];
        ssize_t count;
        while ((count = read(0, buffer, sizeof buffer)) > 0) {
            if (write(1, buffer, (size_t)count) != count) {
                return 1;
            }
        }
        return 0;
    }
    if (!strcmp(what, "id")) {
        printf("%d %d %d\n", getuid(), getgid(), getpid());
        return 0;
    }
    if (!strcmp(what, "read") || !strcmp(what, "write")) {
        char buffer[65536];
        int write_it = what[0] == 'w', file = open(argv[2], write_it ? O_CREAT | O_WRONLY : O_RDONLY, 0644);
        if (file < 0) {
            printf("%s\n", strerror(errno));
            return 1;
        }
        ssize_t count = write_it ? write(file, argv[3], strlen(argv[3])) : read(file, buffer, sizeof buffer);
        if (!write_it && count > 0) {
            fwrite(buffer, 1, (size_t)count, stdout);
        }
        return count < 0;
    }
    if (!strcmp(what, "stubborn")) {
        signal(SIGTERM, SIG_IGN);
        printf("ignoring SIGTERM\n");
        fflush(stdout);
    }
    if (!strcmp(what, "sleep") || !strcmp(what, "stubborn")) {
        for (;;) {
            pause();
        }
    }
    return !strcmp(what, "eat") ? eat() : !strcmp(what, "forks") ? forks() : !strcmp(what, "rules") ? rules()
        : !strcmp(what, "fill") ? fill(argv[2], atoi(argv[3])) : 2;
}
