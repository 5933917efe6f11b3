"""Tells what a Celery worker costs: memory, CPU, disk I/O and processes of the worker and its pool, on Celery's own event channel.

Optional; Taskscope watches Celery without it. Copy this one file beside your application and add one line:

    from taskscope_bootstep import TaskscopeResources
    app.steps["consumer"].add(TaskscopeResources)

TASKSCOPE_INTERVAL_SECONDS sets how often (default 5). Needs Linux and nothing but Celery 5 itself. Each report reads a few small files of
/proc for every process of the worker: about a millisecond of the worker's time each. Workers need no `-E` for it; a worker that was started with
both --without-heartbeat and --without-gossip sends no events at all, and so none of these.
"""

import logging
import os

from celery import bootsteps

__all__ = ["TaskscopeResources"]

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = float(os.environ.get("TASKSCOPE_INTERVAL_SECONDS", "5"))
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class TaskscopeResources(bootsteps.StartStopStep):
    """Sends `worker-resources` as long as the worker's consumer is connected."""

    requires = {"celery.worker.consumer.events:Events"}

    def __init__(self, consumer, **kwargs):
        super().__init__(consumer, **kwargs)
        self.timer_entry = None
        self.usage = TreeUsage(os.getpid())

    def start(self, consumer):
        self.stop(consumer)
        self.timer_entry = consumer.timer.call_repeatedly(INTERVAL_SECONDS, self.report, (consumer,))

    def stop(self, consumer):
        if self.timer_entry is not None:
            self.timer_entry.cancel()
            self.timer_entry = None

    def report(self, consumer):
        dispatcher = consumer.event_dispatcher
        if dispatcher is None or not dispatcher.enabled:
            return
        try:
            dispatcher.send("worker-resources", **self.usage.measure())
        except Exception:  # a broken report must never end the worker that it reports on
            logger.warning("taskscope: the worker's resources could not be reported", exc_info=True)


class TreeUsage:
    """Sums over a process and its descendants. CPU and disk I/O never fall: what a process had used stays counted when it ends."""

    def __init__(self, root):
        self.root = root
        self.last = {}
        self.totals = [0.0, 0, 0]

    def measure(self):
        now = {}
        memory = 0
        for pid in tree(self.root):
            try:
                counted = (cpu_seconds(pid), *disk_bytes(pid))
                memory += memory_bytes(pid)
            except OSError:
                continue  # it ended meanwhile
            now[pid] = counted
            before = self.last.get(pid)
            for at, value in enumerate(counted):
                # A pid that is used again begins anew.
                grown = value - before[at] if before is not None and value >= before[at] else value
                self.totals[at] += grown
        self.last = now
        cpu, read, written = self.totals
        return {
            "memory_bytes": memory,
            "cpu_seconds": cpu,
            "disk_read_bytes": read,
            "disk_write_bytes": written,
            "process_count": len(now),
        }


def tree(root):
    """The process and all its descendants."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                waiting.extend(int(child) for child in read(f"/proc/{pid}/task/{thread}/children").split())
        except OSError:
            continue  # it ended meanwhile
    return found


def memory_bytes(pid):
    """Pages that processes share, as a forked pool does, are divided among them; where the kernel does not tell, each counts them all."""
    try:
        for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # an old kernel, or one that denies it
    return int(read(f"/proc/{pid}/statm").split()[1]) * PAGE_BYTES


def cpu_seconds(pid):
    # The name, in parentheses, may hold spaces.
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def disk_bytes(pid):
    """Read from and written to storage; 0 where the kernel does not tell."""
    try:
        fields = dict(line.split(": ") for line in read(f"/proc/{pid}/io").splitlines())
    except OSError:
        return 0, 0
    return int(fields["read_bytes"]), int(fields["write_bytes"])


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
