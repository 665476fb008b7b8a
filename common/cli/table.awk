# SPDX-License-Identifier: GPL-3.0-or-later
# table.awk - makes the C table of a plugin's options (common/cli/arguments.h) of what expand.awk wrote, so that the
# tokenizer and gengetopt's parser never know different options. Wants -v check=check_x, -v header=path/args.h and
# -v names=args, what gengetopt's names begin with.

# The string that follows word in the line: string typestr="FILE" gives FILE.
function attribute(line, word,    rest)
{
    if (!match(line, " " word "=\"([^\"\\\\]|\\\\.)*\""))
        return ""
    rest = substr(line, RSTART + length(word) + 3, RLENGTH - length(word) - 4)
    return rest
}

BEGIN {
    print "/* made by common/cli/table.awk: do not edit */"
    print "#include \"common/cli/arguments.h\""
    print "#include \"" header "\"\n"
    print "static const struct option_spec options[] = {"
}

/^option / {
    match($0, /^option "[a-z0-9-]+" [A-Za-z0-9-] /)
    if (RLENGTH < 0) {
        print "table.awk: no option: " $0 > "/dev/stderr"
        exit 1
    }
    name = substr($0, 9, RLENGTH - 12)
    letter = substr($0, RLENGTH - 1, 1)
    tail = substr($0, RLENGTH + 1)
    gsub(/"([^"\\]|\\.)*"/, "", tail) # only the words are left
    takes = attribute($0, "typestr")
    flags = "0"
    if (tail ~ / string /)
        flags = flags " | OPTION_VALUE"
    if (tail ~ / argoptional/)
        flags = flags " | OPTION_VALUE_OPTIONAL"
    if (tail ~ / multiple/)
        flags = flags " | OPTION_REPEATABLE"
    if (takes ~ /^\[.*\]$/)
        flags = flags " | OPTION_EMPTY"
    if (letter == "-")
        letter = "\\0"
    printf "    {\"%s\", '%s', %s, \"%s\"},\n", name, letter, flags, takes
}

END {
    print "};\n"
    print "static int parse(int argc, char **argv, void *args)"
    print "{"
    print "    struct " names "_parser_params params;"
    print "    " names "_parser_params_init(&params);"
    print "    params.print_errors = 0;"
    print "    return " names "_parser_ext(argc, argv, args, &params);"
    print "}\n"
    print "static void init(void *args)"
    print "{"
    print "    " names "_parser_init(args);"
    print "}\n"
    print "static void release(void *args)"
    print "{"
    print "    " names "_parser_free(args);"
    print "}\n"
    print "const struct option_table " names "_table = {"
    print "    .check = \"" check "\","
    print "    .options = options,"
    print "    .count = sizeof options / sizeof *options,"
    print "    .init = init,"
    print "    .parse = parse,"
    print "    .free = release,"
    print "    .purpose = &" names "_purpose,"
    print "    .usage = &" names "_usage,"
    print "    .description = &" names "_description,"
    print "    .help = " names "_help,"
    print "};"
}
