/*
 * git's pre-receive hook: hands a push to control over a Unix socket and prints what comes back.
 *
 * Control starts receive-pack with PAAS_HOOK_SOCKET (the socket) and PAAS_PUSH (which push this is).
 * Sent:     PAAS_PUSH=<id>\n, one NAME=value\n for each of git's quarantine variables (githooks(5), "pre-receive";
 *           only a process with them sees the pushed objects), an empty line, then the ref lines of stdin as they are.
 * Received: text for the person who pushes, as it happens; then a NUL and one byte, the exit code.
 * A connection that ends without the NUL is a refusal: nothing may be stored that control has not agreed to.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const passed_on[] = {
    "PAAS_PUSH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH",
};

static int refuse(const char *sentence)
{
    fprintf(stderr, "%s\n", sentence);
    return 1;
}

/* 0, or -1 with errno. */
static int write_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

static ssize_t read_some(int fd, char *buffer, size_t size)
{
    ssize_t count;
    do
        count = read(fd, buffer, size);
    while (count < 0 && errno == EINTR);
    return count;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Errors are not looked at here: whoever stopped listening has already said why, and that is read next. */
static void send_push(int control)
{
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
        const char *value = getenv(passed_on[i]);
        if (value == NULL || strchr(value, '\n') != NULL)
            continue;
        if (write_all(control, passed_on[i], strlen(passed_on[i])) < 0 || write_all(control, "=", 1) < 0
            || write_all(control, value, strlen(value)) < 0 || write_all(control, "\n", 1) < 0)
            return;
    }
    if (write_all(control, "\n", 1) < 0)
        return;

    char buffer[16384];
    ssize_t count;
    while ((count = read_some(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        if (write_all(control, buffer, (size_t)count) < 0)
            return;
    shutdown(control, SHUT_WR);
}

/* The exit code, or -1 when the connection ended without a verdict. */
static int print_until_verdict(int control)
{
    char buffer[16384];
    ssize_t count;
    int decided = 0;
    while ((count = read_some(control, buffer, sizeof buffer)) > 0) {
        char *rest = buffer;
        if (!decided) {
            char *end = memchr(buffer, '\0', (size_t)count);
            size_t text = end == NULL ? (size_t)count : (size_t)(end - buffer);
            /* A reader that has gone away does not change the verdict. */
            (void)!write_all(STDERR_FILENO, buffer, text);
            if (end == NULL)
                continue;
            decided = 1;
            rest = end + 1;
        }
        if (rest < buffer + count)
            return (unsigned char)*rest;
    }
    return -1;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const char *path = getenv("PAAS_HOOK_SOCKET");
    if (path == NULL || getenv("PAAS_PUSH") == NULL)
        return refuse("This repository takes pushes through the platform only: push to the app's git URL (paas apps info shows it).");

    int control = connect_to(path);
    if (control < 0) {
        fprintf(stderr, "The platform cannot take this push (%s: %s). Is it running? Push again in a moment.\n", path, strerror(errno));
        return 1;
    }

    send_push(control);
    int verdict = print_until_verdict(control);
    return verdict >= 0 ? verdict : refuse("The platform went away before it had decided on this push, so nothing was stored. Push again in a moment.");
}
