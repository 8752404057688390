/*
 * The CNB launcher (Cloud Native Buildpacks, platform spec, Platform API 0.15, "Launch"): the entrypoint of every app image.
 * It puts the environment together that the buildpacks' layers ask for and becomes the process: no fork, the pid stays.
 *
 * A static binary, because the run image may have no shell, and because a shell cannot do it: environment names that are no
 * identifiers and trailing newlines of values would get lost.
 *
 * Reads <layers>/config/metadata.toml, which export writes (src/Paas.Buildpacks/LaunchMetadata.cs). Memory is never freed: the process is
 * about to be replaced.
 *
 * Exit codes are the reference's: 11 for metadata that cannot be read, 82 for everything else.
 */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "environment.h"

struct buildpack {
    char *id, *api, *layers_dir;
};

struct process {
    char *type, *buildpack_id, *working_dir;
    struct list command, args, exec_env;
    bool direct;
};

static struct buildpack *buildpacks;
static int buildpack_count;
static struct process *processes;
static int process_count;
static const char *process_type = "";

static void apply_layer_env(const char *layer)
{
    each(format("%s/env", layer), false, apply_env_file);
    each(format("%s/env.launch", layer), false, apply_env_file);
    if (*process_type != '\0')
        each(format("%s/env.launch/%s", layer, process_type), false, apply_env_file);
}

static void set_buildpack(struct buildpack *buildpack, const char *key, struct list value)
{
    if (strcmp(key, "id") == 0)
        buildpack->id = value.items[0];
    else if (strcmp(key, "api") == 0)
        buildpack->api = value.items[0];
}

static void set_process(struct process *process, const char *key, struct list value)
{
    if (strcmp(key, "command") == 0)
        process->command = value;
    else if (strcmp(key, "args") == 0)
        process->args = value;
    else if (strcmp(key, "exec-env") == 0)
        process->exec_env = value;
    else if (value.count == 0)
        return;
    else if (strcmp(key, "type") == 0)
        process->type = value.items[0];
    else if (strcmp(key, "buildpack-id") == 0)
        process->buildpack_id = value.items[0];
    else if (strcmp(key, "working-dir") == 0)
        process->working_dir = value.items[0];
    else if (strcmp(key, "direct") == 0)
        process->direct = strcmp(value.items[0], "true") == 0;
}

static void read_metadata(const char *layers_dir)
{
    char *path = format("%s/config/metadata.toml", layers_dir);
    char *text = read_file(path);
    if (text == NULL)
        die(EXIT_METADATA, "cannot read %s: %s", path, strerror(errno));

    enum { OTHER, BUILDPACK, PROCESS } table = OTHER;
    for (skip_space(&text, true); *text != '\0'; skip_space(&text, true)) {
        if (*text == '[') {
            table = OTHER;
            if (strncmp(text, "[[buildpacks]]", 14) == 0) {
                table = BUILDPACK;
                buildpacks = check(realloc(buildpacks, ++buildpack_count * sizeof *buildpacks));
                buildpacks[buildpack_count - 1] = (struct buildpack){.id = "", .api = ""};
            } else if (strncmp(text, "[[processes]]", 13) == 0) {
                table = PROCESS;
                processes = check(realloc(processes, ++process_count * sizeof *processes));
                processes[process_count - 1] = (struct process){.type = "", .buildpack_id = ""};
            }
            text += strcspn(text, "\n");
            continue;
        }
        struct list value = {0};
        char *key = read_key(&text);
        if (key == NULL || !read_value(&text, &value))
            die(EXIT_METADATA, "%s is damaged", path);
        if (table == BUILDPACK && value.count > 0)
            set_buildpack(&buildpacks[buildpack_count - 1], key, value);
        else if (table == PROCESS)
            set_process(&processes[process_count - 1], key, value);
    }

    for (int i = 0; i < buildpack_count; i++) {
        char *name = check(strdup(buildpacks[i].id));
        for (char *slash = name; (slash = strchr(slash, '/')) != NULL;)
            *slash = '_';
        buildpacks[i].layers_dir = format("%s/%s", layers_dir, name);
    }
}

/* ---- which process ---- */

/* Whether the buildpack that made the process speaks an API before 0.<minor>. */
static bool older_than(const struct process *process, int minor)
{
    int major = 0, own = 99;
    for (int i = 0; i < buildpack_count; i++)
        if (strcmp(buildpacks[i].id, process->buildpack_id) == 0)
            sscanf(buildpacks[i].api, "%d.%d", &major, &own);
    return major == 0 && own < minor;
}

