# SPDX-License-Identifier: GPL-3.0-or-later
# expand.awk - makes one gengetopt file of a plugin's options.ggo and the fragments that it includes.
#
#   awk -v dir=FRAGMENTS -f expand.awk options.ggo
#
# A statement begins in the first column; indented lines continue it, and it is written as one line. Beyond gengetopt's
# own statements there are:
#
#   define "port" "25"                        from here on @port@ stands for 25
#   include "connection.ggo"
#   include "connection.ggo" prefix "smtp-"   every option gets the prefix, loses its short form and is hidden from --help
#   text "a line"                             texts that follow each other are lines of one block; a \\ is a backslash

function fail(text)
{
    print "expand.awk: " text > "/dev/stderr"
    failed = 1
    exit 1
}

function put(line)
{
    if (block != "")
        print "text \"" block "\""
    block = ""
    if (line != "")
        print line
}

# gengetopt wraps what is one text and knows no escaped backslash, but hands octal escapes on to the C compiler
function put_text(line)
{
    sub(/^text "/, "", line)
    sub(/"$/, "", line)
    gsub(/\\\\/, "\\134", line)
    block = block "\\n" line
}

function with_prefix(prefix, text,    name)
{
    if (!match(text, /^option "[a-z0-9-]+" [A-Za-z0-9-] /))
        fail("cannot put a prefix before: " text)
    name = substr(text, 9, RLENGTH - 12)
    return "option \"" prefix name "\" - " substr(text, RLENGTH + 1) " hidden"
}

function statement(text, prefix,    part, name)
{
    while (match(text, /@[a-z-]+@/)) {
        name = substr(text, RSTART + 1, RLENGTH - 2)
        if (!(name in meaning))
            fail("nothing defines @" name "@")
        text = substr(text, 1, RSTART - 1) meaning[name] substr(text, RSTART + RLENGTH)
    }
    split(text, part, "\"")
    if (text ~ /^define /)
        meaning[part[2]] = part[4]
    else if (text ~ /^include /)
        read_file(dir "/" part[2], part[4])
    else if (prefix != "" && text ~ /^option /)
        put(with_prefix(prefix, text))
    else if (prefix != "")
        ;
    else if (text ~ /^text /)
        put_text(text)
    else
        put(text)
}

function read_file(name, prefix,    line, pending, status)
{
    pending = ""
    while ((status = (getline line < name)) > 0) {
        if (line ~ /^#/ || line ~ /^[ \t]*$/)
            continue
        if (line ~ /^[ \t]/) {
            sub(/^[ \t]+/, " ", line)
            pending = pending line
            continue
        }
        if (pending != "")
            statement(pending, prefix)
        pending = line
    }
    if (status < 0)
        fail("cannot read " name)
    close(name)
    if (pending != "")
        statement(pending, prefix)
}

BEGIN {
    read_file(ARGV[1], "")
    if (!failed)
        put("")
    exit failed
}
