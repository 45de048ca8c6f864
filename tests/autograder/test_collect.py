"""Downloads taken in: real zip files of the platforms' shapes, and what a hostile one may hold."""

from __future__ import annotations

import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder import UsageError
from autograder._collect import Collected, archive, collect
from autograder._collect.ledger import Ledger
from autograder._collect.people import folder_name
from tests.autograder.lms import WORKSHEET, RawName, canvas, damaged, encrypted, lengthened, moodle, write_zip

LAB = "tiny"
GOOD = b'{"cells": []}'
ROSTER = (
    "folder,first_name,last_name,email,canvas_id\n"
    "jsmith,Jane,Smith,jane@example.org,1001\n"
    "zoe,Zoë,Müller,zoe@example.org,1002\n"
)


class Download:
    """A class's folder and one download for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "class"
        self.folder.mkdir()
        self.zip = folder / "submissions.zip"

    def holds(self, *names: str | zipfile.ZipInfo | tuple[str | zipfile.ZipInfo, bytes]) -> Download:
        files = [name if isinstance(name, tuple) else (name, GOOD) for name in names]
        write_zip(self.zip, *files)
        return self

    def roster(self, text: str = ROSTER) -> Download:
        (self.folder / "students.csv").write_text(text, encoding="utf-8")
        return self

    def worksheet(self) -> Path:
        path = self.folder.with_name("worksheet.csv")
        path.write_text(WORKSHEET, encoding="utf-8-sig")
        return path

    def taken(self, **options: object) -> Collected:
        return collect(LAB, self.zip, self.folder, **options)

    def path(self, student: str, name: str = f"{LAB}.ipynb") -> Path:
        return self.folder / "submitted" / student / LAB / name

    def files(self) -> set[str]:
        """Every file of the class but the ledger and the lock."""
        found = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if not path.is_dir()}
        return {name for name in found if not name.startswith(".autograder/")}


@pytest.fixture
def download(tmp_path: Path) -> Download:
    return Download(tmp_path)


def whats(done: Collected) -> dict[str, str]:
    return {outcome.student: outcome.what for outcome in done.outcomes}


def notes(done: Collected) -> str:
    return " ".join(note for outcome in done.outcomes for note in outcome.notes)


def only_taken(download: Download) -> None:
    """Zoë's work was taken, and nothing else was written anywhere."""
    assert download.files() == {"students.csv", f"submitted/zoe/{LAB}/{LAB}.ipynb"}
    assert {path.name for path in download.folder.parent.iterdir()} == {"class", "submissions.zip"}


def test_a_canvas_download_is_put_where_the_roster_says(download):
    """By Canvas' number of the student, whatever the name looks like."""
    download.roster().holds((canvas("x", 1001, 51), b"one"), (canvas("y", 1002, 52), b"two"))
    assert whats(download.taken()) == {"jsmith": "new", "zoe": "new"}
    assert (download.path("jsmith").read_bytes(), download.path("zoe").read_bytes()) == (b"one", b"two")


def test_a_moodle_download_is_put_where_the_roster_says(download):
    """By the name, in either order."""
    download.roster().holds(moodle("Jane Smith", 20731), moodle("Müller Zoë", 20732))
    assert whats(download.taken()) == {"jsmith": "new", "zoe": "new"}


@pytest.mark.parametrize(
    "name",
    [
        "Jane Smith_20731_assignsubmission_file/tiny.ipynb",
        "Jane Smith_20731_assignsubmission_file_/tiny.ipynb",
        "Jane Smith_20731_assignsubmission_file_tiny.ipynb",
        "Jane Smith_20731_assignsubmission_file/my work/tiny.ipynb",
        "C101-Lab/Jane Smith_20731_assignsubmission_file_/tiny.ipynb",
    ],
)
def test_every_layout_of_moodle_is_known(download, name):
    """With and without folders, of older versions, with a student's own folder, packed once more."""
    assert whats(download.holds(name).taken()) == {"jane-smith": "new"}
    assert download.path("jane-smith").read_bytes() == GOOD


