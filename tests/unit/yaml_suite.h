/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml_suite.h - the public test suites are YAML (by libyaml): load a file, walk its documents.
 *
 * Values are small, passed by value, and valid until yaml_suite_free. What is not there is "no value", and
 * every function takes it: of no value there is no member, no element, and its text is empty. */
#ifndef MAILPROOF_TESTS_YAML_SUITE_H
#define MAILPROOF_TESTS_YAML_SUITE_H

#include <yaml.h>

#include "common/base/slice.h"

enum { YAML_DOCUMENTS_MAX = 64 };

struct yaml_suite {
    size_t count;
    yaml_document_t document[YAML_DOCUMENTS_MAX];
};

struct yaml_value {
    yaml_document_t *document;
    const yaml_node_t *node; /* NULL: no value */
};

/* Below the folder that MAILPROOF_CORPORA names ("spf/rfc7208-tests.yml"). Ends the program where that cannot
 * be had: with 77, automake's word for "skipped", where the variable is unset, else with 1. */
struct yaml_suite *yaml_suite_load(const char *path);
void yaml_suite_free(struct yaml_suite **suite);
struct yaml_value yaml_suite_root(struct yaml_suite *suite, size_t document);

bool yaml_is_map(struct yaml_value v);
bool yaml_is_list(struct yaml_value v);
bool yaml_is_text(struct yaml_value v);
/* Of a map or list. */
size_t yaml_count(struct yaml_value v);
/* The i-th element of a list, or the value of the i-th pair of a map. */
struct yaml_value yaml_at(struct yaml_value v, size_t i);
struct slice yaml_key_at(struct yaml_value map, size_t i);
struct yaml_value yaml_get(struct yaml_value map, const char *key);
/* Of a scalar, as UTF-8, any characters; else empty. Followed by a NUL that does not count. */
struct slice yaml_text(struct yaml_value v);
struct slice yaml_get_text(struct yaml_value map, const char *key);

#endif
