# SPDX-License-Identifier: GPL-3.0-or-later
# commands.awk - makes an Icinga 2 CheckCommand of each plugin's options.ggo.full, in the Icinga Template Library's style:
#
#   --name=VALUE           value = "$PLUGIN_name$"; where it may be repeated, an array does
#   --name                 set_if = "$PLUGIN_name$"
#   --name[=VALUE]         given in one word, so the variable needs a value
#
# PLUGIN is the plugin's name without check_, and so is the command's; a dash in an option is an underscore in a variable.
#
#   awk -f commands.awk check_x=options.ggo.full ...

function fail(text)
{
    print "commands.awk: " text > "/dev/stderr"
    failed = 1
    exit 1
}

# The first quoted string of s at or behind its beginning, its escapes kept: Icinga's are the same; rest is what follows it.
function next_string(s)
{
    rest = ""
    if (!match(s, /"([^"\\]|\\.)*"/))
        return ""
    rest = substr(s, RSTART + RLENGTH)
    return substr(s, RSTART + 1, RLENGTH - 2)
}

# What makes no sense in a host's check: it ends the run with a text of its own, or is not what Icinga reads.
function is_left_out(name)
{
    return name ~ /^(help|version|output|history)$/
}

# These say in place of --hostname where the message goes or comes from.
function is_source(name)
{
    return name ~ /^(config|mx|sendmail|message|client-ip|mailbox|smtp-hostname|imap-hostname)$/
}

function put_attribute(name, value)
{
    print "      " name " = " value
}

function put_argument(name, help, attributes,    variable)
{
    variable = name
    gsub(/-/, "_", variable)
    variable = "$" prefix "_" variable "$"
    print "    \"--" name "\" = {"
    if (attributes ~ / argoptional/) {
        put_attribute("value", "\"--" name "=" variable "\"")
        put_attribute("skip_key", "true")
    } else if (attributes ~ / string /) {
        put_attribute("value", "\"" variable "\"")
        if (attributes ~ / multiple/)
            put_attribute("repeat_key", "true")
    } else {
        put_attribute("set_if", "\"" variable "\"")
    }
    if (name == "hostname") # by itself it may be empty, see put_address
        put_attribute("set_if", "{{ return macro(\"" variable "\") != \"\" }}")
    put_attribute("description", "\"" help "\"")
    print "    }"
}

function read_option(line,    name, help)
{
    match(line, /^option "[a-z0-9-]+" [A-Za-z0-9-] /)
    name = substr(line, 9, RLENGTH - 12)
    help = next_string(substr(line, RLENGTH + 1))
    if (is_left_out(name))
        return
    if (rest ~ / hidden/)
        help = toupper(substr(name, 1, index(name, "-") - 1)) " only: " help
    if (is_source(name))
        sources = sources (sources == "" ? "" : ", ") "\"" name "\""
    if (name == "wait")
        waits = 1
    put_argument(name, help, rest)
}

# The host's address is the default, but for services that say in another way where to connect.
function put_address()
{
    gsub(/-/, "_", sources)
    print ""
    print "  vars." prefix "_hostname = {{"
    print "    for (source in [ " sources " ]) {"
    print "      if (macro(\"$" prefix "_\" + source + \"$\")) {"
    print "        return \"\""
    print "      }"
    print "    }"
    print "    return macro(\"$check_address$\") || \"\""
    print "  }}"
    print "  vars.check_ipv4 = \"$" prefix "_use_ipv4$\""
    print "  vars.check_ipv6 = \"$" prefix "_use_ipv6$\""
}

function put_command(check, options,    line, status)
{
    prefix = check
    sub(/^check_/, "", prefix)
    sources = ""
    waits = 0
    print ""
    print "object CheckCommand \"" prefix "\" {"
    print "  import \"ipv4-or-ipv6\""
    print ""
    print "  command = [ PluginContribDir + \"/" check "\" ]"
    print ""
    print "  arguments = {"
    while ((status = (getline line < options)) > 0)
        if (line ~ /^option /)
            read_option(line)
    if (status < 0)
        fail("cannot read " options)
    close(options)
    print "  }"
    put_address()
    if (waits) {
        print ""
        print "  // the plugin ends by itself, 15 s after its wait at the latest"
        print "  timeout = 6m"
    }
    print "}"
}

BEGIN {
    print "// mailproof: made of the plugins' option files, for Icinga 2.13 and later. What an option means: man check_..."
    for (i = 1; i < ARGC && !failed; i++) {
        split(ARGV[i], part, "=")
        put_command(part[1], part[2])
    }
    exit failed
}
