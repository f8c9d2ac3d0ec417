#!/usr/bin/python3
"""Runs a command and writes what it took to a file, as JSON: {"seconds", "client_kib", "service_kib"}.

    peak.py FILE PID COMMAND…

client_kib is the most memory that the command had at once, service_kib the most that the process PID had meanwhile. The
exit code is the command's.
"""
import json
import resource
import subprocess
import sys
import time


def peak_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main(path, pid, *command):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as begin:
        begin.write("5")  # its peak counts from here on
    started = time.monotonic()
    code = subprocess.run(command, check=False).returncode
    seconds = time.monotonic() - started
    taken = {"seconds": seconds, "client_kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
             "service_kib": peak_of(pid)}
    with open(path, "w", encoding="ascii") as out:
        json.dump(taken, out)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