def test_without_a_roster_folders_are_made_from_names(download):
    """And the instructor is told which."""
    done = download.holds(canvas("smithjane", 1001, 51)).taken()
    assert whats(done) == {"smithjane": "new"}
    assert "A new folder, smithjane, named after the download." in notes(done)


def test_namesakes_have_folders_of_their_own(download):
    """Two Jane Smiths never share one."""
    done = download.holds(canvas("smithjane", 1001, 51), canvas("smithjane", 1002, 52)).taken()
    assert whats(done) == {"smithjane-1001": "new", "smithjane-1002": "new"}


def test_a_folder_that_somebody_made_is_not_taken_for_a_namesakes(download):
    """Work that was put there by hand stays."""
    download.path("smithjane").parent.mkdir(parents=True)
    download.path("smithjane").write_bytes(b"by hand")
    assert whats(download.holds(canvas("smithjane", 1001, 51)).taken()) == {"smithjane-1001": "new"}
    assert download.path("smithjane").read_bytes() == b"by hand"


def test_who_is_not_on_the_roster_is_told(download):
    """Taken all the same."""
    done = download.roster().holds(canvas("doesam", 1004, 51)).taken()
    assert whats(done) == {"doesam": "new"} and "doesam (1004) is not in students.csv." in notes(done)


def test_a_moodle_student_keeps_the_folder_in_the_next_lab(download):
    """Though Moodle's number is another one there."""
    download.holds(moodle("Jane Smith", 20731)).taken()
    collect("other", write_zip(download.zip, (moodle("Jane Smith", 31, "other.ipynb"), GOOD)), download.folder)
    assert {path.name for path in (download.folder / "submitted").iterdir()} == {"jane-smith"}


def test_a_namesake_who_comes_later_has_another_folder(download):
    """In one lab a student keeps the number, so another number is somebody else."""
    download.holds(moodle("Jane Smith", 20731)).taken()
    assert whats(download.holds(moodle("Jane Smith", 20799)).taken()) == {"jane-smith-20799": "new"}


def test_two_hand_ins_for_one_student_are_told(download):
    """The first is taken; the second could be anybody's."""
    done = download.roster().holds(moodle("Jane Smith", 1), (moodle("Smith Jane", 2), b"other")).taken()
    assert [outcome.what for outcome in done.outcomes] == ["new", "not taken"]
    assert "has handed in already in this download" in notes(done) and download.path("jsmith").read_bytes() == GOOD


def test_moodles_worksheet_says_who_has_which_number(download):
    """Where names are hidden or changed, the address decides."""
    download.roster().holds(moodle("Participant", 20731), moodle("Participant", 20732))
    done = download.taken(worksheet=download.worksheet(), zone=ZoneInfo("Europe/Zurich"))
    assert whats(done) == {"jsmith": "new", "zoe": "new"}


def test_the_latest_of_several_attempts_counts(download):
    """Canvas numbers files in the order in which they came; the earlier ones are named."""
    files = [(canvas("x", 1002, number, name), name.encode()) for number, name in ATTEMPTS.items()]
    done = download.roster().holds(*files).taken()
    assert download.path("zoe").read_bytes() == b"tiny-1.ipynb"
    assert "the latest is taken, tiny-1.ipynb, not tiny.ipynb, tiny-2.ipynb." in notes(done)


ATTEMPTS = {51: "tiny.ipynb", 53: "tiny-1.ipynb", 52: "tiny-2.ipynb"}


@pytest.mark.parametrize("name", ["tiny.ipynb", "tiny-3.ipynb", "tiny (1).ipynb", "tiny(2).ipynb", "TINY.IPYNB"])
def test_copies_of_the_name_are_the_name(download, name):
    """Canvas and browsers number copies."""
    done = (
        download.roster().holds((canvas("x", 1002, 51, name), b"it"), canvas("x", 1002, 52, "old.ipynb")).taken()
    )
    assert download.path("zoe").read_bytes() == b"it" and "Not read: old.ipynb." in notes(done)


