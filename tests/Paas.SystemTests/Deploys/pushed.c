/* What an image that somebody else made might do: serve on a port of its own, hand over from root to another user, check itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void polite(int signal)
{
    (void)signal;
    static const char words[] = "asked to quit\n";
    if (write(1, words, sizeof words - 1) < 0) {
        _exit(1);
    }
    _exit(0);
}

/* serve PORT [UID]: as root it takes the port, gives /data away and becomes UID, as the official images of web servers do. */
static int serve(const char *port, const char *uid)
{
    int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)) };
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 64)) {
        perror("bind");
        return 1;
    }
    if (uid) {
        gid_t groups[] = { (gid_t)atoi(uid) };
        if (mkdir("/data", 0700) || chown("/data", groups[0], groups[0]) || setgroups(1, groups) || setgid(groups[0]) || setuid(groups[0])) {
            perror("hand over");
            return 1;
        }
    }
    signal(SIGQUIT, polite);
    signal(SIGTERM, SIG_IGN);
    printf("listening on %s\n", port);
    fflush(stdout);
    for (;;) {
        char request[4096], page[256];
        int client = accept(server, NULL, NULL);
        if (client < 0 || read(client, request, sizeof request) <= 0) {
            continue;
        }
        snprintf(page, sizeof page, "uid=%d PORT=%s page=%s", (int)getuid(), getenv("PORT"), getenv("PAGE"));
        dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(page), page);
        close(client);
    }
}

int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "serve") == 0) {
        return serve(arguments[2], count > 3 ? arguments[3] : NULL);
    }
    if (count > 2 && strcmp(arguments[1], "check") == 0) {
        fprintf(stderr, "checking\nthe database is not there\n");
        return atoi(arguments[2]);
    }
    fprintf(stderr, "what?\n");
    return 2;
}
