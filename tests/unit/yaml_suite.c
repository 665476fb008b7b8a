/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/yaml_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_SKIPPED = 77 };

static void give_up(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

static FILE *open_corpus(const char *path)
{
    const char *folder = getenv("MAILPROOF_CORPORA");
    char name[4096];

    if (folder == NULL || *folder == '\0') {
        printf("MAILPROOF_CORPORA is not set\n");
        exit(EXIT_SKIPPED);
    }
    snprintf(name, sizeof name, "%s/%s", folder, path);
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        give_up(name, "cannot be read");
    return file;
}

struct yaml_suite *yaml_suite_load(const char *path)
{
    FILE *file = open_corpus(path);
    struct yaml_suite *suite = calloc(1, sizeof *suite);
    yaml_parser_t parser;

    if (suite == NULL || !yaml_parser_initialize(&parser))
        give_up(path, "out of memory");
    yaml_parser_set_input_file(&parser, file);
    for (;;) {
        if (suite->count == YAML_DOCUMENTS_MAX)
            give_up(path, "too many documents");
        if (!yaml_parser_load(&parser, &suite->document[suite->count]))
            give_up(path, parser.problem);
        if (yaml_document_get_root_node(&suite->document[suite->count]) == NULL)
            break;
        suite->count++;
    }
    yaml_document_delete(&suite->document[suite->count]);
    yaml_parser_delete(&parser);
    fclose(file);
    return suite;
}

void yaml_suite_free(struct yaml_suite **suite)
{
    for (size_t i = 0; i < (*suite)->count; i++)
        yaml_document_delete(&(*suite)->document[i]);
    free(*suite);
    *suite = NULL;
}

struct yaml_value yaml_suite_root(struct yaml_suite *suite, size_t document)
{
    yaml_document_t *d = &suite->document[document];
    return (struct yaml_value){d, yaml_document_get_root_node(d)};
}

bool yaml_is_map(struct yaml_value v)
{
    return v.node != NULL && v.node->type == YAML_MAPPING_NODE;
}

bool yaml_is_list(struct yaml_value v)
{
    return v.node != NULL && v.node->type == YAML_SEQUENCE_NODE;
}

bool yaml_is_text(struct yaml_value v)
{
    return v.node != NULL && v.node->type == YAML_SCALAR_NODE;
}

size_t yaml_count(struct yaml_value v)
{
    if (yaml_is_map(v))
        return (size_t)(v.node->data.mapping.pairs.top - v.node->data.mapping.pairs.start);
    if (yaml_is_list(v))
        return (size_t)(v.node->data.sequence.items.top - v.node->data.sequence.items.start);
    return 0;
}

static struct yaml_value node_of(struct yaml_value v, int index)
{
    return (struct yaml_value){v.document, yaml_document_get_node(v.document, index)};
}

struct yaml_value yaml_at(struct yaml_value v, size_t i)
{
    if (i >= yaml_count(v))
        return (struct yaml_value){v.document, NULL};
    return node_of(v, yaml_is_map(v) ? v.node->data.mapping.pairs.start[i].value
                                     : v.node->data.sequence.items.start[i]);
}

struct slice yaml_key_at(struct yaml_value map, size_t i)
{
    if (!yaml_is_map(map) || i >= yaml_count(map))
        return SLICE_EMPTY;
    return yaml_text(node_of(map, map.node->data.mapping.pairs.start[i].key));
}

struct yaml_value yaml_get(struct yaml_value map, const char *key)
{
    for (size_t i = 0; yaml_is_map(map) && i < yaml_count(map); i++)
        if (slice_eq(yaml_key_at(map, i), slice_from(key)))
            return yaml_at(map, i);
    return (struct yaml_value){map.document, NULL};
}

struct slice yaml_text(struct yaml_value v)
{
    if (!yaml_is_text(v))
        return SLICE_EMPTY;
    return slice_of(v.node->data.scalar.value, v.node->data.scalar.length);
}

struct slice yaml_get_text(struct yaml_value map, const char *key)
{
    return yaml_text(yaml_get(map, key));
}
