# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the template for external checks of the one for agent 2: the same but for its name, who runs the plugin, and that
# every object needs an identity of its own (the group "Templates" is Zabbix').

/uuid: / && !/7df96b18c230490a9a0a9e2307226338/ {
    end = length($0) - 1
    digit = index("0123456789abcdef", substr($0, end, 1))
    $0 = substr($0, 1, end - 1) substr("123456789abcdef0", digit, 1) "'"
}

{
    gsub(/mailproof by Zabbix agent 2/, "mailproof by external check")
    sub(/by the agent''s user parameter/, "run by the Zabbix server or proxy itself")
    sub(/type: ZABBIX_PASSIVE/, "type: EXTERNAL")
    print
}
