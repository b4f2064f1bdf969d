#!/usr/bin/env python3
"""How long `ledger explore` takes to open a log and to answer a key, on a pseudo-terminal of 120 x 40.

    cargo build --profile dist --bins --examples
    target/dist/examples/generate 10000000 --out /tmp/big.jsonl
    benches/explore.py target/dist/ledger /tmp/big.jsonl

A key is answered when the last byte of the new screen has been written: nothing more comes for 30 ms.
"""

import fcntl, os, pty, select, statistics, struct, sys, termios, time

PAUSE = 0.03
# The heading has the place in the log, as in `17 of 275`, once the log has been read.
READ = b" of "
program, log = sys.argv[1:3]
child, master = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(program, [program, "-f", log, "explore"])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))


def answer(marker=b""):
    """Seconds until the last byte of an answer, which has this in it."""
    start = last = time.perf_counter()
    shown, wait = b"", 300
    while select.select([master], [], [], wait)[0]:
        try:
            shown += os.read(master, 65536)
        except OSError:
            break  # It has ended.
        last = time.perf_counter()
        wait = PAUSE if marker in shown else 300
    return last - start


def row(name, times):
    times = sorted(1000 * taken for taken in times)
    print(f"{name}: median {statistics.median(times):.2f} ms, longest {times[-1]:.2f} ms")


opened = answer(READ)
ticks = sum(int(field) for field in open(f"/proc/{child}/stat").read().split()[13:15])
taken = ticks / os.sysconf("SC_CLK_TCK")
print(f"open: {opened:.2f} s, {taken:.2f} s of processor time")
os.write(master, b"[")
answer()
memory = [line for line in open(f"/proc/{child}/status") if line.startswith("VmHWM")]
print("memory at most:", memory[0].split(":")[1].strip())
for name, key, count in [
    ("one event back", b"\x1b[D", 100),
    ("one event on", b"\x1b[C", 100),
    ("one day back", b"\x1b[5~", 50),
    ("one month back", b"[", 5),
    ("one month on", b"]", 5),
    ("the first event", b"\x1b[H", 1),
    ("the last event", b"\x1b[F", 1),
    ("another account", b"j", 20),
    ("known at", b"k", 4),
]:
    times = []
    for _ in range(count):
        os.write(master, key)
        times.append(answer())
    row(name, times)
os.write(master, b"q")
answer(b"\x1b[?1049l")
os.waitpid(child, 0)
