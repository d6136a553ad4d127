"""A terminal that shows what a person would see: tmux, with a shell in it."""

import os
import shlex
import subprocess
import tempfile

from support import timewait
from support.waiting import wait_for

PROMPT = "here> "


class Terminal:
    """A tmux server of its own, in the caller's network namespace; a context manager that ends it.

    The shell in it is interactive and has job control, as a person's.
    """

    def __init__(self, columns=100, rows=30, **variables):
        self._folder = tempfile.TemporaryDirectory()
        self._tmux_environment = timewait.environment(TMUX_TMPDIR=self._folder.name, TMUX=None)
        shell = timewait.environment(PS1=PROMPT, HISTFILE=None, **{"TERM": "screen-256color"} | variables)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                   shlex.join(["env", "-i", *(f"{name}={value}" for name, value in shell.items()),
                               "bash", "--norc", "--noprofile"]))
        self.wait_for_prompt()

    def _tmux(self, *command):
        return subprocess.run(["tmux", "-L", "test", *command], env=self._tmux_environment, check=True, timeout=20,
                              capture_output=True, text=True, encoding="utf-8").stdout

    def _ask(self, variable):
        return self._tmux("display-message", "-p", f"#{{{variable}}}").strip()

    # --- Keys

    def press(self, *keys):
        """Keys by tmux's names, such as "Enter" and "C-c"; others as they are."""
        self._tmux("send-keys", *keys)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def enter(self, command):
        self.type(command)
        self.press("Enter")

    def run(self, command):
        """Has the shell run it to its end; what it printed."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
            done = output.name + ".done"
            self.enter(f"{{ {command}; }} > {output.name} 2>&1; touch {done}")
            wait_for(lambda: os.path.exists(done))
            os.unlink(done)
            return output.read()

    # --- What is shown

    def lines(self):
        return self._tmux("capture-pane", "-p").rstrip("\n").split("\n")

    def text(self):
        return "\n".join(self.lines())

    def colours(self):
        """The picture, with the sequences of its colours."""
        return self._tmux("capture-pane", "-p", "-e")

    def wait_for(self, *words):
        """The lines, when all the words are among them."""
        return self.wait_until(lambda text: all(word in text for word in words))

    def wait_until(self, condition):
        """The lines, when the condition holds of the text."""
        wait_for(lambda: condition(self.text()))
        return self.lines()

    def wait_for_prompt(self):
        """When the shell waits for a command."""
        wait_for(lambda: self.lines()[-1] == PROMPT.rstrip())

    def cursor_is_shown(self):
        return self._ask("cursor_flag") == "1"

    def is_alternate(self):
        """Whether a program has the screen that leaves no traces."""
        return self._ask("alternate_on") == "1"

    def settings(self):
        """Those of the terminal's line, as of stty(1)."""
        with open(self._ask("pane_tty"), "rb") as line:
            return subprocess.run(["stty", "-a"], stdin=line, capture_output=True, text=True, check=True).stdout

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def shell(self):
        return int(self._ask("pane_pid"))

    # --- Its end

    def close(self):
        """As a person who closes the window; whatever runs in it is told."""
        self._tmux("kill-server")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-L", "test", "kill-server"], env=self._tmux_environment, check=False, timeout=20,
                       capture_output=True)
        self._folder.cleanup()
