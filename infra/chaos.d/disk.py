"""A small disk for one node's data, which can be filled."""
import errno
import os
import subprocess
from pathlib import Path


class SmallDisk:
    """A tmpfs; where the kernel does not allow one, `refusal` says why, and the directory is an ordinary one."""

    def __init__(self, directory, megabytes):
        self.directory = Path(directory)
        self._ballast = self.directory / "ballast"
        self.directory.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "reprise-chaos", str(self.directory)]
        mounted = subprocess.run(command, capture_output=True, text=True)
        self.refusal = None if mounted.returncode == 0 else (mounted.stderr.strip() or "mount failed")

    def fill(self):
        """Until not one byte more fits."""
        with open(self._ballast, "ab", buffering=0) as ballast:
            for size in (1 << 20, 4096, 1):
                try:
                    while ballast.write(b"\0" * size):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def clear(self):
        self._ballast.unlink(missing_ok=True)

    def remove(self):
        if self.refusal is None:
            subprocess.run(["umount", "-l", str(self.directory)], capture_output=True)


def empty(directory):
    """Deletes all that lies in a directory, which may itself be a mount."""
    for root, folders, files in os.walk(directory, topdown=False):
        for name in files:
            os.unlink(os.path.join(root, name))
        for name in folders:
            os.rmdir(os.path.join(root, name))
