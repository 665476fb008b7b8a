# SPDX-License-Identifier: GPL-3.0-or-later
# man.awk - makes a manual page of a plugin's man.in. What the program itself knows is taken from the program:
#
#   .INCLUDE name      the file contrib/man/name
#   .OPTIONS           every option, from what common/cli/expand.awk made of the option files
#   .METRICS           every metric that -w and -c know, with its default limits, from the plugin's options.c
#   .FAULTS class ...  these failure classes with their advice, from common/base/err.h
#   @VERSION@ @STATEDIR@ @PLUGINDIR@
#
#   awk -v top=SOURCE -v check=check_x -v options=options.ggo.full -v version=1.0 ... -f man.awk plugins/check_x/man.in

function fail(text)
{
    print "man.awk: " text > "/dev/stderr"
    failed = 1
    exit 1
}

# Text of the program as roff: what could be taken for a request or an escape is not.
function roff(text)
{
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text
}

function put_wrapped(text,    word, count, i, line)
{
    count = split(text, word, " ")
    line = ""
    for (i = 1; i <= count; i++) {
        if (line != "" && length(line) + length(word[i]) > 76) {
            put_text_line(line)
            line = ""
        }
        line = line (line == "" ? "" : " ") word[i]
    }
    if (line != "")
        put_text_line(line)
}

function put_text_line(line)
{
    print (line ~ /^[.']/ ? "\\&" : "") line
}

# The first quoted string of s at or behind its beginning; rest is what follows it. "" where there is none.
function next_string(s)
{
    rest = ""
    if (!match(s, /"([^"\\]|\\.)*"/))
        return ""
    rest = substr(s, RSTART + RLENGTH)
    s = substr(s, RSTART + 1, RLENGTH - 2)
    gsub(/\\"/, "\"", s)
    return s
}

function slurp(name,    line, all, status)
{
    all = ""
    while ((status = (getline line < name)) > 0)
        all = all line "\n"
    if (status < 0)
        fail("cannot read " name)
    close(name)
    return all
}

# ---- options ----

function put_option(line,    name, letter, takes, optional, help)
{
    match(line, /^option "[a-z0-9-]+" [A-Za-z0-9-] /)
    name = roff(substr(line, 9, RLENGTH - 12))
    letter = substr(line, RLENGTH - 1, 1)
    help = next_string(substr(line, RLENGTH + 1))
    optional = rest ~ / argoptional/
    takes = ""
    if (match(rest, /typestr="[^"]*"/))
        takes = "=\\fI" roff(substr(rest, RSTART + 9, RLENGTH - 10)) "\\fR"
    if (optional)
        takes = "[" takes "]"
    if (rest ~ / hidden/) {
        side_names = side_names (side_names == "" ? "" : ", ") "\\fB\\-\\-" name "\\fR"
        return
    }
    print ".TP"
    print (letter == "-" ? "" : "\\fB\\-" letter "\\fR, ") "\\fB\\-\\-" name "\\fR" takes
    put_wrapped(roff(help))
}

function put_options(    line, status)
{
    while ((status = (getline line < options)) > 0) {
        if (line ~ /^description /) {
            put_wrapped(roff(next_string(line)))
        } else if (line ~ /^section /) {
            print ".SS \"" next_string(line) "\""
            if (rest ~ /sectiondesc=/)
                put_wrapped(roff(next_string(rest)))
        } else if (line ~ /^option /) {
            put_option(line)
        }
    }
    if (status < 0)
        fail("cannot read " options)
    if (side_names != "") {
        print ".SS \"For one server only\""
        put_wrapped(side_names)
    }
}

# ---- metrics ----

function metric_help(name,    text, at)
{
    sub(/^(smtp|imap|pop3)_/, "", name)
    at = index(metric_source, "\"" name "\"")
    if (at == 0)
        fail("metric.c knows no " name)
    text = substr(metric_source, at)
    text = substr(text, 1, index(text, "}"))
    while (match(text, /"[^"]*"/)) {
        name = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
    }
    return name
}

function limit(word)
{
    return word ~ /^"/ ? substr(word, 2, length(word) - 2) : ""
}

function put_metrics(    source, list, name, call, part, warning, critical, text)
{
    metric_source = slurp(top "/common/monitor/metric.c")
    source = slurp(top "/plugins/" check "/options.c")
    list = source
    while (match(list, /threshold_default\(t, [^;]*\);/)) {
        call = substr(list, RSTART + 21, RLENGTH - 23)
        list = substr(list, RSTART + RLENGTH)
        split(call, part, /, */)
        warning[limit(part[1])] = limit(part[2])
        critical[limit(part[1])] = limit(part[3])
    }
    list = substr(source, index(source, "metrics[] = {"))
    list = substr(list, 1, index(list, "}"))
    while ((name = next_string(list)) != "") {
        list = rest
        text = metric_help(name)
        if (name in warning && warning[name] != "")
            text = text " WARNING by default: " warning[name] "."
        if (name in critical && critical[name] != "")
            text = text " CRITICAL by default: " critical[name] "."
        print ".TP"
        print "\\fB" name "\\fR"
        put_wrapped(roff(text))
    }
}

# ---- failure classes ----

function put_faults(line,    wanted, count, i, at, text)
{
    count = split(line, wanted, " ")
    for (i = 2; i <= count; i++) {
        at = index(fault_source, ", \"" wanted[i] "\", \"")
        if (at == 0)
            fail("err.h knows no class " wanted[i])
        text = substr(fault_source, at + 2)
        next_string(text)
        print ".TP"
        print "\\fB" wanted[i] "\\fR"
        put_wrapped(roff(next_string(rest)))
    }
}

function put_file(name,    line, status)
{
    while ((status = (getline line < name)) > 0) {
        gsub(/@VERSION@/, version, line)
        gsub(/@STATEDIR@/, statedir, line)
        gsub(/@PLUGINDIR@/, plugindir, line)
        gsub(/@CHECK@/, roff(check), line)
        if (line ~ /^\.INCLUDE /)
            put_file(top "/contrib/man/" substr(line, 10))
        else if (line == ".OPTIONS")
            put_options()
        else if (line == ".METRICS")
            put_metrics()
        else if (line ~ /^\.FAULTS /)
            put_faults(line)
        else
            print line
    }
    if (status < 0)
        fail("cannot read " name)
    close(name)
}

BEGIN {
    fault_source = slurp(top "/common/base/err.h")
    gsub(/[ \t]*\\\n[ \t]*/, " ", fault_source) # macros go on over lines
    gsub(/[ \t]*\\\n[ \t]*/, " ", fault_source) # a row may be broken over lines
    if (!failed)
        put_file(ARGV[1])
    exit failed
}
