/* Paced load for load.sh: RATE requests/s over at most 64 keep-alive connections until a byte or the end of standard input, each
   request due at its own moment however slow the answers are. Prints "<requests> <not 2xx> <connection errors> <p50 ms> <p99 ms> <max ms>".

   load HOST PORT RATE   (HOST goes into the Host header; the connection goes to 127.0.0.1) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, SAMPLES = 1 << 22, PATIENCE_MS = 10000 };

struct connection { int socket, busy, got; double due; char head[4096]; long left; };

static struct connection all[CONNECTIONS];
static float *samples;
static long requests, bad, errors;
static char request[512];
static int port;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void error(struct connection *c, const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    errors++;
    if (c->socket >= 0) close(c->socket);
    c->socket = -1, c->busy = 0;
}

static void finish(struct connection *c)
{
    int status = atoi(c->head + 9);
    if (status < 200 || status > 299) {
        fprintf(stderr, "load: answered %d: %.300s\n", status, c->head);
        bad++;
    }
    if (requests < SAMPLES) samples[requests] = now() - c->due;
    requests++;
    c->busy = 0;
    if (strcasestr(c->head, "\r\nConnection: close")) close(c->socket), c->socket = -1;
}

static void ask(struct connection *c, double due)
{
    if (c->socket < 0) {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int one = 1;
        c->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (connect(c->socket, (void *)&to, sizeof to)) {
            error(c, "connect");
            return;
        }
    }
    c->busy = 1, c->got = 0, c->left = -1, c->due = due;
    if (send(c->socket, request, strlen(request), MSG_NOSIGNAL) < 0) error(c, "send");
}

static void take(struct connection *c)
{
    char rest[65536];
    if (c->left > 0) {
        ssize_t count = recv(c->socket, rest, c->left < (long)sizeof rest ? (size_t)c->left : sizeof rest, 0);
        if (count <= 0) { error(c, "answer broken off"); return; }
        if ((c->left -= count) == 0) finish(c);
        return;
    }
    ssize_t count = recv(c->socket, c->head + c->got, sizeof c->head - 1 - c->got, 0);
    if (count <= 0) { error(c, "no answer"); return; }
    c->head[c->got += count] = 0;
    char *end = strstr(c->head, "\r\n\r\n"), *length = strcasestr(c->head, "\r\nContent-Length:");
    if (!end) return;
    if (!length || length > end) { errno = EPROTO, error(c, "an answer without Content-Length"); return; }
    c->left = atol(length + 17) - (c->head + c->got - end - 4);
    if (c->left <= 0) finish(c);
}

static int larger(const void *a, const void *b) { return (*(float *)a > *(float *)b) - (*(float *)a < *(float *)b); }

int main(int argc, char **argv)
{
    if (argc != 4) return 2;
    port = atoi(argv[2]);
    double step = 1000.0 / atof(argv[3]), next = now();
    samples = malloc(SAMPLES * sizeof *samples);
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", argv[1]);
    for (int i = 0; i < CONNECTIONS; i++) all[i].socket = -1;
    for (int ending = 0;;) {
        struct pollfd polled[CONNECTIONS + 1];
        int busy = 0, slot = 0;
        for (double t = now(); !ending && next <= t; next += step) {
            while (slot < CONNECTIONS && all[slot].busy) slot++;
            if (slot == CONNECTIONS) break;
            ask(&all[slot], next);
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            polled[i] = (struct pollfd) { .fd = all[i].busy ? all[i].socket : -1, .events = POLLIN };
            busy += all[i].busy;
        }
        if (ending && !busy) break;
        polled[CONNECTIONS] = (struct pollfd) { .fd = ending ? -1 : 0, .events = POLLIN };
        double wait = next - now();
        poll(polled, CONNECTIONS + 1, ending ? 100 : wait > 0 && wait < 100 ? (int)wait + 1 : 1);
        for (int i = 0; i < CONNECTIONS; i++) {
            if (!all[i].busy) continue;
            if (polled[i].revents) take(&all[i]);
            else if (now() - all[i].due > PATIENCE_MS && ending) errno = ETIMEDOUT, error(&all[i], "no answer");
        }
        ending |= polled[CONNECTIONS].revents != 0;
    }
    long kept = requests < SAMPLES ? requests : SAMPLES;
    qsort(samples, kept, sizeof *samples, larger);
    printf("%ld %ld %ld %.2f %.2f %.2f\n", requests, bad, errors, kept ? samples[kept / 2] : 0, kept ? samples[kept * 99 / 100] : 0, kept ? samples[kept - 1] : 0);
    return bad || errors;
}
