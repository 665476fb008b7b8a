# SPDX-License-Identifier: GPL-3.0-or-later
"""A collector of traces (OTLP over HTTP, JSON) that keeps what it gets; and the strict reading of it: the protocol's own
.proto files, as the npm package of OpenTelemetry ships them, compiled by protoc."""
import base64
import contextlib
import functools
import glob
import http.server
import importlib
import json
import os
import ssl
import subprocess
import sys
import threading
import time

import scratch

PACKAGE = "@opentelemetry/otlp-grpc-exporter-base@0.35.1"


class Collector:
    """Answers with status and body after delay seconds; requests: (path, headers, body)."""

    def __init__(self, status=200, body=b"{}", delay=0.0, certificate=None):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, dict(self.headers), data))
                time.sleep(delay)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def only(self):
        assert len(self.requests) == 1, self.requests
        return self.requests[0]


@functools.cache
def definitions():
    """The module of ExportTraceServiceRequest."""
    directory = scratch.folder("otlp", "root")
    subprocess.run(["npm", "pack", "--silent", "--pack-destination", directory, PACKAGE], check=True, cwd=directory,
                   stdout=subprocess.DEVNULL, timeout=120)
    subprocess.run(["tar", "-xzf", *glob.glob(os.path.join(directory, "*.tgz")), "-C", directory], check=True)
    protos = os.path.join(directory, "package/build/protos")
    made = os.path.join(directory, "made")
    os.mkdir(made)
    names = [f"opentelemetry/proto/{name}.proto" for name in (
        "common/v1/common", "resource/v1/resource", "trace/v1/trace", "collector/trace/v1/trace_service")]
    subprocess.run(["protoc", f"--proto_path={protos}", f"--python_out={made}", *names], check=True)
    sys.path.insert(0, made)
    return importlib.import_module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


def strict(body):
    """Body as the protocol's own message. Its JSON differs from protobuf's in one thing: ids are hexadecimal there."""
    from google.protobuf import json_format  # Debian's python3-protobuf

    def decode(node):
        if isinstance(node, dict):
            return {key: base64.b64encode(bytes.fromhex(value)).decode() if key in ("traceId", "spanId", "parentSpanId")
                    else decode(value) for key, value in node.items()}
        return [decode(value) for value in node] if isinstance(node, list) else node

    return json_format.Parse(json.dumps(decode(json.loads(body))), definitions().ExportTraceServiceRequest(),
                             ignore_unknown_fields=False)