def test_the_only_notebook_is_taken_whatever_its_name(download):
    """And the instructor is told."""
    done = download.roster().holds(canvas("x", 1002, 51, "final version.ipynb")).taken()
    assert download.path("zoe").exists() and "taken as tiny.ipynb, as it is the only notebook" in notes(done)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.ipynb", "b.ipynb"], "none is called tiny.ipynb: a.ipynb, b.ipynb."),
        (["photo.png"], "no notebook, but photo.png."),
        (["tiny.zip"], "no notebook, but tiny.zip."),
    ],
)
def test_what_nobody_can_choose_is_told(download, names, message):
    """Nothing is guessed."""
    files = [canvas("x", 1001, 51 + number, name) for number, name in enumerate(names)]
    done = download.roster().holds(*files, canvas("y", 1002, 61)).taken()
    assert whats(done) == {"jsmith": "not taken", "zoe": "new"} and message in notes(done)
    only_taken(download)


@pytest.mark.parametrize(
    "typed",
    ["x_1001_text.html", "x_LATE_1001_link.html", "Jane Smith_1_assignsubmission_onlinetext/onlinetext.html"],
)
def test_a_typed_text_is_no_notebook(download, typed):
    """Of either platform."""
    good = moodle("Zoë Müller", 2) if "assign" in typed else canvas("y", 1002, 61)
    done = download.roster().holds(typed, good).taken()
    assert whats(done) == {"jsmith": "not taken", "zoe": "new"} and "a text typed into the platform" in notes(done)


def test_an_anonymous_download_is_nobodys(download):
    """Canvas writes other names then; a student's file name makes no difference."""
    names = ["anon_aB3xY_51_2_tiny.ipynb", "LATE_anon_aB3xZ_52_tiny.ipynb"]
    done = download.roster().holds(*names, canvas("y", 1002, 61)).taken()
    assert whats(done) == {"zoe": "new"}
    assert len(done.strange) == 2 and all("Turn anonymous grading off" in line for line in done.strange)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("x_1001_51_mueller_1002_52_tiny.ipynb", "jsmith"),
        ("Jane Smith_1_assignsubmission_file_Zoë Müller_2_assignsubmission_file_tiny.ipynb", "jsmith"),
        ("Jane Smith_1_assignsubmission_file/Zoë Müller_2_assignsubmission_file/tiny.ipynb", "jsmith"),
    ],
)
def test_nobody_hands_in_for_somebody_else(download, name, student):
    """What a student calls a file or a folder names nobody."""
    assert whats(download.roster().holds(name).taken()) == {student: "new"}


def test_a_borrowed_name_is_not_enough_where_addresses_are_known(download):
    """Some platforms let students change their names."""
    download.roster(ROSTER.replace("jane@example.org", "jane.smith@example.org"))
    done = download.holds(moodle("Jane Smith", 20731)).taken(worksheet=download.worksheet(), zone=UTC)
    assert whats(done) == {"jane-smith": "new"} and "Jane Smith (20731) is not in students.csv." in notes(done)


def test_a_roster_that_comes_later_moves_the_student(download):
    """And says what to do with the folder that was made before."""
    download.holds(canvas("x", 1001, 51)).taken()
    done = download.roster().taken()
    assert whats(done) == {"jsmith": "new"} and "is in x: remove that folder" in notes(done)
    assert set(Ledger(download.folder).of(LAB)) == {"jsmith"}


def test_litter_is_passed_over(download):
    """What operating systems and Jupyter leave behind."""
    litter = [
        "__MACOSX/._tiny.ipynb",
        ".DS_Store",
        moodle("Zoë Müller", 2, ".ipynb_checkpoints/tiny-checkpoint.ipynb"),
    ]
    done = download.roster().holds(*litter, moodle("Zoë Müller", 2)).taken()
    assert (whats(done), notes(done), done.strange) == ({"zoe": "new"}, "", [])


