/* bp: what our buildpacks need that a shell does badly. Static, no allocation to speak of.
 *
 *   bp semver RANGE < VERSIONS   prints the highest version that the npm range allows; exit 1 when none does
 *   bp procfile FILE             prints launch.toml for the file; exit 1 with a sentence and the line's number
 *   bp quote TEXT                prints TEXT as a TOML basic string
 *
 * Ranges: node-semver 7, "Range Grammar" (comparators, ^, ~, x-ranges, hyphens, ||); pre-releases are never chosen.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    long part[3];
    int given; /* how many parts were written: "1.2" is 2 */
    bool pre;
} Version;

static const char *skip_spaces(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* Reads "1", "1.2", "1.2.x", "v1.2.3-rc.1"; returns what follows, or NULL when there is no version. */
static const char *read_version(const char *text, Version *version)
{
    memset(version, 0, sizeof *version);
    if (*text == 'v' || *text == '=') {
        text++;
    }
    for (int i = 0; i < 3; i++) {
        if (*text == 'x' || *text == 'X' || *text == '*') {
            text++;
            while (*text == '.' || *text == 'x' || *text == 'X' || *text == '*') {
                text++;
            }
            return text;
        }
        if (!isdigit((unsigned char)*text)) {
            return i == 0 ? NULL : text;
        }
        version->part[i] = strtol(text, (char **)&text, 10);
        version->given = i + 1;
        if (*text != '.') {
            break;
        }
        text++;
    }
    if (*text == '-' && (isalnum((unsigned char)text[1]))) {
        version->pre = true;
    }
    while (*text && !isspace((unsigned char)*text) && *text != '|') {
        text++;
    }
    return text;
}

static int compare(const Version *a, const Version *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->part[i] != b->part[i]) {
            return a->part[i] < b->part[i] ? -1 : 1;
        }
    }
    return 0;
}

/* The first version above every one that begins with the given parts: 1.2 -> 1.3.0. */
static Version above(Version version, int parts)
{
    Version next = {.given = 3};
    for (int i = 0; i < parts; i++) {
        next.part[i] = version.part[i];
    }
    next.part[parts - 1]++;
    return next;
}

static bool within(const Version *candidate, Version low, Version high)
{
    return compare(candidate, &low) >= 0 && compare(candidate, &high) < 0;
}

static bool allows_caret(const Version *candidate, Version version)
{
    int parts = version.given > 0 ? 1 : 0;
    if (parts == 0) {
        return true;
    }
    /* ^0.2.3 keeps 0.2, ^0.0.3 keeps 0.0.3, ^0.0 keeps 0.0 */
    while (parts < version.given && version.part[parts - 1] == 0) {
        parts++;
    }
    return within(candidate, version, above(version, parts));
}

static bool allows_plain(const Version *candidate, Version version)
{
    return version.given == 0 || within(candidate, version, above(version, version.given));
}

/* One set of comparators that all must hold; ends at "||" or at the end of the text. */
static bool allows_set(const char **text, const Version *candidate, bool *valid)
{
    bool holds = true;
    const char *at = skip_spaces(*text);
    while (*at && strncmp(at, "||", 2) != 0) {
        char operator[3] = "";
        size_t length = strspn(at, "<>=~^");
        if (length > 2) {
            *valid = false;
            return false;
        }
        memcpy(operator, at, length);
        at = skip_spaces(at + length);
        Version version;
        const char *rest = read_version(at, &version);
        if (rest == NULL) {
            *valid = false;
            return false;
        }
        at = skip_spaces(rest);
        if (length == 0 && at[0] == '-' && isspace((unsigned char)at[1])) {
            Version last;
            rest = read_version(skip_spaces(at + 1), &last);
            if (rest == NULL) {
                *valid = false;
                return false;
            }
            at = skip_spaces(rest);
            holds = holds && compare(candidate, &version) >= 0 && (last.given == 0 || compare(candidate, &(Version[1]){above(last, last.given)}[0]) < 0);
            continue;
        }
        switch (operator[0]) {
        case '^':
            holds = holds && allows_caret(candidate, version);
            break;
        case '~':
            holds = holds && (version.given == 0 || within(candidate, version, above(version, version.given > 1 ? 2 : 1)));
            break;
        case '>':
            if (operator[1] == '=') {
                holds = holds && compare(candidate, &version) >= 0;
            } else {
                Version next = version.given == 3 ? version : above(version, version.given > 0 ? version.given : 1);
                holds = holds && (version.given == 3 ? compare(candidate, &next) > 0 : compare(candidate, &next) >= 0);
            }
            break;
        case '<':
            if (operator[1] == '=' && version.given < 3) {
                Version next = above(version, version.given > 0 ? version.given : 1);
                holds = holds && compare(candidate, &next) < 0;
            } else {
                holds = holds && (operator[1] == '=' ? compare(candidate, &version) <= 0 : compare(candidate, &version) < 0);
            }
            break;
        default:
            holds = holds && allows_plain(candidate, version);
        }
    }
    *text = at;
    return holds;
}

