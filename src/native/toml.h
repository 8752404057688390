/*
 * As much TOML as the launcher meets: [[tables]] on lines of their own, bare and quoted keys, strings of all four kinds,
 * booleans, arrays of strings, comments. Export writes metadata.toml within these bounds (src/Paas.Buildpacks/Toml/TomlWriter.cs);
 * exec.d executables write strings only. Memory is never freed: who reads is about to be replaced by exec.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    char **items; /* always ends with NULL */
    int count;
};

static void *check(void *memory)
{
    if (memory == NULL) {
        fputs("ERROR: out of memory\n", stderr);
        exit(82);
    }
    return memory;
}

static void add(struct list *list, char *item)
{
    list->items = check(realloc(list->items, (list->count + 2) * sizeof(char *)));
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}

static void skip_space(char **text, bool lines)
{
    for (;;) {
        if (**text == ' ' || **text == '\t' || (lines && (**text == '\n' || **text == '\r')))
            (*text)++;
        else if (**text == '#')
            *text += strcspn(*text, "\n");
        else
            return;
    }
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else {
        int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; /* bytes after the first */
        *out++ = (char)((0xFF00 >> (more + 1)) | (code >> (6 * more)));
        while (more-- > 0)
            *out++ = (char)(0x80 | ((code >> (6 * more)) & 0x3F));
    }
    return out;
}

/* One escape, *text behind its backslash. NULL when there is no such escape. */
static char *put_escape(char *out, char **text)
{
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    char kind = *(*text)++;
    const char *found = kind == '\0' ? NULL : strchr(names, kind);
    if (found != NULL) {
        *out++ = values[found - names];
        return out;
    }
    int digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    char hex[9] = "";
    strncat(hex, *text, digits);
    char *end;
    unsigned long code = strtoul(hex, &end, 16);
    if (digits == 0 || end != hex + digits || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return NULL;
    *text += digits;
    return put_utf8(out, (unsigned)code);
}

/* Up to five: three close a string, and two before them may belong to it. */
static int count_quotes(const char *text, char quote)
{
    int count = 0;
    while (count < 5 && text[count] == quote)
        count++;
    return count;
}

/* *text at a backslash: when only blanks follow on the line, all white space up to the next character is skipped. */
static bool skip_line_end(char **text)
{
    char *rest = *text + 1 + strspn(*text + 1, " \t\r");
    if (*rest != '\n')
        return false;
    *text = rest + strspn(rest, " \t\r\n");
    return true;
}

/* A string of one line, or between three quotes one of several; NULL when none stands here. */
static char *read_string(char **text)
{
    char quote = **text;
    if (quote != '"' && quote != '\'')
        return NULL;
    bool lines = count_quotes(*text, quote) >= 3;
    *text += lines ? 3 : 1;
    if (lines) /* a line end right behind the quotes is none of the string's */
        *text += strncmp(*text, "\r\n", 2) == 0 ? 2 : **text == '\n' ? 1 : 0;
    char *string = check(malloc(strlen(*text) + 1)); /* an escape is never shorter than what it stands for */
    char *out = string;
    for (;;) {
        if (**text == '\0' || (**text == '\n' && !lines))
            return NULL;
        int quotes = count_quotes(*text, quote);
        if (quotes >= (lines ? 3 : 1)) {
            *text += lines ? quotes : 1;
            for (; lines && quotes > 3; quotes--)
                *out++ = quote;
            *out = '\0';
            return string;
        }
        if (quote == '"' && **text == '\\') {
            if (lines && skip_line_end(text))
                continue;
            (*text)++;
            if ((out = put_escape(out, text)) == NULL)
                return NULL;
        } else {
            *out++ = *(*text)++;
        }
    }
}

/* A bare or quoted key with its '='; NULL when none stands here. */
static char *read_key(char **text)
{
    char *key = read_string(text);
    if (key == NULL) {
        size_t length = strspn(*text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
        if (length == 0)
            return NULL;
        key = check(strndup(*text, length));
        *text += length;
    }
    skip_space(text, false);
    if (*(*text)++ != '=')
        return NULL;
    skip_space(text, false);
    return key;
}

/* A string, an array of strings, or true or false as text. */
static bool read_value(char **text, struct list *value)
{
    if (**text != '[') {
        bool quoted = **text == '"' || **text == '\'';
        char *string = read_string(text);
        if (string == NULL && quoted)
            return false;
        if (string == NULL) {
            size_t length = strcspn(*text, " \t\r\n#");
            string = check(strndup(*text, length));
            *text += length;
        }
        add(value, string);
        return true;
    }
    (*text)++;
    for (;;) {
        skip_space(text, true);
        if (**text == ']') {
            (*text)++;
            return true;
        }
        char *item = read_string(text);
        if (item == NULL)
            return false;
        add(value, item);
        skip_space(text, true);
        if (**text == ',')
            (*text)++;
    }
}