def test_late_work_without_a_time_counts_as_in_time_and_is_told(download):
    """Canvas' download does not say when."""
    done = download.roster().holds(canvas("y", 1002, 61, late=True)).taken()
    assert "marks it as late" in notes(done) and not download.path("zoe", "timestamp.txt").exists()


def test_a_given_time_is_written_for_what_canvas_marks_as_late(download):
    """As nbgrader reads it; the others were in time."""
    download.roster().holds(canvas("x", 1001, 51), canvas("y", 1002, 61, late=True))
    download.taken(received=datetime(2026, 3, 6, 7, 0, tzinfo=UTC))
    assert download.path("zoe", "timestamp.txt").read_text() == "2026-03-06 07:00:00 UTC"
    assert not download.path("jsmith", "timestamp.txt").exists()


def test_moodles_worksheet_says_when(download):
    """In its own time zone, as it writes it in British and in American English."""
    download.roster().holds(moodle("Jane Smith", 20731), moodle("Zoë Müller", 20732))
    download.taken(worksheet=download.worksheet(), zone=ZoneInfo("Europe/Zurich"))
    assert download.path("jsmith", "timestamp.txt").read_text() == "2026-03-03 20:05:00 UTC"
    assert download.path("zoe", "timestamp.txt").read_text() == "2026-03-04 07:00:00 UTC"


def test_a_time_that_was_given_stays(download):
    """The same download again, without it, neither takes it away nor asks for it."""
    download.roster().holds(canvas("y", 1002, 61, late=True)).taken(received=datetime(2026, 3, 6, tzinfo=UTC))
    assert notes(download.taken()) == "" and download.path("zoe", "timestamp.txt").exists()


def test_a_later_hand_in_in_time_takes_the_old_time_away(download):
    """It told of the file that was replaced."""
    download.roster().holds(canvas("y", 1002, 61, late=True)).taken(received=datetime(2026, 3, 6, tzinfo=UTC))
    download.holds((canvas("y", 1002, 62), b"again")).taken()
    assert not download.path("zoe", "timestamp.txt").exists()


def test_the_same_download_again_changes_nothing(download):
    """Not even the file's time."""
    download.roster().holds(canvas("y", 1002, 61)).taken()
    before = download.path("zoe").stat().st_mtime_ns
    assert whats(download.taken()) == {"zoe": "unchanged"}
    assert download.path("zoe").stat().st_mtime_ns == before


def test_a_changed_hand_in_replaces_the_old_one_which_is_kept(download):
    """Beside, where nothing is graded; every one of them."""
    for number, content in enumerate((b"first", b"second", b"third")):
        done = download.roster().holds((canvas("y", 1002, 61 + number), content)).taken()
    assert whats(done) == {"zoe": "changed"} and download.path("zoe").read_bytes() == b"third"
    kept = {path.name: path.read_bytes() for path in (download.folder / "earlier" / "zoe" / LAB).iterdir()}
    assert kept == {"tiny-1.ipynb": b"first", "tiny-2.ipynb": b"second"}


def test_an_older_download_replaces_nothing(download):
    """Two zip files taken in the wrong order."""
    download.roster().holds((canvas("y", 1002, 62), b"new")).taken()
    done = download.holds((canvas("y", 1002, 61), b"old")).taken()
    assert whats(done) == {"zoe": "not taken"} and "older than what is there" in notes(done)
    assert download.path("zoe").read_bytes() == b"new"


@pytest.mark.parametrize(
    "name",
    [
        "../" + moodle("Jane Smith", 20731),
        "/" + moodle("Jane Smith", 20731),
        moodle("Jane Smith", 20731, "../../zoe/tiny.ipynb"),
        moodle("Jane Smith", 20731, "..\\..\\tiny.ipynb"),
        "C:" + moodle("Jane Smith", 20731),
        "../../../etc/cron.d/tiny.ipynb",
    ],
)
def test_a_name_that_leads_out_is_not_followed(download, name):
    """Nothing is written outside, and the others are taken."""
    done = download.roster().holds((name, b"bad"), moodle("Zoë Müller", 20732)).taken()
    assert "its name leads out of the folder" in notes(done) + " ".join(done.strange)
    only_taken(download)


