"""The ergast source refuses what is not a dump, and says what and why."""

import gzip
import shutil
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError, UsageError
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.snapshots.store import fetch_checked


def get(location: str | Path | None, tmp_path: Path, **settings: float) -> dict[str, int]:
    target = tmp_path / "target"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return fetch_checked(SOURCE, None if location is None else str(location), ErgastSettings(**settings), target)


def zipped(dump: Path, inside: str = "") -> Path:
    path = dump.parent / "dump.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(dump.iterdir()):
            archive.write(file, f"{inside}{file.name}")
    return path


def test_folder_and_zip_give_the_same_rows(dump: Path, tmp_path: Path) -> None:
    (dump / "notes.txt").write_text("not a table")
    rows = get(dump, tmp_path)
    assert rows == get(zipped(dump, "f1db/"), tmp_path)
    assert "notes.txt" not in rows
    assert rows["races.csv"] == 8


def test_compressed_tables_are_read_and_plain_ones_win(dump: Path, tmp_path: Path) -> None:
    with gzip.open(dump / "races.csv.gz", "wb") as out:
        out.write((dump / "races.csv").read_bytes())
    assert "races.csv.gz" not in get(dump, tmp_path)
    (dump / "races.csv").unlink()
    assert get(dump, tmp_path)["races.csv.gz"] == 8


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere does not exist; give the path"):
        get(tmp_path / "nowhere", tmp_path)


def test_missing_location_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--location"):
        get(None, tmp_path)


def test_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"empty holds no file of an Ergast dump"):
        get(tmp_path / "empty", tmp_path)


@pytest.mark.parametrize("name", ["races", "results", "qualifying", "drivers", "constructors", "circuits", "status"])
def test_each_required_file(name: str, dump: Path, tmp_path: Path) -> None:
    (dump / f"{name}.csv").unlink()
    with pytest.raises(SourceError, match=rf"^{name}\.csv is missing"):
        get(dump, tmp_path)


def test_optional_files_may_be_absent(dump: Path, tmp_path: Path) -> None:
    for name in ("practice", "pit_stops", "grid", "seasons"):
        (dump / f"{name}.csv").unlink()
    assert "practice.csv" not in get(dump, tmp_path)


def test_renamed_column_offers_the_near_name(dump: Path, tmp_path: Path) -> None:
    path = dump / "results.csv"
    path.write_text(path.read_text().replace("positionOrder", "position_ordered", 1))
    with pytest.raises(SourceError, match=r"results\.csv lacks the column 'positionOrder'.*'position_ordered'"):
        get(dump, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"races\.csv is empty"),
        (b"raceId,year,round,circuitId,name,date\n", r"races\.csv has a header but no rows"),
        (b"raceId,year,round,circuitId,name,date\n1,2020,1,1,Gr\xff,2020-01-01\n", r"races\.csv is not UTF-8"),
        (b"raceId,raceId,year\n1,1,1\n", r"races\.csv has two columns called 'raceId'"),
        (
            b'raceId,year,round,circuitId,name,date\n1,2020,1,1,"' + b"x" * 200_000 + b'",d\n',
            r"races\.csv is not readable",
        ),
    ],
)
def test_damaged_file(content: bytes, says: str, dump: Path, tmp_path: Path) -> None:
    (dump / "races.csv").write_bytes(content)
    with pytest.raises(SourceError, match=says):
        get(dump, tmp_path)


def test_truncated_gzip(dump: Path, tmp_path: Path) -> None:
    packed = gzip.compress((dump / "results.csv").read_bytes())
    (dump / "results.csv").unlink()
    (dump / "results.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match=r"results\.csv\.gz is damaged or cut short"):
        get(dump, tmp_path)


def test_gzip_bomb_ends_at_the_limit(dump: Path, tmp_path: Path) -> None:
    (dump / "results.csv").unlink()
    with gzip.open(dump / "results.csv.gz", "wb", compresslevel=1) as out:
        for _ in range(257):
            out.write(bytes(1 << 20))
    with pytest.raises(SourceError, match=r"results\.csv\.gz holds more than 256 MB"):
        get(dump, tmp_path)


def test_truncated_zip(dump: Path, tmp_path: Path) -> None:
    path = zipped(dump)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(SourceError, match=r"dump\.zip is no complete zip file"):
        get(path, tmp_path)


def test_zip_bomb(dump: Path, tmp_path: Path) -> None:
    with (dump / "results.csv").open("ab") as out:
        out.write(bytes(3 << 20))
    with pytest.raises(SourceError, match=r"unpacks to more than 1 MB"):
        get(zipped(dump), tmp_path, max_unpacked_mb=1)


def test_zip_that_leads_outside(dump: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"\.\./\.\./circuits\.csv.*leads outside"):
        get(zipped(dump, "../../"), tmp_path)
    assert not (tmp_path.parent / "races.csv").exists()


def test_zip_with_two_tables_of_one_name(dump: Path, tmp_path: Path) -> None:
    path = zipped(dump)
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(dump / "races.csv", "old/races.csv")
    with pytest.raises(SourceError, match=r"races\.csv twice"):
        get(path, tmp_path)


def test_zip_without_tables(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(SourceError, match=r"other\.zip holds no file of an Ergast dump"):
        get(tmp_path / "other.zip", tmp_path)


class Handler(BaseHTTPRequestHandler):
    payload = b""
    stall = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/away":
            return self.redirect("http://elsewhere.invalid/dump.zip")
        if self.path == "/moved":
            return self.redirect("/dump.zip")
        if self.path == "/loop":
            return self.redirect("/loop")
        if self.path == "/slow":
            self.stall.wait(10)
            return None
        self.send_response(200 if self.path == "/dump.zip" else 404)
        self.send_header("Content-Length", str(len(self.payload)))
        self.end_headers()
        self.wfile.write(self.payload)
        return None

    def redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server(dump: Path) -> Iterator[str]:
    Handler.payload = zipped(dump).read_bytes()
    Handler.stall.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        Handler.stall.set()
        http.shutdown()


@pytest.mark.parametrize("path", ["/dump.zip", "/moved"])
def test_url(path: str, server: str, tmp_path: Path) -> None:
    assert get(server + path, tmp_path)["races.csv"] == 8


@pytest.mark.parametrize(
    ("path", "settings", "says"),
    [
        ("/none.zip", {}, r"/none\.zip answered 404"),
        ("/away", {}, r"redirects to http://elsewhere\.invalid/dump\.zip, another host"),
        ("/loop", {}, r"redirects more than"),
        ("/slow", {"connect_timeout_s": 0.3}, r"/slow did not answer within 0\.3 s"),
        ("/dump.zip", {"total_timeout_s": 1e-9}, r"was not complete after"),
    ],
)
def test_url_that_fails(path: str, settings: dict[str, float], says: str, server: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=says):
        get(server + path, tmp_path, **settings)


def test_download_limit(server: str, tmp_path: Path) -> None:
    Handler.payload = bytes(2 << 20)
    with pytest.raises(SourceError, match=r"is larger than 1 MB"):
        get(f"{server}/dump.zip", tmp_path, max_download_mb=1)


def test_unreachable_url(server: str, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    with pytest.raises(SourceError, match=r"cannot be reached.*check the URL"):
        get(f"http://127.0.0.1:{port}/dump.zip", tmp_path)
