/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any words as a command line: refused with a sentence, or read. The values of a repeatable option come back
 * through gengetopt's parser byte by byte. Input: words that end in NUL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli/arguments.h"
#include "plugins/check_smtp_submit/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 32 };

static void read_all(int argc, char **argv)
{
    struct args args;
    struct invocation call;
    struct err err = ERR_NONE;

    if (!arguments_read(&args_table, &args, &call, argc, argv, &err) && err.kind != FAULT_USAGE &&
        err.kind != FAULT_CONFIG)
        abort();
    arguments_clear(&args_table, &args);
}

static void read_as_value(char *word)
{
    char *argv[] = {
        (char *)"check", (char *)"--header", word, (char *)"--header=,\\,", (char *)"--header", word, NULL};
    struct args args;
    struct invocation call;
    struct err err = ERR_NONE;

    if (arguments_read(&args_table, &args, &call, 6, argv, &err) && call.wanted == WANTED_RUN &&
        (args.header_given != 3 || strcmp(args.header_arg[0], word) != 0 ||
         strcmp(args.header_arg[1], ",\\,") != 0 || strcmp(args.header_arg[2], word) != 0))
        abort();
    arguments_clear(&args_table, &args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *argv[WORDS_MAX + 2] = {(char *)"check"};
    int argc = 1;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text; at < text + size && argc <= WORDS_MAX; at += strlen(at) + 1) {
        if (strstr(at, "conf") == NULL) /* no file is to be opened */
            argv[argc++] = at;
    }
    read_all(argc, argv);
    for (int i = 1; i < argc; i++)
        read_as_value(argv[i]);
    free(text);
    return 0;
}
