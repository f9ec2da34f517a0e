"""A PostgreSQL server of our own in a temporary directory, with default durability."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

# What differs from the defaults of `initdb`. Nothing that makes a commit less durable.
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "150",
    "shared_buffers": os.environ.get("BENCH_PG_SHARED_BUFFERS", "2GB"),
    "effective_cache_size": "8GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
}


def binaries() -> Path:
    """The newest server on this machine: beside `pg_config`, on PATH, or where Debian puts it."""
    on_path = shutil.which("initdb")
    # A link on PATH points to the directory in which all the programs are.
    places = [Path(on_path).resolve().parent] if on_path else []
    if shutil.which("pg_config"):
        places.append(Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip()))
    found = glob.glob("/usr/lib/postgresql/*/bin")
    places += [Path(p) for p in sorted(found, key=lambda p: int(p.split("/")[4]), reverse=True)]
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise SystemExit("no PostgreSQL server found: install the package postgresql")


class Server:
    """Runs while the `with` block does. As root it runs as the user `postgres`, since it refuses to run as root."""

    def __init__(self, near: Path):
        self.bin = binaries()
        self.user = "postgres" if os.geteuid() == 0 else None
        self.settings = dict(SETTINGS)
        self.place = self.make_place(near)
        self.data = self.place / "data"
        self.same_disk = self.place.stat().st_dev == near.stat().st_dev
        self.version = subprocess.check_output([self.bin / "postgres", "--version"], text=True).split()[2]

    def make_place(self, near: Path) -> Path:
        """A directory on the disk of our own data when the server's user can reach it, else a temporary one."""
        for parent in (near.resolve(), Path("/var/tmp"), Path(tempfile.gettempdir())):
            # A socket's address must be short.
            if len(str(parent)) < 60 and self.can_enter(parent):
                place = Path(tempfile.mkdtemp(prefix="qishu-pg-", dir=parent))
                if self.user:
                    owner = pwd.getpwnam(self.user)
                    os.chown(place, owner.pw_uid, owner.pw_gid)
                return place
        raise SystemExit("no directory that the user postgres can enter")

    def can_enter(self, place: Path) -> bool:
        return not self.user or subprocess.run(self.as_user(["test", "-x", place]), check=False, stderr=subprocess.DEVNULL).returncode == 0

    def as_user(self, command: list) -> list:
        command = [str(part) for part in command]
        return ["runuser", "-u", self.user, "--", *command] if self.user else command

    def run(self, program: str, *arguments, **more) -> str:
        done = subprocess.run(self.as_user([self.bin / program, *arguments]), check=False, capture_output=True, text=True, cwd=self.place, **more)
        if done.returncode != 0:
            raise SystemExit(f"{program} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def __enter__(self):
        try:
            self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
            with (self.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
                conf.writelines(f"{name} = {value}\n" for name, value in self.settings.items())
                conf.write(f"unix_socket_directories = '{self.place}'\n")
            # With its output on a file: a server that inherits a pipe keeps its reader waiting.
            self.run("pg_ctl", "-D", self.data, "-l", self.place / "log", "-w", "-t", "60", "start")
        except BaseException:
            shutil.rmtree(self.place, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(self.as_user([self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop"]), check=False, capture_output=True, cwd=self.place)
        shutil.rmtree(self.place, ignore_errors=True)

    def connect(self):
        link = psycopg2.connect(host=str(self.place), user="postgres", dbname="postgres")
        link.autocommit = True
        return link