static bool runs_here(const struct process *process)
{
    const char *here = getenv("CNB_EXEC_ENV");
    if (here == NULL || *here == '\0')
        here = "production";
    bool runs = process->exec_env.count == 0;
    for (int i = 0; i < process->exec_env.count; i++)
        runs = runs || strcmp(process->exec_env.items[i], "*") == 0 || strcmp(process->exec_env.items[i], here) == 0;
    return runs;
}

static void die_unknown_type(const char *type)
{
    char *known = "";
    for (int i = 0; i < process_count; i++)
        known = format("%s%s%s", known, *known == '\0' ? "" : ", ", processes[i].type);
    die(EXIT_LAUNCH, "this image has no process type '%s'; it has: %s", type, *known == '\0' ? "none" : known);
}

/* A type's own process. The person's arguments replace its args; before API 0.9 they follow those of a one-word command. */
static struct process process_of_type(const char *type, char **user_args)
{
    for (int i = 0; i < process_count; i++) {
        struct process process = processes[i];
        if (strcmp(process.type, type) != 0 || !runs_here(&process))
            continue;
        if (process.command.count == 0)
            die(EXIT_METADATA, "process type '%s' has no command", type);

        struct list args = {0};
        for (int k = 1; k < process.command.count; k++)
            add(&args, process.command.items[k]);
        if (*user_args == NULL || (process.command.count == 1 && older_than(&process, 9)))
            for (int k = 0; k < process.args.count; k++)
                add(&args, process.args.items[k]);
        for (; *user_args != NULL; user_args++)
            add(&args, *user_args);
        process.args = args;
        process_type = type;
        return process;
    }
    die(EXIT_LAUNCH, "process type '%s' is not for this execution environment", type);
    abort();
}

/* What the person typed: behind "--" as it stands, else as a line for bash. */
static struct process process_of_arguments(char **args)
{
    struct process process = {.type = "", .buildpack_id = ""};
    if (*args != NULL && strcmp(*args, "--") == 0) {
        process.direct = true;
        args++;
    }
    if (*args == NULL)
        die(EXIT_LAUNCH, "when there is no default process a command is required");
    add(&process.command, *args++);
    for (; *args != NULL; args++)
        add(&process.args, *args);
    return process;
}

static bool is_type(const char *name)
{
    for (int i = 0; i < process_count; i++)
        if (strcmp(processes[i].type, name) == 0)
            return true;
    return false;
}

/* Images start /cnb/process/<type>, a link to the launcher: the name it was called by says which process. Under any other name it
 * runs what the person typed. */
static struct process choose_process(char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash == NULL ? argv[0] : slash + 1;
    const char *asked = getenv("CNB_PROCESS_TYPE");
    if (asked != NULL && *asked != '\0')
        fprintf(stderr, "Warning: CNB_PROCESS_TYPE is not part of platform API 0.15; start /cnb/process/%s instead\n", asked);
    if (is_type(name))
        return process_of_type(name, argv + 1);
    if (argv[1] == NULL && strcmp(name, "launcher") != 0)
        die_unknown_type(name);
    return process_of_arguments(argv + 1);
}

/* ---- exec.d: executables of the layers that give variables, as TOML on file descriptor 3 ---- */