static bool allows(const char *range, const Version *candidate, bool *valid)
{
    bool allowed = false;
    const char *at = range;
    for (;;) {
        allowed = allows_set(&at, candidate, valid) || allowed;
        if (!*valid || *at == '\0') {
            return allowed && *valid;
        }
        at += 2;
    }
}

static int semver(const char *range)
{
    char line[256], best_text[256] = "";
    Version best = {0};
    bool valid = true;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        Version candidate;
        if (read_version(line, &candidate) == NULL || candidate.given != 3 || candidate.pre) {
            continue;
        }
        if (allows(range, &candidate, &valid) && (best_text[0] == '\0' || compare(&candidate, &best) > 0)) {
            best = candidate;
            memcpy(best_text, line, sizeof best_text);
        }
        if (!valid) {
            fprintf(stderr, "'%s' is not a version range that npm understands.\n", range);
            return 2;
        }
    }
    if (best_text[0] == '\0') {
        return 1;
    }
    puts(best_text);
    return 0;
}

/* TOML 1.0, "String": a basic string with its escapes. */
static void quote(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char letter = (unsigned char)*text;
        if (letter == '"' || letter == '\\') {
            printf("\\%c", letter);
        } else if (letter < 0x20 || letter == 0x7f) {
            printf("\\u%04X", letter);
        } else {
            putchar(letter);
        }
    }
    putchar('"');
}

/* Process types are DNS labels here, as everywhere in the platform. */
static bool is_type(const char *text, size_t length)
{
    if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!(islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]) || text[i] == '-')) {
            return false;
        }
    }
    return true;
}

static int procfile(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "%s cannot be read.\n", path);
        return 1;
    }
    char *line = NULL;
    size_t size = 0;
    int number = 0, processes = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) >= 0) {
        number++;
        while (length > 0 && isspace((unsigned char)line[length - 1])) {
            line[--length] = '\0';
        }
        const char *at = skip_spaces(number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? line + 3 : line);
        if (*at == '\0' || *at == '#') {
            continue;
        }
        const char *colon = strchr(at, ':');
        size_t type = colon ? (size_t)(colon - at) : 0;
        const char *command = colon ? skip_spaces(colon + 1) : "";
        if (colon == NULL || !is_type(at, type) || *command == '\0') {
            fprintf(stderr,
                    "procfile_invalid: Procfile line %d is not 'type: command': %.120s. "
                    "A type is 1 to 63 of a-z, 0-9 and '-', as in 'web: node server.js'.\n",
                    number, at);
            return 1;
        }
        printf("[[processes]]\ntype = \"%.*s\"\ncommand = [\"bash\", \"-c\", ", (int)type, at);
        quote(command);
        printf("]\n");
        if (type == 3 && strncmp(at, "web", 3) == 0) {
            printf("default = true\n");
        }
        putchar('\n');
        processes++;
    }
    free(line);
    fclose(file);
    if (processes == 0) {
        fprintf(stderr, "procfile_invalid: The Procfile names no process. Add a line like 'web: node server.js'.\n");
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "semver") == 0) {
        return semver(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "procfile") == 0) {
        return procfile(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "quote") == 0) {
        quote(argv[2]);
        putchar('\n');
        return 0;
    }
    fputs("usage: bp semver RANGE < VERSIONS | bp procfile FILE | bp quote TEXT\n", stderr);
    return 2;
}
