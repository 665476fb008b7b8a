/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/targets.h"

#include <stdlib.h>
#include <string.h>

#include "common/cli/values.h"

extern const struct option_table mailbox_args_table;

static bool allocate(struct options *o, size_t count, struct err *err)
{
    o->target = calloc(count, sizeof *o->target);
    o->recipient = calloc(count, sizeof *o->recipient);
    if (o->target == NULL || o->recipient == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    for (; o->target_count < count; o->target_count++)
        o->target[o->target_count].endpoint = ENDPOINT_INIT;
    return true;
}

/* ---- one mailbox, by the command line ---- */

static bool read_own(struct options *o, struct err *err)
{
    const struct connection_args own = CONNECTION_ARGS(&o->args, imap_, "imap-");
    const struct connection_args shared = CONNECTION_ARGS(&o->args, , "");
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&o->args);
    enum protocol protocol;

    if (!retrieval_protocol(o->args.imap_protocol_arg != NULL ? o->args.imap_protocol_arg
                                                              : o->args.protocol_arg,
                            &protocol, err) ||
        !allocate(o, 1, err))
        return false;
    struct target *t = o->target;
    t->retrieval.wait_s = o->wait_s;
    if (!retrieval_options_read(&t->retrieval, &t->request, &retrieval, protocol, err) ||
        !connection_read(&t->endpoint, &o->store, &own, &shared, protocol, CONNECTION_TO_HOST, err))
        return false;
    o->wait_s = t->retrieval.wait_s;
    return true;
}

/* ---- several, a file each ---- */

static bool is_label(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return length > 0 && text[length] == '\0' && length <= LABEL_MAX;
}

/* Puts the file's name before what is wrong in it. */
static bool in_file(const char *path, struct err *err)
{
    struct err inner = *err;

    return err_set(err, inner.kind == FAULT_USAGE ? FAULT_CONFIG : inner.kind, STAGE_NONE,
                   "--mailbox=%.150s: %s", path, inner.text);
}

static bool check_target(const struct options *o, const struct target *t, struct err *err)
{
    if (t->args.label_arg == NULL || !is_label(t->args.label_arg))
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "label takes 1 to %d letters a-z, digits and underscores, not \"%.60s\"", LABEL_MAX,
                       t->args.label_arg == NULL ? "" : t->args.label_arg);
    for (const struct target *other = o->target; other < t; other++)
        if (strcmp(other->label, t->args.label_arg) == 0)
            return err_set(err, FAULT_CONFIG, STAGE_NONE, "the label %s is another mailbox's already",
                           other->label);
    if (t->args.to_arg == NULL)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "to is needed: the mailbox's address");
    return t->args.wait_arg == NULL || err_set(err, FAULT_CONFIG, STAGE_NONE,
                                               "wait is for all mailboxes together: give it to the command");
}

static bool read_settings(struct options *o, struct target *t, struct err *err)
{
    const struct connection_args connection = CONNECTION_ARGS(&t->args, , "");
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&t->args);
    enum protocol protocol;

    if (!check_target(o, t, err) || !retrieval_protocol(t->args.protocol_arg, &protocol, err) ||
        !retrieval_options_read(&t->retrieval, &t->request, &retrieval, protocol, err) ||
        !connection_read(&t->endpoint, &t->store, &connection, NULL, protocol, CONNECTION_TO_HOST, err))
        return false;
    connection_store_forget(&t->store);
    slice_copy(t->label, sizeof t->label, slice_from(t->args.label_arg));
    return true;
}

static bool read_file(struct options *o, size_t i, struct err *err)
{
    const char *path = o->args.mailbox_arg[i];
    struct target *t = &o->target[i];
    struct invocation ignored;
    char option[] = "--config", *argv[] = {(char *)mailbox_args_table.check, option, (char *)path, NULL};

    t->has_args = true;
    t->store.state_dir = o->args.state_dir_arg;
    if (!arguments_read(&mailbox_args_table, &t->args, &ignored, 3, argv, err))
        return false; /* it names the file already */
    if (!read_settings(o, t, err))
        return in_file(path, err);
    o->recipient[i] = t->args.to_arg;
    return true;
}

static bool check_exclusions(const struct options *o, struct err *err)
{
    const struct connection_args own = CONNECTION_ARGS(&o->args, imap_, "imap-");
    const char *given = connection_given(&own);

    if (given != NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--imap-%s and --mailbox exclude each other: the mailboxes' files say it", given);
    given = o->args.to_given > 0                       ? "to"
            : o->args.folder_given > 0                 ? "folder"
            : o->args.no_junk_given > 0                ? "no-junk"
            : o->args.spam_state_arg != NULL           ? "spam-state"
            : o->args.cleanup_arg != NULL              ? "cleanup"
            : o->args.purge_older_than_arg != NULL     ? "purge-older-than"
            : o->args.purge_all_older_than_arg != NULL ? "purge-all-older-than"
            : o->args.protocol_arg != NULL             ? "protocol"
            : o->args.imap_protocol_arg != NULL        ? "imap-protocol"
                                                       : NULL;
    return given == NULL ||
           err_set(err, FAULT_USAGE, STAGE_NONE,
                   "--%s and --mailbox exclude each other: the mailboxes' files say it", given);
}

static bool read_list(struct options *o, struct err *err)
{
    size_t count = o->args.mailbox_given;

    if (count > TARGETS_MAX)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--mailbox is given %zu times: at most %d mailboxes",
                       count, TARGETS_MAX);
    o->seed_list = true;
    if (!check_exclusions(o, err) || !value_duration("wait", o->args.wait_arg, &o->wait_s, err) ||
        !allocate(o, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_file(o, i, err))
            return false;
    return true;
}

bool targets_read(struct options *o, struct err *err)
{
    if (!(o->args.mailbox_given > 0 ? read_list(o, err) : read_own(o, err)))
        return false;
    for (size_t i = 0; i < o->target_count; i++)
        o->target[i].request.endpoint = &o->target[i].endpoint;
    return true;
}

void targets_clear(struct options *o)
{
    for (size_t i = 0; i < o->target_count; i++) {
        struct target *t = &o->target[i];
        endpoint_clear(&t->endpoint);
        connection_store_clear(&t->store);
        if (t->has_args)
            arguments_clear(&mailbox_args_table, &t->args);
    }
    free(o->target);
    free(o->recipient);
}