static void run_exec_d(const char *path)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        die(EXIT_LAUNCH, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        die(EXIT_LAUNCH, "fork: %s", strerror(errno));
    if (child == 0) {
        if (ends[1] == 3)
            fcntl(3, F_SETFD, 0);
        else
            dup2(ends[1], 3);
        char *argv[] = {(char *)path, NULL};
        execve(path, argv, environment.items);
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    char *text = read_all(ends[0]);
    close(ends[0]);

    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        die(EXIT_LAUNCH, "%s failed with exit code %d", path, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (text == NULL)
        die(EXIT_LAUNCH, "the output of %s cannot be read", path);
    for (skip_space(&text, true); *text != '\0'; skip_space(&text, true)) {
        char *key = read_key(&text);
        char *value = key == NULL ? NULL : read_string(&text);
        skip_space(&text, false);
        if (value == NULL || (*text != '\0' && *text != '\n' && *text != '\r'))
            die(EXIT_LAUNCH, "%s must write lines of name = \"value\" to file descriptor 3", path);
        set(key, value);
    }
}

static void run_layer_exec_d(const char *layer)
{
    each(format("%s/exec.d", layer), false, run_exec_d);
    if (*process_type != '\0')
        each(format("%s/exec.d/%s", layer, process_type), false, run_exec_d);
}

/* ---- becoming the process ---- */

static void start_directly(const struct process *process, const char *working_dir)
{
    struct list argv = {0};
    add(&argv, process->command.items[0]);
    for (int i = 0; i < process->args.count; i++)
        add(&argv, process->args.items[i]);
    if (chdir(working_dir) != 0)
        die(EXIT_LAUNCH, "cannot enter the working directory %s: %s", working_dir, strerror(errno));
    setenv("PATH", get("PATH"), 1); /* the layers' PATH is the one to search */
    execvpe(argv.items[0], argv.items, environment.items);
    die(EXIT_LAUNCH, "cannot run '%s': %s", argv.items[0], errno == ENOENT ? "no such command in this image" : strerror(errno));
}

static struct list profiles;

static void add_profile(const char *path)
{
    add(&profiles, (char *)path);
}

static void add_layer_profiles(const char *layer)
{
    each(format("%s/profile.d", layer), false, add_profile);
    if (*process_type != '\0')
        each(format("%s/profile.d/%s", layer, process_type), false, add_profile);
}

/* As one word for bash, whatever is in it. */
static char *quote(const char *text)
{
    char *quoted = "'";
    for (size_t length; length = strcspn(text, "'"), text[length] != '\0'; text += length + 1)
        quoted = format("%s%.*s'\\''", quoted, (int)length, text);
    return format("%s%s'", quoted, text);
}

/* bash sources the profiles, then runs the command: a line as it stands, or a command whose arguments it evaluates first.
 * Command and arguments are its "$@", which the profiles see too: the script itself names only paths. */
static void start_in_bash(const struct process *process, const char *argv0, const char *working_dir)
{
    for (int i = 0; i < buildpack_count; i++)
        each(buildpacks[i].layers_dir, true, add_layer_profiles);
    struct stat status;
    if (stat(".profile", &status) == 0 && !S_ISDIR(status.st_mode))
        add_profile(".profile");

    char *script = "";
    for (int i = 0; i < profiles.count; i++)
        script = format("%ssource %s\n", script, quote(profiles.items[i]));
    script = format("%scd %s || exit %d\n", script, quote(working_dir), EXIT_LAUNCH);
    if (process->args.count == 0) {
        script = format("%sexec bash -c \"$@\"", script);
    } else {
        char *words = "\"$(eval echo \\\"$0\\\")\"";
        for (int i = 1; i <= process->args.count; i++)
            words = format("%s \"$(eval echo \\\"${%d}\\\")\"", words, i);
        script = format("%sexec bash -c '%s' \"$@\"", script, words);
    }

    struct list argv = {0};
    add(&argv, "bash");
    add(&argv, "-c");
    add(&argv, script);
    add(&argv, (char *)argv0);
    add(&argv, process->command.items[0]);
    for (int i = 0; i < process->args.count; i++)
        add(&argv, process->args.items[i]);
    setenv("PATH", get("PATH"), 1);
    execvpe("bash", argv.items, environment.items);
    die(EXIT_LAUNCH, "this command needs a shell, and bash cannot be run: %s", strerror(errno));
}

static const char *directory_or(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value == NULL || *value == '\0' ? otherwise : value;
}

int main(int argc, char **argv)
{
    if (argc < 1)
        return EXIT_LAUNCH;
    const char *layers_dir = directory_or("CNB_LAYERS_DIR", "/layers");
    const char *app_dir = directory_or("CNB_APP_DIR", "/workspace");

    read_metadata(layers_dir);
    struct process process = choose_process(argv);
    take_environment(environ);
    if (chdir(app_dir) != 0)
        die(EXIT_LAUNCH, "cannot enter the app directory %s: %s", app_dir, strerror(errno));

    for (int i = 0; i < buildpack_count; i++) {
        each(buildpacks[i].layers_dir, true, apply_layer_directories);
        each(buildpacks[i].layers_dir, true, apply_layer_env);
    }
    for (int i = 0; i < buildpack_count; i++)
        each(buildpacks[i].layers_dir, true, run_layer_exec_d);

    const char *working_dir = process.working_dir == NULL ? app_dir : process.working_dir;
    if (process.direct)
        start_directly(&process, working_dir);
    start_in_bash(&process, argv[0], working_dir);
}
