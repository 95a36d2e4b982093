"""An HTTP server on the loopback interface that misbehaves as its URLs say.

loopback.py FOLDER: serves the files of FOLDER under /MODE/name; writes its port to FOLDER/port and a line
"/MODE/name RANGE" for each request to FOLDER/log. Modes: ok; cut-N (each connection breaks after N bytes);
norange-N (ranges are ignored, the first connection breaks after N bytes); changes-N (breaks after N bytes, then
it is another file); otherrange-N (breaks after N bytes, then sends other bytes than asked for); busy-N (503 the
first N times); status-N; redirect; loop; long (promises 100 bytes more than it sends); wrong (one byte differs).
"""
import http.server, os, re, sys, threading

folder = sys.argv[1]
seen, lock = {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        mode, name = self.path.split("?")[0].lstrip("/").split("/", 1)
        wanted = self.headers.get("Range")
        with lock:
            n = seen[self.path] = seen.get(self.path, 0) + 1
            with open(folder + "/log", "a") as log:
                log.write("%s %s\n" % (self.path, wanted or "-"))
        kind, _, number = mode.partition("-")
        number = int(number or 0)
        self.close_connection = True
        if kind == "status" or (kind == "busy" and n <= number):
            return self.fail(number if kind == "status" else 503)
        if kind in ("redirect", "loop"):
            self.send_response(302)
            self.send_header("Location", ("/ok/" if kind == "redirect" else "/loop/") + name)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            return self.fail(404)
        data = open(path, "rb").read()
        tag = '"1-%d"' % len(data)
        if kind == "wrong" or (kind == "changes" and n > 1):
            data = data[:-1] + bytes([data[-1] ^ 1])
            tag = '"2-%d"' % len(data)
        start, total = 0, len(data)
        match = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        same = self.headers.get("If-Range") in (None, tag)
        if match and same and kind != "norange":
            start = int(match.group(1))
            if start >= total:
                return self.fail(416, {"Content-Range": "bytes */%d" % total})
            if kind == "otherrange":
                start -= 1
            self.send_response(206)
            if kind == "lies":
                total = start - 1
            self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, total))
        else:
            self.send_response(200)
        body = data[start:]
        self.send_header("ETag", tag)
        if kind == "more" and n > 1:
            body += b"more"
        else:
            self.send_header("Content-Length", str(len(body) + (100 if kind == "long" else 0)))
        self.end_headers()
        if kind == "cut" or (kind in ("norange", "changes", "otherrange", "more") and n == 1):
            body = body[:number]
        self.wfile.write(body)

    def fail(self, status, headers=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        body = b"" if status in (204, 304) else b"error"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(folder + "/port.new", "w") as out:
    out.write(str(server.server_address[1]))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
