/* Client of registry.sh, light on CPU so that what is measured is the server. It speaks to 127.0.0.1:PORT, host "localhost".

   registry PORT AUTH get PATH CONNECTIONS SECONDS   keep-alive GETs one after another on each connection; prints "<requests> <bytes> <seconds>"
   registry PORT AUTH put|patch|chunked REPOSITORY FILE DIGEST   one upload: POST, then one PUT; or PATCHes of 10 MB and a PUT; or one PATCH in
                                                     chunks of 32 KB (as docker sends) and a PUT; prints seconds from the POST to the last answer
   AUTH is the value of the Authorization header; empty: none. Any answer but 2xx ends it with exit code 1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 256, THREADS = 2, HEAD = 8192, READ = 256 << 10, PATCH = 10 << 20, CHUNK = 32 << 10 };

struct connection { int socket, got; long left; char head[HEAD + 1]; };
struct worker { pthread_t thread; int connections; long requests, bytes; };

static int port;
static const char *auth;
static char request[4096];
static double deadline;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "registry: %s: %s\n", what, detail);
    exit(1);
}

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || connect(s, (void *)&to, sizeof to)) die("connect", strerror(errno));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

static void send_all(int s, const char *text, size_t size, int flags)
{
    while (size > 0) {
        ssize_t sent = send(s, text, size, MSG_NOSIGNAL | flags);
        if (sent < 0) die("send", strerror(errno));
        text += sent, size -= sent;
    }
}

/* Takes what has come; the length of the body is known once the head is whole. 1: an answer is complete. */
static int take(struct connection *c, char *buffer, struct worker *w)
{
    ssize_t count;
    if (c->left >= 0) {
        count = recv(c->socket, buffer, c->left < READ ? c->left : READ, MSG_DONTWAIT);
    } else {
        count = recv(c->socket, c->head + c->got, HEAD - c->got, MSG_DONTWAIT);
    }
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) die("answer broken off", count ? strerror(errno) : "end");
    if (c->left < 0) {
        c->head[c->got += count] = 0;
        char *end = strstr(c->head, "\r\n\r\n"), *length = strcasestr(c->head, "\r\nContent-Length:");
        if (!end) return 0;
        if (c->head[9] != '2' || !length || length > end) die("answered", c->head);
        count = c->head + c->got - end - 4;
        c->left = atol(length + 17);
    }
    c->left -= count, w->bytes += count;
    if (c->left > 0) return 0;
    c->got = 0, c->left = -1;
    w->requests++;
    return 1;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct connection *all = calloc(w->connections, sizeof *all);
    char *buffer = malloc(READ);
    size_t size = strlen(request);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < w->connections; i++) {
        all[i].socket = dial(), all[i].left = -1;
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &all[i] };
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event);
        send_all(all[i].socket, request, size, 0);
    }
    while (now() < deadline) {
        struct epoll_event ready[MOST];
        int count = epoll_wait(poll, ready, MOST, 100);
        for (int i = 0; i < count; i++) {
            struct connection *c = ready[i].data.ptr;
            if (take(c, buffer, w)) send_all(c->socket, request, size, 0);
        }
    }
    return NULL;
}

static void get(const char *path, int connections, double seconds)
{
    struct worker workers[THREADS] = { 0 };
    int threads = connections < THREADS ? connections : THREADS;
    long requests = 0, bytes = 0;
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
        "Accept: application/vnd.oci.image.manifest.v1+json\r\n%s%s%s\r\n", path, *auth ? "Authorization: " : "", auth, *auth ? "\r\n" : "");
    double began = now();
    deadline = began + seconds;
    for (int i = 0; i < threads; i++) {
        workers[i].connections = connections / threads + (i < connections % threads);
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        requests += workers[i].requests, bytes += workers[i].bytes;
    }
    printf("%ld %ld %.3f\n", requests, bytes, now() - began);
}

/* Sends a request's head; its body follows when length is not 0. */
static void ask(int s, const char *method, const char *path, const char *length, int more)
{
    char head[HEAD];
    int size = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n%s%s%s%s\r\n\r\n",
        method, path, *auth ? "Authorization: " : "", auth, *auth ? "\r\n" : "", length);
    send_all(s, head, size, more ? MSG_MORE : 0);
}

/* Waits for the answer; leaves the path of its Location in location, if there is one. */
static void answer(int s, char *location)
{
    static char head[HEAD + 1];
    int got = 0;
    char *end = NULL;
    while (!end) {
        ssize_t count = recv(s, head + got, HEAD - got, 0);
        if (count <= 0) die("no answer", count ? strerror(errno) : head);
        head[got += count] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    char *length = strcasestr(head, "\r\nContent-Length:"), *at = strcasestr(head, "\r\nLocation: ");
    if (head[9] != '2' || (length && atol(length + 17) != 0)) die("answered", head);
    if (!at) return;
    at += 12;
    if (*at != '/') at = strchr(strstr(at, "//") + 2, '/');
    snprintf(location, HEAD, "%.*s", (int)strcspn(at, "\r"), at);
}

static void send_file(int s, int file, off_t from, off_t to)
{
    while (from < to)
        if (sendfile(s, file, &from, to - from) <= 0) die("sendfile", strerror(errno));
}

static void send_chunked(int s, int file, off_t size)
{
    char *content = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    for (off_t at = 0; at < size; at += CHUNK) {
        char line[16];
        size_t count = size - at < CHUNK ? size - at : CHUNK;
        int written = snprintf(line, sizeof line, "%zx\r\n", count);
        send_all(s, line, written, MSG_MORE);
        send_all(s, content + at, count, MSG_MORE);
        send_all(s, "\r\n", 2, MSG_MORE);
    }
    send_all(s, "0\r\n\r\n", 5, 0);
}

static void upload(const char *way, const char *repository, const char *name, const char *digest)
{
    char location[HEAD], length[64], last[HEAD + 128];
    int file = open(name, O_RDONLY | O_CLOEXEC), s = dial();
    struct stat status;
    if (file < 0 || fstat(file, &status)) die(name, strerror(errno));
    off_t size = status.st_size;
    snprintf(last, sizeof last, "/v2/%s/blobs/uploads/", repository);
    double began = now();
    ask(s, "POST", last, "Content-Length: 0", 0);
    answer(s, location);
    if (!strcmp(way, "patch")) {
        for (off_t at = 0; at < size; at += PATCH) {
            off_t end = at + PATCH < size ? at + PATCH : size;
            snprintf(length, sizeof length, "Content-Length: %ld", (long)(end - at));
            ask(s, "PATCH", location, length, 1);
            send_file(s, file, at, end);
            answer(s, location);
        }
        size = 0;
    } else if (!strcmp(way, "chunked")) {
        ask(s, "PATCH", location, "Transfer-Encoding: chunked", 1);
        send_chunked(s, file, size);
        answer(s, location);
        size = 0;
    }
    snprintf(last, sizeof last, "%s%cdigest=%s", location, strchr(location, '?') ? '&' : '?', digest);
    snprintf(length, sizeof length, "Content-Length: %ld", (long)size);
    ask(s, "PUT", last, length, size > 0);
    send_file(s, file, 0, size);
    answer(s, location);
    printf("%.3f\n", now() - began);
}

int main(int argc, char **argv)
{
    if (argc != 7) return 2;
    port = atoi(argv[1]), auth = argv[2];
    if (!strcmp(argv[3], "get")) get(argv[4], atoi(argv[5]), atof(argv[6]));
    else upload(argv[3], argv[4], argv[5], argv[6]);
    return 0;
}
