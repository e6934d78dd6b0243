"""A grading session: submissions side by side, each finished one kept, and reports at the end.

It can be ended at any time and started again with the same words: what is finished is kept, and is
not run again unless the notebook, the exercises or the seed have changed.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import seglab
from seglab._files import atomic
from seglab.course import checks, notebooks
from seglab.course.declarations import Exercise, Question
from seglab.course.peeks import peeks
from seglab.grade import assignments, marking, report, runs, submissions, wire
from seglab.grade.assignments import Assignment
from seglab.grade.limits import MB, Limits
from seglab.grade.marking import Mark
from seglab.grade.report import Graded
from seglab.grade.shield import Shield, choose
from seglab.grade.submissions import Submission

_SEED = "seed.json"
_KEPT = "kept"  # the folder of finished submissions


@dataclass(frozen=True)
class Job:
    """One notebook of one student, or the lack of it."""

    student: str
    assignment: Assignment
    notebook: Path | None
    cells: Sequence[Mapping[str, Any]]
    files: Mapping[str, Path]
    problem: str = ""


class Cases:
    """The hidden cases of all exercises of some assignments, from one seed."""

    def __init__(self, known: Sequence[Assignment], seed: int) -> None:
        self.seed = seed
        self.by_name = {
            task.name: checks.cases_of(task.asked, seed)
            for assignment in known
            for task in assignment.tasks
            if isinstance(task.asked, Exercise)
        }

    def of(self, assignment: Assignment) -> dict[str, tuple[str, Sequence[Mapping[str, Any]]]]:
        """The name of the function and the cases, by exercise."""
        return {
            task.name: (task.function, self.by_name[task.name])
            for task in assignment.tasks
            if task.name in self.by_name
        }

    def fingerprint(self, assignment: Assignment) -> str:
        """A text that changes with what is asked, what is right, and what it is worth."""
        digest = sha256(f"{seglab.__version__} {self.seed}".encode())
        for task in assignment.tasks:
            digest.update(f"{task.name} {task.points} {task.function}".encode())
            for part in self._declared(task.asked):
                digest.update(part)
        return digest.hexdigest()

    def _declared(self, asked: Exercise | Question) -> Iterator[bytes]:
        """Everything of a declaration that a mark depends on; functions by what they return."""
        if isinstance(asked, Question):
            yield repr(asked).encode()
            return
        cases = self.by_name[asked.name]
        yield f"{asked.reveal} {list(asked.mistakes)}".encode()
        yield wire.pack(list(map(dict, cases)))
        for function in (asked.reference, *asked.also, *asked.mistakes.values()):
            outcomes = (marking.made(function, case) for case in cases)
            yield wire.pack([(outcome.value, outcome.error) for outcome in outcomes])


def grade(
    folder: Path,
    out: Path,
    notebooks_asked: Sequence[Path] = (),
    limits: Limits | None = None,
    container: str = "",
    unshielded: bool = False,
    workers: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> str:
    """Grade a folder of submissions; writes grades.csv, results.json and a page for each student.

    notebooks_asked: the instructor's notebooks; the course's labs that were handed in if none.
    workers: how many at once; as many as cores. seed: of the hidden cases; a secret one, kept in
    the out folder, so that a second run asks the same.
    Returns the kind of the shield. Raises ValueError where nothing can be graded, or where nothing
    shields this machine.
    """
    found = submissions.find(folder)
    out.mkdir(parents=True, exist_ok=True)
    known = _asked(found, notebooks_asked)
    away = [folder, out, notebooks.folder(), *(path.parent for path in notebooks_asked)]
    shield = choose(limits or Limits(), away, container, unshielded)
    cases = Cases(known, _seed(out, seed))
    jobs = [job for submission in found for job in _jobs(submission, known)]
    graded = _all(jobs, shield, cases, out, workers or _cores(), progress)
    report.write(out, graded, shield.kind)
    return shield.kind


def _asked(found: Sequence[Submission], paths: Sequence[Path]) -> list[Assignment]:
    """The assignments to grade: the given ones, or the labs that somebody handed in."""
    if paths:
        return [assignments.read(path) for path in notebooks.find(paths)]
    names = {path.stem for submission in found for path in submission.notebooks}
    labs = [p for p in notebooks.find([]) if any(p.stem in name for name in names)]
    if not labs:
        raise ValueError(
            "no submission has the name of a lab; give the notebook that was handed out, --notebook"
        )
    return [assignments.read(path) for path in labs]


def _jobs(submission: Submission, known: Sequence[Assignment]) -> list[Job]:
    """A job for each assignment; what was not handed in earns nothing."""
    jobs: dict[str, Job] = {}
    problem = submission.problem
    for path in submission.notebooks:
        try:
            cells = submissions.code(path)
        except ValueError as error:
            problem, cells = str(error), []
        # A file that cannot be read is taken by its name.
        stem = assignments.belongs(path, cells, known)
        for one in known:
            if one.stem == stem and (one.stem not in jobs or not jobs[one.stem].cells):
                files = {**submission.files, **one.files}
                jobs[one.stem] = Job(
                    submission.student, one, path, cells, files, "" if cells else problem
                )
    return [
        jobs.get(one.stem)
        or Job(submission.student, one, None, [], {}, problem or f"{one.stem} was not handed in")
        for one in known
    ]


def _all(
    jobs: Sequence[Job],
    shield: Shield,
    cases: Cases,
    out: Path,
    workers: int,
    progress: Callable[[int, int], None],
) -> list[Graded]:
    """Grade the jobs side by side, in their order."""
    known = {job.assignment.stem: job.assignment for job in jobs}
    prints = {stem: cases.fingerprint(assignment) for stem, assignment in known.items()}
    slots: SimpleQueue[int] = SimpleQueue()
    for slot in range(workers):
        slots.put(slot)
    stopping = threading.Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="grade")

    def one(job: Job) -> Graded:
        key = _key(job, prints[job.assignment.stem], shield)
        kept = _kept(out, job)
        if (before := _read(kept, key)) is not None:
            return before
        slot = slots.get()
        try:
            graded = _graded(job, shield, cases, slot, stopping)
        finally:
            slots.put(slot)
        with atomic(kept) as unfinished:
            unfinished.write_text(json.dumps({"key": key, **asdict(graded)}), encoding="utf-8")
        return graded

    (out / _KEPT).mkdir(exist_ok=True)
    waiting: dict[Future[Graded], int] = {pool.submit(one, job): n for n, job in enumerate(jobs)}
    try:
        for done, future in enumerate(as_completed(waiting), 1):
            future.result()
            progress(done, len(jobs))
    except BaseException:
        stopping.set()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()
    return [future.result() for future, _ in sorted(waiting.items(), key=lambda item: item[1])]


def _graded(job: Job, shield: Shield, cases: Cases, slot: int, stopping: threading.Event) -> Graded:
    """Run a submission and mark it; whatever goes wrong, there is a row."""
    name = "" if job.notebook is None else job.notebook.name
    stem = job.assignment.stem
    if job.problem:
        marks = tuple(marking.none(task, job.problem) for task in job.assignment.tasks)
        return Graded(job.student, stem, name, marks, (job.problem,))
    asked = cases.of(job.assignment)
    order = runs.Order([cell["source"] for cell in job.cells], asked, job.assignment.withheld)
    ran = runs.run(shield, order, job.files, slot, stopping)
    marks = tuple(_mark(task, asked, ran) for task in job.assignment.tasks)
    peeked = [
        f"cell {place}: {what}, by which references can be read"
        for place, cell in enumerate(job.cells, 1)
        for what in peeks(cell["source"])
    ]
    notes = [
        *ran.notes,
        *peeked,
        *(f"cell {place + 1}: {why}" for place, why in sorted(ran.cells.items())),
    ]
    return Graded(job.student, stem, name, marks, tuple(notes), ran.printed)


def _mark(task: assignments.Task, asked: Mapping[str, Any], ran: runs.Ran) -> Mark:
    _, cases = asked.get(task.name, ("", ()))
    try:
        return marking.of(task, cases, ran)
    except Exception as error:  # a value that nobody has thought of is no right one
        return marking.none(task, f"its answer cannot be compared ({type(error).__name__})")


def _key(job: Job, fingerprint: str, shield: Shield) -> str:
    digest = sha256(f"{fingerprint} {shield.kind} {shield.limits} {job.problem}".encode())
    for name, file in sorted(job.files.items()):
        size = file.stat().st_size
        digest.update(f"{name} {size}".encode())
        if size <= shield.limits.disk * MB:  # a larger one is not given to the submission
            digest.update(file.read_bytes())
    digest.update(json.dumps([cell["source"] for cell in job.cells]).encode())
    return digest.hexdigest()


def _kept(out: Path, job: Job) -> Path:
    name = sha256(f"{job.student}\0{job.assignment.stem}".encode()).hexdigest()[:24]
    return out / _KEPT / f"{name}.json"


def _read(path: Path, key: str) -> Graded | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("key") != key:
            return None
        marks = tuple(Mark(**mark) for mark in data.pop("marks"))
        return Graded(**{**data, "marks": marks, "notes": tuple(data["notes"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _seed(out: Path, given: int | None) -> int:
    """The seed that was given, or the one of a run before, or a new secret one."""
    file = out / _SEED
    if given is None and file.is_file():
        return int(json.loads(file.read_text(encoding="utf-8"))["seed"])
    seed = 1 + secrets.randbits(48) if given is None else given
    if seed <= 0:
        raise ValueError(f"seed is {seed}; give a whole number above 0 (0 is the students' own)")
    with atomic(file) as unfinished:
        unfinished.write_text(json.dumps({"seed": seed}), encoding="utf-8")
    return seed


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
