"""All of a small Swift in one process, each server on a port that the OS gives. Argument: an empty folder. On stdout: the port of S3."""
import os
import pwd
import sys

import eventlet

eventlet.monkey_patch()
from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

folder = sys.argv[1]
with open(f"{folder}/swift.conf", "w") as conf:
    conf.write("[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = one\ndefault = yes\n")
utils.set_swift_dir(folder)
from swift.common import storage_policy  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

storage_policy.reload_storage_policies()
os.makedirs(f"{folder}/devices/d")

DEFAULTS = f"""[DEFAULT]
user = {pwd.getpwuid(os.getuid()).pw_name}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
"""
STORAGE = "[pipeline:main]\npipeline = {0}-server\n[app:{0}-server]\nuse = egg:swift#{0}\n"
FILTERS = ("catch_errors", "gatekeeper", "listing_formats", "slo", "symlink", "versioned_writes")
PROXY = f"""[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth slo symlink versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
""" + "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in FILTERS)


class Memory:
    """What is asked of memcached, for one process."""

    def __init__(self):
        self.kept = {}

    def get(self, key, raise_on_error=False):
        return self.kept.get(key)

    def set(self, key, value, *args, **kwargs):
        self.kept[key] = value

    def delete(self, key, *args, **kwargs):
        self.kept.pop(key, None)

    def incr(self, key, delta=1, *args, **kwargs):
        self.kept[key] = self.kept.get(key, 0) + delta
        return self.kept[key]


def load(name, text):
    path = f"{folder}/{name}.conf"
    with open(path, "w") as conf:
        conf.write(DEFAULTS + text)
    return loadapp(path, global_conf={"log_name": name})


def serve(sock, app):
    # An S3 client wants "ETag", not "Etag".
    eventlet.spawn(
        wsgi.server, sock, app, open(os.devnull, "w"),
        protocol=SwiftHttpProtocol, capitalize_response_headers=False,
    )


for kind in ("account", "container", "object"):
    listening = eventlet.listen(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    builder = RingBuilder(1, 1, 1)
    builder.add_dev({
        "id": 0, "region": 1, "zone": 1, "weight": 1, "device": "d", "meta": "",
        "ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port,
    })
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
    serve(listening, load(kind, STORAGE.format(kind)))

proxy = load("proxy", PROXY)
memory = Memory()


def with_memory(env, start_response):
    env["swift.cache"] = memory
    return proxy(env, start_response)


listening = eventlet.listen(("127.0.0.1", 0))
serve(listening, with_memory)
print(listening.getsockname()[1], flush=True)
# Ends with whoever started it. Read in the usual way it would hold up the servers.
eventlet.hubs.trampoline(sys.stdin.fileno(), read=True)
