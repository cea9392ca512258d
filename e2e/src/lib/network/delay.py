"""Hands back what goes through a tunnel device later than it came: delay.py DEVICE DELAY_MS JITTER_MS [bursts].

A packet waits for DELAY_MS, more or less by up to JITTER_MS, on its own: with jitter they overtake each other. In bursts they do not:
what comes within twice JITTER_MS leaves together. Says "ready" once the device is there, and ends with whoever started it (its
standard input closes).
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LONGEST_PACKET = 65536

device, delay, jitter = sys.argv[1], float(sys.argv[2]) / 1000, float(sys.argv[3]) / 1000
in_bursts = sys.argv[4:] == ["bursts"]
tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
print("ready", flush=True)

under_way = []  # (due, number, packet): the number keeps those of one instant in order
number = 0
while True:
    now = time.monotonic()
    while under_way and under_way[0][0] <= now:
        try:
            os.write(tunnel, heapq.heappop(under_way)[2])
        except OSError:
            pass  # the device is down for a moment: lost, as it would be
    wait = under_way[0][0] - now if under_way else None
    ready, _, _ = select.select([tunnel, sys.stdin], [], [], wait)
    if sys.stdin in ready:
        break
    now = time.monotonic()
    while tunnel in ready:
        try:
            packet = os.read(tunnel, LONGEST_PACKET)
        except BlockingIOError:
            break
        number += 1
        if in_bursts:
            due = (1 + (now + delay - jitter) // (2 * jitter)) * 2 * jitter
        else:
            due = now + max(0, delay + random.uniform(-jitter, jitter))
        heapq.heappush(under_way, (due, number, packet))
