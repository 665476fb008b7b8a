/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - a fuzz target without libFuzzer: feeds it every file of its corpus, so that what once broke
 * stays mended.
 *
 * fuzz-NAME [FILE...]; without files those of $srcdir/tests/fuzz/corpus/NAME. Files are also fed cut in the
 * middle. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        printf("%s: %s\n", path, strerror(errno));
        return 1;
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    const size_t cuts[] = {size, size / 2, size > 0 ? size - 1 : 0, 0};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        /* memory of its own, so that a read behind the end is seen */
        uint8_t *copy = malloc(cuts[i] + 1);
        if (copy == NULL)
            return 1;
        memcpy(copy, data, cuts[i]);
        LLVMFuzzerTestOneInput(copy, cuts[i]);
        free(copy);
    }
    return 0;
}

int main(int argc, char **argv)
{
    char path[4096];
    const char *name = strrchr(argv[0], '/'), *source = getenv("srcdir");
    struct dirent *entry;
    int fed = 0, failed = 0;

    for (int i = 1; i < argc; i++, fed++)
        failed |= feed(argv[i]);
    if (argc == 1) {
        name = name == NULL ? argv[0] : name + 1;
        name = strncmp(name, "fuzz-", 5) == 0 ? name + 5 : name;
        snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", source == NULL ? "." : source, name);
        DIR *folder = opendir(path);
        if (folder == NULL) {
            printf("%s: %s\n", path, strerror(errno));
            return 1;
        }
        size_t length = strlen(path);
        while ((entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path + length, sizeof path - length, "/%s", entry->d_name);
            failed |= feed(path);
            fed++;
        }
        closedir(folder);
    }
    printf("%d inputs\n", fed);
    return failed || fed == 0;
}