def test_a_student_cannot_be_named_out_of_the_folder(download):
    """A name is turned into letters, digits and hyphens."""
    assert folder_name("../..") == "student" and folder_name("a/../b\\c\x00d") == "a-b-c-d"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_is_not_made(download, kind):
    """It could point at anything."""
    link = zipfile.ZipInfo(moodle("Jane Smith", 20731))
    link.create_system, link.external_attr = 3, (kind | 0o777) << 16
    done = download.roster().holds((link, b"/etc/passwd"), moodle("Zoë Müller", 20732)).taken()
    assert whats(done)["jsmith"] == "not taken" and "a link or a device" in notes(done)
    only_taken(download)


def test_an_encrypted_file_is_told(download):
    """The others are taken."""
    download.roster().holds(canvas("x", 1001, 51), canvas("y", 1002, 61))
    encrypted(download.zip, canvas("x", 1001, 51))
    done = download.taken()
    assert whats(done)["jsmith"] == "not taken" and "encrypted" in notes(done)
    only_taken(download)


def test_a_file_that_is_shorter_than_it_says_is_told(download):
    """Half a notebook is none."""
    download.roster().holds((canvas("x", 1001, 51), bytes(90)), canvas("y", 1002, 61))
    lengthened(download.zip, canvas("x", 1001, 51))
    done = download.taken()
    assert whats(done)["jsmith"] == "not taken" and "its length is not what the archive says" in notes(done)
    only_taken(download)


def test_a_damaged_file_is_told(download):
    """Its checksum is compared; the others are taken."""
    content = bytes(range(256)) * 40
    download.roster().holds((canvas("x", 1001, 51), content), canvas("y", 1002, 61))
    damaged(download.zip, canvas("x", 1001, 51))
    done = download.taken()
    assert whats(done)["jsmith"] == "not taken" and "damaged" in notes(done)
    only_taken(download)


@pytest.mark.parametrize(
    ("size", "message"),
    [(5_000_000, "unpacks to 5,000,000 bytes out of"), (51_000_000, "51 MB unpacked, at most 50")],
)
def test_a_bomb_is_not_unpacked(download, size, message):
    """Neither one that is packed too well nor one that is too large."""
    done = download.roster().holds((canvas("x", 1001, 51), bytes(size)), canvas("y", 1002, 61)).taken()
    assert whats(done)["jsmith"] == "not taken" and message in notes(done)
    only_taken(download)


def test_all_together_have_a_limit(download, monkeypatch):
    """Many files, each of which is harmless."""
    monkeypatch.setattr(archive, "MAX_TOTAL", 100)
    done = download.roster().holds((canvas("y", 1002, 61), bytes(90)), (canvas("x", 1001, 51), bytes(90))).taken()
    assert whats(done) == {"zoe": "new", "jsmith": "not taken"} and "the archive unpacks to more than" in notes(
        done
    )


def test_too_many_entries_are_refused(download, monkeypatch):
    """Before anything is taken."""
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1)
    with pytest.raises(UsageError, match="2 entries, at most 1"):
        download.holds(canvas("x", 1001, 51), canvas("y", 1002, 61)).taken()


def test_a_name_that_is_no_utf8_stops_nobody(download):
    """zipfile alone would refuse the whole archive."""
    raw = RawName(b"x_1001_51_caf\xe9_tiny.ipynb", marked=True)
    done = download.roster().holds(raw, canvas("Müller", 1002, 61)).taken()
    assert whats(done) == {"jsmith": "not taken", "zoe": "new"} and "no valid UTF-8" in notes(done)
    only_taken(download)


