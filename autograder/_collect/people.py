"""Whose folder a hand-in belongs to: by the roster, by an earlier download, else a new folder."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from autograder._collect.layouts import CANVAS, HandIn
from autograder._collect.ledger import Ledger
from autograder._errors import SubmissionError
from autograder._lms import Participant
from autograder._roster import ROSTER, Roster, Student, plain_name
from autograder._submission import visible

_LONGEST = 60


class People:
    """Finds the folder of each student of one download.

    Args:
        roster: The class's students by folder.
        ledger: What was collected before.
        lab: The lab's id.
        layout: "canvas" or "moodle".
        hand_ins: All of the download.
        participants: What Moodle's worksheet says of each number.
        there: The folders that are in `submitted/`.
    """

    def __init__(
        self,
        roster: Roster,
        ledger: Ledger,
        lab: str,
        layout: str,
        hand_ins: Sequence[HandIn],
        participants: Mapping[str, Participant],
        there: set[str],
    ) -> None:
        self.roster, self.ledger, self.lab, self.layout = roster, ledger, lab, layout
        self.participants = participants
        self.namesakes = Counter(plain_name(own.name) for own in hand_ins)
        self.taken = there | set(roster)
        self.given: set[str] = set()

    def folder(self, own: HandIn) -> tuple[str, str]:
        """The folder of a hand-in, and what the instructor should know of it.

        Raises:
            SubmissionError: If it is the folder of somebody else in the same download.
        """
        student = self._on_roster(own)
        before = self._before(own)
        found = student.folder if student else before
        note = ""
        if student and before and before != found:
            note = f"Earlier work of the same student is in {visible(before)}: remove that folder."
        if not student and self.roster:
            note = f"{visible(own.name)} ({own.id}) is not in {ROSTER}."
        if not found:
            found = self._new(own)
            note = f"{note} A new folder, {visible(found)}, named after the download.".lstrip()
        if found in self.given:
            who = f"{visible(own.name)} ({own.id})"
            raise SubmissionError(
                f"{who}: {visible(found)} has handed in already in this download. Look who it is, and give both "
                f"a line in {ROSTER} that tells them apart."
            )
        self.given.add(found)
        return found, note

    def _on_roster(self, own: HandIn) -> Student | None:
        if self.layout == CANVAS:
            found = [student for student in self.roster.values() if student.canvas_id == own.id]
        else:
            participant = self.participants.get(own.id)
            found = participant_on(self.roster, participant) if participant else self._named(own.name)
        return found[0] if len(found) == 1 else None

    def _named(self, name: str) -> list[Student]:
        if self.namesakes[plain_name(name)] > 1:
            return []
        return [student for student in self.roster.values() if plain_name(name) in student.spoken]

    def _before(self, own: HandIn) -> str:
        """The folder that an earlier download of the same student went to, "" if there was none."""
        mine = [
            (lab, student, receipt) for lab, student, receipt in self.ledger.all() if receipt.layout == self.layout
        ]
        same = {
            student
            for lab, student, receipt in mine
            if receipt.id == own.id and (self.layout == CANVAS or lab == self.lab)
        }
        if not same and self.layout != CANVAS and self.namesakes[plain_name(own.name)] == 1:
            same = {student for lab, student, receipt in mine if plain_name(receipt.name) == plain_name(own.name)}
            same -= set(self.ledger.of(self.lab))  # in this lab the same student has the same number
        return same.pop() if len(same) == 1 else ""

    def _new(self, own: HandIn) -> str:
        name = folder_name(own.name)
        if name in self.taken or self.namesakes[plain_name(own.name)] > 1:
            name = f"{name}-{own.id}"
        self.taken.add(name)
        return name


def participant_on(roster: Roster, participant: Participant) -> list[Student]:
    """The students of a roster that a line of a platform's table names: by address, by number, else by name.

    Students can change their names on some platforms, so a name says nothing where addresses say something else.
    """
    for fits in (
        lambda student: student.email and student.email.casefold() == participant.email,
        lambda student: {student.sis_id.casefold(), student.folder.casefold()} & participant.ids,
        lambda student: participant.name in student.spoken and not (student.email and participant.email),
    ):
        if found := [student for student in roster.values() if fits(student)]:
            return found
    return []


def folder_name(name: str) -> str:
    """A name as a folder: small letters of any script and digits, joined by hyphens."""
    letters = unicodedata.normalize("NFC", name).casefold()
    return re.sub(r"[\W_]+", "-", letters).strip("-")[:_LONGEST].strip("-") or "student"
