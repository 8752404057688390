/*
 * The environment of the process that the launcher becomes, and the rules by which layers add to it
 * (CNB buildpack spec, "Environment": the same as at build, without the variables for compilers).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "toml.h"

enum { EXIT_METADATA = 11, EXIT_LAUNCH = 82 };

static struct list environment;

static void die(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("ERROR: failed to launch: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(code);
}

static char *format(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        check(NULL);
    va_end(args);
    return text;
}

static char *read_all(int fd)
{
    size_t size = 0, room = 4096;
    char *text = check(malloc(room + 1));
    ssize_t got;
    while ((got = read(fd, text + size, room - size)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return NULL;
        size += got;
        if (size == room)
            text = check(realloc(text, (room *= 2) + 1));
    }
    text[size] = '\0';
    return text;
}

/* NULL when the file cannot be read. */
static char *read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *text = read_all(fd);
    close(fd);
    return text;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Calls visit with the path of each entry, by name; with the files, or with the directories. */
static void each(const char *directory, bool directories, void (*visit)(const char *path))
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        char *path = format("%s/%s", directory, name);
        struct stat status;
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode) == directories)
            visit(path);
    }
}

static char **find_variable(const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < environment.count; i++)
        if (strncmp(environment.items[i], name, length) == 0 && environment.items[i][length] == '=')
            return &environment.items[i];
    return NULL;
}

/* Empty when it is not set: the suffix rules make no difference. */
static const char *get(const char *name)
{
    char **variable = find_variable(name);
    return variable == NULL ? "" : *variable + strlen(name) + 1;
}

static void set(const char *name, const char *value)
{
    char *text = format("%s=%s", name, value);
    char **variable = find_variable(name);
    if (variable != NULL)
        *variable = text;
    else
        add(&environment, text);
}

/* Nothing parts a value from one that is not there; an empty new value is one that is. */
static void prepend(const char *name, const char *value, const char *delimiter)
{
    const char *old = get(name);
    set(name, *old == '\0' ? value : format("%s%s%s", value, delimiter, old));
}

static void append(const char *name, const char *value, const char *delimiter)
{
    const char *old = get(name);
    set(name, *old == '\0' ? value : format("%s%s%s", old, delimiter, value));
}

/* Without what is meant for the launcher alone. */
static void take_environment(char **from)
{
    static const char *own[] = {"CNB_LAYERS_DIR=", "CNB_APP_DIR=", "CNB_PROCESS_TYPE=", "CNB_PLATFORM_API=", "CNB_DEPRECATION_MODE=", NULL};
    for (; *from != NULL; from++) {
        bool keep = true;
        for (int i = 0; own[i] != NULL; i++)
            keep = keep && strncmp(*from, own[i], strlen(own[i])) != 0;
        if (keep)
            add(&environment, *from);
    }

    if (find_variable("PATH") == NULL)
        return;
    char *rest = check(strdup(get("PATH"))), *part;
    char *path = NULL;
    while ((part = strsep(&rest, ":")) != NULL)
        if (strcmp(part, "/cnb/process") != 0 && strcmp(part, "/cnb/lifecycle") != 0)
            path = path == NULL ? part : format("%s:%s", path, part);
    set("PATH", path == NULL ? "" : path);
}

static void apply_layer_directories(const char *layer)
{
    char *bin = format("%s/bin", layer), *lib = format("%s/lib", layer);
    if (is_directory(bin))
        prepend("PATH", bin, ":");
    if (is_directory(lib))
        prepend("LD_LIBRARY_PATH", lib, ":");
}

/* NAME, NAME.override, NAME.default, NAME.append, NAME.prepend; NAME.delim goes between old and new. Contents are never trimmed. */
static void apply_env_file(const char *path)
{
    const char *file = strrchr(path, '/') + 1;
    char *name = check(strdup(file));
    char *dot = strchr(name, '.');
    const char *action = dot == NULL ? "override" : dot + 1;
    if (dot != NULL)
        *dot = '\0';
    if (strcmp(action, "delim") == 0)
        return;

    const char *value = read_file(path);
    if (value == NULL)
        die(EXIT_LAUNCH, "cannot read %s: %s", path, strerror(errno));
    const char *delimiter = read_file(format("%.*s%s.delim", (int)(file - path), path, name));
    if (delimiter == NULL)
        delimiter = "";

    if (strcmp(action, "override") == 0 || (strcmp(action, "default") == 0 && *get(name) == '\0'))
        set(name, value);
    else if (strcmp(action, "prepend") == 0)
        prepend(name, value, delimiter);
    else if (strcmp(action, "append") == 0)
        append(name, value, delimiter);
}
