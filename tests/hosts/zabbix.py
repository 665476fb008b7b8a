# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Zabbix in a scratch folder: PostgreSQL, the server, agent 2, and the front end's API under PHP's own web server.
Debian's front end knows one place for its configuration; a copy of it, with that line changed, knows another."""
import contextlib
import glob
import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import urllib.request

import scratch

USER = "zabbix"
FRONT_END = "/usr/share/zabbix"
SCRIPTS = "/usr/share/zabbix-server-pgsql"
# What a server needs of its initial data. The rest is 348 templates, which would take a minute.
NEEDED = {"config", "config_autoreg_tls", "expressions", "globalmacro", "graph_theme", "hstgrp", "regexps", "role", "role_rule",
          "users", "users_groups", "usrgrp"}


def tool(name):
    return sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))[-1]


def free_port():
    """Zabbix takes no port above 32767, and there the system's own choice begins."""
    while True:
        port = random.randrange(10000, 20000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def read_script(name):
    with gzip.open(os.path.join(SCRIPTS, name + ".sql.gz"), "rt", encoding="utf-8") as script:
        return script.read()


def initial_data():
    statements = re.split(r";\n(?=INSERT INTO |COMMIT)", read_script("data"))
    tables = [(re.match(r"INSERT INTO (\w+)", statement), statement) for statement in statements]
    kept = [statement for table, statement in tables if table and table.group(1) in NEEDED]
    assert len(kept) > 50, "the initial data looks otherwise now"
    return ";\n".join(kept) + ";\n"


@contextlib.contextmanager
def database(directory):
    """A cluster of its own, with Zabbix' tables; reached by a socket in directory. Nothing in it has to survive a crash."""
    data = os.path.join(directory, "data")

    def run(*command, **options):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user="postgres", group="postgres", cwd="/", **options)

    run(tool("initdb"), "-D", data, "-A", "trust", "-N", "--locale=C", "-E", "UTF8")
    with scratch.daemon(os.path.join(directory, "log"), tool("postgres"), "-D", data, "-k", directory,
                        "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
                        "-c", "synchronous_commit=off", user="postgres", group="postgres", cwd="/"):
        scratch.eventually(lambda: subprocess.run([tool("pg_isready"), "-q", "-h", directory, "-U", "postgres"], check=False).returncode == 0,
                           30, "PostgreSQL")
        run(tool("createuser"), "-h", directory, USER)
        run(tool("createdb"), "-h", directory, "-O", USER, "zabbix")
        for script in (read_script("schema"), initial_data()):
            run(tool("psql"), "-q", "-1", "-v", "ON_ERROR_STOP=1", "-h", directory, "-U", USER, "zabbix",
                input=script.encode())
        yield directory


def copy_front_end(directory, database_directory):
    pages = os.path.join(directory, "frontend")
    shutil.copytree(FRONT_END, pages, symlinks=False, ignore=shutil.ignore_patterns("audio", "locale"),
                    ignore_dangling_symlinks=True)
    config = scratch.put(os.path.join(directory, "zabbix.conf.php"), f"""<?php
$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '{database_directory}'; $DB['PORT'] = '0'; $DB['DATABASE'] = 'zabbix';
$DB['USER'] = '{USER}'; $DB['PASSWORD'] = ''; $DB['SCHEMA'] = ''; $DB['ENCRYPTION'] = false; $DB['DOUBLE_IEEE754'] = true;
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
""", USER)
    path = os.path.join(pages, "include/classes/core/CConfigFile.php")
    text, count = re.subn(r"(CONFIG_FILE_PATH = )'[^']*'", rf"\1'{config}'", scratch.read(path))
    assert count == 1, "the front end keeps its configuration's place elsewhere now"
    scratch.put(path, text, "root")
    return pages


class Api:
    def __init__(self, port):
        self.url, self.token, self.count = f"http://127.0.0.1:{port}/api_jsonrpc.php", None, 0

    def __call__(self, method, **parameters):
        self.count += 1
        body = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": self.count}
        if self.token:
            body["auth"] = self.token
        request = urllib.request.Request(self.url, json.dumps(body).encode(), {"Content-Type": "application/json-rpc"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            reply = json.loads(answer.read())
        assert "error" not in reply, (method, reply["error"])
        return reply["result"]

    def item(self, host, key):
        """The last value of a host's item; None before there is one."""
        items = self("item.get", hostids=[host], filter={"key_": [key]}, output=["lastvalue", "lastclock"])
        return items[0]["lastvalue"] if items and items[0]["lastclock"] != "0" else None

    def problems(self, host):
        return {problem["name"] for problem in self("problem.get", hostids=[host], output=["name"])}


@contextlib.contextmanager
def system(directory, commands, scripts):
    """Everything runs; gives the API, signed in, and the agent's port. commands: a file with user parameters; scripts: the
    folder of the external checks."""
    server_port, agent_port, web_port = free_port(), free_port(), free_port()
    server = scratch.put(os.path.join(directory, "server.conf"), f"""
ListenIP=127.0.0.1
ListenPort={server_port}
DBHost={directory}/db
DBName=zabbix
DBUser={USER}
LogType=console
PidFile={directory}/server.pid
SocketDir={directory}
ExternalScripts={scripts}
Timeout=15
CacheUpdateFrequency=1
StartPollers=3
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartTrappers=1
StartPreprocessors=1
""", USER)
    agent = scratch.put(os.path.join(directory, "agent.conf"), f"""
ListenIP=127.0.0.1
ListenPort={agent_port}
Server=127.0.0.1
Hostname=agent
LogType=console
PidFile={directory}/agent.pid
ControlSocket={directory}/agent.sock
Timeout=15
Include={commands}
""", USER)
    database_directory = scratch.own_folder(os.path.join(directory, "db"), "postgres")
    log, as_zabbix = os.path.join(directory, "log."), {"user": USER, "group": USER, "extra_groups": [], "cwd": "/"}
    with contextlib.ExitStack() as stack:
        pages = copy_front_end(directory, stack.enter_context(database(database_directory)))
        web = stack.enter_context(scratch.daemon(log + "web", "php", "-d", "display_errors=0", "-d", "memory_limit=256M", "-d",
                                           "post_max_size=32M", "-q", "-S", f"127.0.0.1:{web_port}", "-t", pages, **as_zabbix))
        server = stack.enter_context(scratch.daemon(log + "server", "/usr/sbin/zabbix_server", "-f", "-c", server, **as_zabbix))
        agent = stack.enter_context(scratch.daemon(log + "agent", "/usr/sbin/zabbix_agent2", "-f", "-c", agent, **as_zabbix))
        scratch.eventually(lambda: all(map(scratch.listening, (web_port, agent_port, server_port))) or
                           any(daemon.poll() is not None for daemon in (web, server, agent)), 30, "Zabbix")
        api = Api(web_port)
        api.token = api("user.login", username="Admin", password="zabbix")
        yield api, agent_port
