/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/retrieval_options.h"

#include <string.h>

#include "common/cli/values.h"

enum { JUNK_TAKES_ONE = 1 }; /* of FOLDERS_MAX */

bool retrieval_protocol(const char *text, enum protocol *protocol, struct err *err)
{
    static const char *const words[] = {"imap", "pop3", NULL};
    int index = 0;

    if (!value_word("protocol", text, words, &index, err))
        return false;
    *protocol = index == 0 ? PROTOCOL_IMAP : PROTOCOL_POP3;
    return true;
}

static bool read_folders(struct retrieval_options *r, struct mailbox_request *request,
                         const struct retrieval_args *args, enum protocol protocol, struct err *err)
{
    if (args->folder_count > 0 && protocol == PROTOCOL_POP3)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--folder needs IMAP: POP3 has one mailbox and no folders");
    if (args->folder_count > FOLDERS_MAX - JUNK_TAKES_ONE)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--folder is given %u times: at most %d folders",
                       args->folder_count, FOLDERS_MAX - JUNK_TAKES_ONE);
    for (size_t i = 0; i < args->folder_count; i++)
        if (!value_folder("folder", args->folder[i], &r->folder_state[i], err))
            return false;
    request->folders = (const char *const *)args->folder;
    request->folder_count = args->folder_count;
    r->placement.folder = r->folder_state;
    r->placement.folder_count = args->folder_count;
    request->junk = !args->no_junk && protocol == PROTOCOL_IMAP;
    return true;
}

static bool read_cleanup(struct tidy *tidy, const char *text, enum protocol protocol, struct err *err)
{
    static const char move[] = "move:";

    if (text == NULL || strcmp(text, "none") == 0)
        return true;
    if (strcmp(text, "delete") == 0) {
        tidy->how = CLEANUP_DELETE;
        return true;
    }
    if (strncmp(text, move, sizeof move - 1) != 0 || text[sizeof move - 1] == '\0')
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--cleanup=%.100s: takes none, delete or move:FOLDER",
                       text);
    if (protocol == PROTOCOL_POP3)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--cleanup=%.100s needs IMAP: POP3 can only delete",
                       text);
    tidy->how = CLEANUP_MOVE;
    tidy->move_to = text + sizeof move - 1;
    return true;
}

bool retrieval_options_read(struct retrieval_options *r, struct mailbox_request *request,
                            const struct retrieval_args *args, enum protocol protocol, struct err *err)
{
    r->placement.spam = STATE_CRITICAL;
    r->tidy = TIDY_NONE;
    if (!read_folders(r, request, args, protocol, err) ||
        !value_state("spam-state", args->spam_state, &r->placement.spam, err) ||
        !value_duration("wait", args->wait, &r->wait_s, err) ||
        !read_cleanup(&r->tidy, args->cleanup, protocol, err) ||
        !value_duration("purge-older-than", args->purge_older_than, &r->tidy.purge_s, err) ||
        !value_duration("purge-all-older-than", args->purge_all_older_than, &r->tidy.purge_all_s, err))
        return false;
    request->read_write = tidy_wanted(&r->tidy);
    return true;
}
