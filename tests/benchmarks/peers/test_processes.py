import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while time.process_time() < 0.1:
    pass
print("deaf", flush=True)
time.sleep(600)
"""
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DEAF!r}], start_new_session=True)"
HARNESS = f"""
import os, sys, time
from pathlib import Path
from benchmarks.peers import processes

processes.adopt_orphans()
processes.TERM_S = 0.1
folder = Path(sys.argv[1])
command = [sys.executable, "-c", {PARENT!r}]
with processes.started([command], folder=folder, env=dict(os.environ), log=folder / "log") as (process,):
    process.wait()  # its child is an orphan now, in a session of its own
    while "deaf" not in (folder / "log").read_text():
        time.sleep(0.01)
    (orphan,) = processes.descendants()
    assert processes.pss_mb([orphan]) > 1
    assert processes.cpu_s([orphan]) > 0
assert not processes.descendants()
try:
    os.kill(orphan, 0)
except ProcessLookupError:
    print("nothing is left")
"""


def test_not_even_an_orphan_that_ignores_sigterm_is_left(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HARNESS, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout == "nothing is left\n", done.stderr