def test_names_that_are_utf8_without_saying_so_are_read(download):
    """As Canvas writes them."""
    raw = RawName(canvas("müllerzoë", 1002, 61).encode())
    assert whats(download.holds(raw).taken()) == {"müllerzoë": "new"}


def test_names_that_differ_in_case_only_are_told(download):
    """The exact one is taken; two exact ones are nobody's."""
    done = download.roster().holds(moodle("Zoë Müller", 2, "Tiny.ipynb"), (moodle("Zoë Müller", 2), b"it")).taken()
    assert download.path("zoe").read_bytes() == b"it" and "not Tiny.ipynb" in notes(done)
    done = download.holds(moodle("Zoë Müller", 2, "Tiny.ipynb"), moodle("Zoë Müller", 2, "TINY.ipynb")).taken()
    assert whats(done) == {"zoe": "not taken"} and "nobody can tell which is meant" in notes(done)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_is_nobodys(download):
    """Nobody knows which of the two is meant."""
    done = download.roster().holds(moodle("Zoë Müller", 2), (moodle("Zoë Müller", 2), b"other")).taken()
    assert whats(done) == {"zoe": "not taken"}


def test_a_link_in_place_of_a_notebook_is_not_followed(download, tmp_path):
    """What it leads to is neither read nor kept."""
    (tmp_path / "secret").write_text("secret")
    download.path("zoe").parent.mkdir(parents=True)
    download.path("zoe").symlink_to(tmp_path / "secret")
    assert whats(download.roster().holds(canvas("y", 1002, 61)).taken()) == {"zoe": "not taken"}
    assert download.path("zoe").is_symlink() and not (download.folder / "earlier").exists()


def test_a_link_in_the_class_is_not_followed(download, tmp_path):
    """It could lead to another student's folder."""
    (tmp_path / "elsewhere").mkdir()
    (download.folder / "submitted").mkdir()
    (download.folder / "submitted" / "zoe").symlink_to(tmp_path / "elsewhere")
    done = download.roster().holds(canvas("y", 1002, 61)).taken()
    assert whats(done) == {"zoe": "not taken"} and not list((tmp_path / "elsewhere").iterdir())


def test_terminal_sequences_in_names_are_not_obeyed(download):
    """They are shown as escapes."""
    done = download.holds(canvas("x", 1001, 51, "a\x1b[2J.png"), "stray\x1b]0;x\x07.txt").taken()
    shown = notes(done) + " ".join(done.strange)
    assert "\x1b" not in shown and "\\x1b[2J" in shown


def test_strangers_in_the_archive_are_named(download):
    """A file that fits no layout belongs to nobody."""
    done = download.roster().holds("grades.csv", canvas("y", 1002, 61)).taken()
    assert done.strange == ["grades.csv: not named as this platform names files; left out."]


def test_a_download_of_nothing_known_is_refused(download):
    """The message shows names and says what to do."""
    with pytest.raises(UsageError, match=r"Neither Canvas nor Moodle names files like this: hello\.ipynb"):
        download.holds("hello.ipynb").taken()


@pytest.mark.parametrize("content", [None, b"", b"no zip", b"PK\x05\x06" + bytes(4)])
def test_what_is_no_zip_is_refused(download, content):
    """Missing, empty, cut off."""
    if content is not None:
        download.zip.write_bytes(content)
    with pytest.raises(UsageError, match=r"not there|no zip file that can be read"):
        download.taken()


def test_several_notebooks_of_one_lab_are_taken_by_name(download):
    """An assignment of the class's own may have more than one."""
    download.roster().holds(
        (canvas("y", 1002, 61, "problem1-1.ipynb"), b"1"), (canvas("y", 1002, 62, "problem2.ipynb"), b"2")
    )
    download.taken(notebooks=["problem1", "problem2"])
    assert download.path("zoe", "problem1.ipynb").read_bytes() == b"1"
    assert download.path("zoe", "problem2.ipynb").read_bytes() == b"2"
