"""Attacks from inside the interpreter: patched functions, IPython's hooks, overloaded objects."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import WRONG, Attack, Outcome, World, run_attacks, world

PATCHING = [
    Attack(
        "check returns full points",
        "patching",
        """
        import autograder.check, builtins
        def check(id): return 4.0
        autograder.check.check = builtins.check = autograder.check.judge_names = check
    """,
    ),
    Attack(
        "everything equals everything",
        "patching",
        """
        import autograder._compare as compare, autograder._judge as judging
        compare.difference = judging.difference = lambda *a, **k: None
        judging._reason = lambda case: None
        judging.points_of = lambda groups, points: points
    """,
    ),
    Attack(
        "results are full by construction",
        "patching",
        """
        from autograder import _result, check
        class Full(_result.Result):
            def __init__(self, **fields): super().__init__(**fields | {"points": fields["max_points"], "verdict": "passed"})
        _result.Result = Full
        import autograder._judge; autograder._judge.Result = Full
    """,
    ),
    Attack(
        "NumPy compares nothing",
        "patching",
        """
        import numpy as np
        np.allclose = np.array_equal = np.all = np.isclose = lambda *a, **k: True
        np.abs = lambda *a, **k: 0
        np.asarray = np.array = lambda value, *a, **k: value
    """,
    ),
    Attack(
        "builtins say yes",
        "patching",
        """
        import builtins
        builtins.any = lambda items: False
        builtins.all = lambda items: True
        builtins.abs = lambda value: 0
        builtins.sum = lambda *a: 0
    """,
    ),
    Attack(
        "the service answers what is wanted",
        "patching",
        """
        from autograder._engine.service import Service
        from autograder._engine.wire import pack
        def reply(self, request):
            return pack((None, {"points": 4.0, "passed": True, "verdict": "passed", "expected": None}, ""))
        Service._reply = reply
    """,
    ),
    Attack(
        "wire in memory sends wildcards",
        "patching",
        """
        from autograder._engine import service, wire
        class Any:
            def __eq__(self, other): return True
        wire._tagged = lambda value, number_of, depth: Any()
        service.pack = lambda value, number_of=None: b"\\xc3"
    """,
    ),
    Attack(
        "an answer that reads its caller",
        "patching",
        answers={
            "total": """
        def total(prices, discount):
            import sys
            frame = sys._getframe()
            while frame:
                for name, value in frame.f_locals.items():
                    if name in ("expected", "case", "right", "seed", "points", "oracle"):
                        print("BROKEN" "-OUT", name, value)
                        return value
                frame = frame.f_back
            return 6
    """
        },
        code="pass",
    ),
    Attack(
        "a questions module of one's own",
        "patching",
        """
        import types, autograder.check as checks
        fake = types.ModuleType("tests.attacks.questions.shop")
        for name in ("tests", "tests.attacks", "tests.attacks.questions"):
            sys.modules[name] = types.ModuleType(name); sys.modules[name].__path__ = []
        sys.modules[fake.__name__] = fake
        os.environ.pop("AUTOGRADER_OUTSIDE")
        for id, points in dict(total=4, smooth=4, factors=2, mine=2, blur=3, label=1).items():
            def cases(answer, draw):
                yield checks.case(answer.value(), raises=None) if 0 else checks.case(checks.Received(""), None)
            setattr(fake, id, checks.question(id, points=points)(cases))
        checks.open_lab("attacks", "shop", fake.__name__, learner="mallory")
        for id in ("total", "smooth", "factors", "mine", "blur"):
            checks.check(id)
    """,
    ),
    Attack(
        "the draw is repeated",
        "patching",
        """
        from autograder._draw import Draw
        for seed in ("practice", "", "canary-seed"):
            print(Draw("attacks", "shop", "total", seed).integers(5, 1, 90))
        import hashlib, random
        hashlib.sha256 = lambda *a: type("h", (), {"digest": lambda s: b"0" * 32, "hexdigest": lambda s: "0" * 64})()
        random.seed(0); np.random.seed(0)
    """,
    ),
    Attack(
        "a learner who is everybody",
        "patching",
        """
        import autograder.check as checks
        class Everybody(str):
            def __eq__(self, other): return True
            def __hash__(self): return 0
            def strip(self): return self
            def casefold(self): return self
            def __str__(self): return self
        checks._open.learner = Everybody("everybody")
    """,
    ),
    Attack(
        "a floating point error is hidden, a changed input too",
        "patching",
        """
        import autograder._answer as answers, contextlib
        answers._same = lambda before, after: True
        answers.floating_errors = lambda strict: contextlib.nullcontext()
        answers.is_stub = lambda function: False
        answers.plain = lambda value: value
    """,
    ),
    Attack(
        "the forbidden name is not seen in the process",
        "patching",
        """
        import linecache, autograder._sources as sources, autograder.check as checks
        sources.forbidden_name = checks.forbidden_name = sources.forbidden_in_cells = lambda *a, **k: None
        linecache.getlines = lambda *a, **k: []
    """,
    ),
    Attack(
        "the forbidden name comes under another one",
        "patching",
        """
        from numpy import convolve as slide
        import numpy as another
        turned = another.convolve
    """,
        answers={"blur": "def blur(signal, kernel):\n    return turned(signal, kernel, 'valid')"},
        without=WRONG,
    ),
    Attack(
        "the forbidden name stands in a helper",
        "patching",
        """
        def helper(signal, kernel):
            return np.convolve(signal, kernel, "valid")
    """,
        answers={"blur": "def blur(signal, kernel):\n    return helper(signal, kernel)"},
        without=WRONG,
    ),
    Attack(
        "the forbidden name comes with a star",
        "patching",
        "from numpy import *",
        answers={"blur": "def blur(signal, kernel):\n    return convolve(signal, kernel, 'valid')"},
        without=WRONG,
    ),
    Attack(
        "the forbidden name's module is renamed",
        "patching",
        "other = np",
        answers={"blur": "def blur(signal, kernel):\n    return other.convolve(signal, kernel, 'valid')"},
        without=WRONG,
    ),
]
FORGE = """
    def forge(id, points, **more):
        return {"application/vnd.autograder.result+json": {"lab": "shop", "question": id, "points": points,
            "max_points": points, "verdict": "passed", "message": "", "seed": "practice", "learner": "mallory",
            "hint": "", "printed": "", "groups": []}, "text/plain": "all right", **more}
    EACH = dict(total=4.0, smooth=4.0, factors=2.0, mine=2.0, blur=3.0, label=1.0)
"""
IPYTHON = [
    Attack(
        "input transformers rewrite the checks",
        "IPython",
        """
        import IPython
        get_ipython().input_transformers_post.append(lambda lines: ["4.0\\n"] if "check(" in "".join(lines) else lines)
        get_ipython().input_transformers_cleanup.append(lambda lines: ["4.0\\n"] if "check(" in "".join(lines) else lines)
    """,
    ),
    Attack(
        "AST transformers turn every test to pass",
        "IPython",
        """
        import ast
        class Pass(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
            def visit_Call(self, node):
                name = getattr(node.func, "id", "")
                return ast.copy_location(ast.Constant(4.0), node) if name == "check" else node
        get_ipython().ast_transformers.append(Pass())
    """,
    ),
    Attack(
        "a result of the check's own kind is displayed everywhere",
        "IPython",
        FORGE
        + """
    from IPython.display import display
    def show_all(*a):
        for id, points in EACH.items():
            display(forge(id, points), raw=True)
    show_all()
    get_ipython().events.register("pre_run_cell", show_all)
    get_ipython().events.register("post_run_cell", show_all)
    """,
    ),
    Attack(
        "a result in the answer's cell",
        "IPython",
        "pass",
        answers={
            "total": (
                "from IPython.display import display\n"
                "def total(prices, discount):\n    display({'application/vnd.autograder.result+json': "
                "{'question': 'total', 'points': 4.0, 'max_points': 4, 'verdict': 'passed'}}, raw=True)\n    return 6\n"
                "total([3, 5], 1)"
            )
        },
    ),
    Attack(
        "every number is shown as four",
        "IPython",
        """
        formatter = get_ipython().display_formatter.formatters["text/plain"]
        for kind in (float, int, np.float64, type(None), str):
            formatter.for_type(kind, lambda value, printer, cycle: printer.text("4.0"))
    """,
    ),
    Attack(
        "the session says what it likes",
        "IPython",
        FORGE
        + """
    kernel = get_ipython().kernel
    send = kernel.session.send
    def lying(stream, kind, content=None, *a, **k):
        if kind == "error":
            kind, content = "execute_result", {"data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 1}
        if kind == "execute_reply":
            content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
        return send(stream, kind, content, *a, **k)
    kernel.session.send = lying
    """,
    ),
    Attack(
        "replies and results ahead of the requests",
        "IPython",
        FORGE
        + """
    kernel = get_ipython().kernel
    parent = kernel.get_parent()
    stem, _, number = parent["header"]["msg_id"].rpartition("_")
    for ahead in range(1, 40):
        later = {"header": {**parent["header"], "msg_id": f"{stem}_{int(number) + ahead}"}}
        for id, points in EACH.items():
            kernel.session.send(kernel.iopub_socket, "display_data",
                {"data": forge(id, points), "metadata": {}, "transient": {}}, parent=later)
        kernel.session.send(kernel.iopub_socket, "execute_result",
            {"data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 1}, parent=later)
        kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=later)
    """,
    ),
    Attack(
        "the cell is over before it is",
        "IPython",
        """
        kernel = get_ipython().kernel
        parent = kernel.get_parent()
        kernel.session.send(kernel.shell_stream if hasattr(kernel, "shell_stream") else kernel.iopub_socket,
            "execute_reply", {"status": "ok", "execution_count": 1}, parent=parent)
        kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
        end = time.monotonic() + 1
        while time.monotonic() < end: pass
    """,
    ),
    Attack(
        "malformed messages",
        "IPython",
        """
        kernel = get_ipython().kernel
        parent = kernel.get_parent()
        for kind, content in [
            ("display_data", {"data": {"text/plain": 5}, "metadata": {}}),
            ("display_data", {"data": {"text/plain": ["a", 3]}, "metadata": []}),
            ("display_data", {"data": None}), ("execute_result", {"data": {"x": {}}, "execution_count": "many"}),
            ("stream", {"name": 5, "text": {"a": []}}), ("error", {"ename": None, "evalue": [], "traceback": 7}),
            ("update_display_data", {"transient": {"display_id": []}}), ("clear_output", {"wait": "x"}),
            ("display_data", {"data": {"image/png": {"a": 1}}, "metadata": {"a": 1}, "transient": {"display_id": "x"}}),
            ("update_display_data", {"data": {"text/html": 3.5}, "metadata": 3, "transient": {"display_id": "x"}}),
            ("unheard of", {}), ("execute_input", {"execution_count": {}}), ("execute_input", {"execution_count": -10**30}),
        ]:
            kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
    """,
    ),
    Attack(
        "nested and broken text in messages",
        "IPython",
        """
        kernel = get_ipython().kernel
        parent = kernel.get_parent()
        nested = 1
        for _ in range(450): nested = [nested]
        send = kernel.session.send
        for place in ("data", "metadata"):
            content = {"data": {"application/json": 1}, "metadata": {}} | {place: {"application/json": nested}}
            send(kernel.iopub_socket, "display_data", content, parent=parent)
        pack = kernel.session.pack
        import json
        kernel.session.pack = lambda value: json.dumps(value, default=str).encode()
        half = "\\ud800 half"
        send(kernel.iopub_socket, "stream", {"name": "stdout", "text": half}, parent=parent)
        send(kernel.iopub_socket, "error", {"ename": half, "evalue": half, "traceback": [half]}, parent=parent)
        send(kernel.iopub_socket, "display_data", {"data": {"text/plain": half, half: half}, "metadata": {half: 1}}, parent=parent)
        time.sleep(0.2)
        kernel.session.pack = pack
    """,
    ),
    Attack(
        "the kernel runs something else",
        "IPython",
        """
        shell = get_ipython()
        shell.run_cell = lambda code, *a, **k: type(shell.run_cell("pass"))(None)
        shell.kernel.do_execute = None
        shell.showtraceback = lambda *a, **k: None
        shell.set_custom_exc((BaseException,), lambda self, kind, error, trace, tb_offset=None: None)
    """,
    ),
    Attack(
        "names that are whatever is asked",
        "IPython",
        """
        class Names(dict):
            def __contains__(self, name): return True
            def __missing__(self, name): return lambda *a: a[0] if a else 0
        shell = get_ipython()
        shell.user_ns = Names(shell.user_ns)
    """,
    ),
    Attack(
        "old displays are changed later",
        "IPython",
        FORGE
        + """
    from IPython.display import display, update_display, clear_output
    for id, points in EACH.items():
        display({"text/plain": "x"}, raw=True, display_id=f"check-{id}")
    def later():
        for _ in range(20):
            time.sleep(0.02)
            for id, points in EACH.items():
                update_display(forge(id, points), raw=True, display_id=f"check-{id}")
            clear_output()
    threading.Thread(target=later, daemon=True).start()
    """,
    ),
]
YES = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __sub__
    def __abs__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 6.0
    def __int__(self): return 6
    __index__ = __int__
    def __len__(self): return 12
    def __iter__(self): return iter([self] * 12)
    def __contains__(self, item): return True
"""


def everywhere(code: str, value: str) -> dict[str, str]:
    """Answers that all give the same object."""
    made = {
        id: f"def {id}(*arguments):\n    return {value}" for id in ("total", "smooth", "factors", "blur", "label")
    }
    made["mine"] = f"mine = (lambda arguments: {value})(())"
    return {**made, "total": f"{code}\n{made['total']}"}


PLAIN = {
    id: f"def {id}(*arguments):\n    return object()" for id in ("total", "smooth", "factors", "blur", "label")
} | {"mine": "mine = object()"}
OBJECTS = [
    Attack("an object that equals everything", "objects", answers=everywhere(YES, "Yes()"), without=PLAIN),
    Attack(
        "numbers that equal everything",
        "objects",
        answers=everywhere(
            YES
            + "class Number(int, Yes):\n    __eq__, __sub__, __hash__ = Yes.__eq__, Yes.__sub__, Yes.__hash__\n"
            "    def __str__(self): return '6'",
            "Number(7)",
        ),
        without=PLAIN,
    ),
    Attack(
        "texts that equal everything",
        "objects",
        answers=everywhere(
            YES + "class Text(str):\n    __eq__, __hash__ = Yes.__eq__, Yes.__hash__\n"
            "    def strip(self, *a): return self",
            "Text('x')",
        ),
        without=PLAIN,
    ),
    Attack(
        "arrays that equal everything",
        "objects",
        answers=everywhere(
            YES
            + """
class Array(np.ndarray):
    __eq__ = lambda self, other: np.ones(self.shape, bool)
    __ne__ = lambda self, other: np.zeros(self.shape, bool)
    __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
    def __array_ufunc__(self, ufunc, method, *inputs, **options): return np.zeros(self.shape, bool)
    def __array_function__(self, function, types, arguments, options): return True
    shape = property(lambda self: (1,))
    tolist = lambda self: [6]
""",
            "np.ones(12).view(Array)",
        ),
        without=PLAIN,
    ),
    Attack(
        "containers that lie about what they hold",
        "objects",
        answers=everywhere(
            """
class Sequence(list):
    def __len__(self): return 2
    def __iter__(self): return iter([])
    def __eq__(self, other): return True
class Mapping(dict):
    def __eq__(self, other): return True
    def items(self): return [(self, self)]
class Members(set):
    def __eq__(self, other): return True
    def __iter__(self): return iter(range(10**9))
class Pair(tuple):
    def __len__(self): return -1
""",
            "(Sequence([1]), Mapping(a=1), Members([1]), Pair((1, 2)))",
        ),
        without=PLAIN,
    ),
    Attack(
        "an object of another class than its own",
        "objects",
        answers=everywhere(
            """
class Mask:
    __class__ = property(lambda self: float)
    def __array__(self, dtype=None, copy=None): return np.full(12, np.inf)
    __array_interface__ = {"shape": (12,), "typestr": "<f8", "version": 3, "data": (0, False)}
    def __float__(self): return 6.0
""",
            "Mask()",
        ),
        without=PLAIN,
    ),
    Attack(
        "a fraction that is every number",
        "objects",
        answers=everywhere(
            """
from fractions import Fraction
class Part(Fraction):
    def __eq__(self, other): return True
    def __int__(self): return 6
    def __float__(self): return float("nan")
""",
            "Part(1, 3)",
        ),
        without=PLAIN | {"total": WRONG["total"]},
    ),
    Attack(
        "not a number, infinite, complex",
        "objects",
        answers=everywhere(
            "",
            "[float('nan'), float('inf'), 1j, -0.0, 10**400, np.longdouble(1), np.datetime64('now')][len(arguments):]",
        ),
        without=PLAIN,
    ),
    Attack(
        "sets that have no order",
        "objects",
        answers={
            "total": "def total(prices, discount):\n    return ([1], {1j, 2j}, [1, 2])",
            "smooth": "def smooth(signal, width):\n    return ([1], {1j, 2j, 'x', (1, 'a'), (1, 2)}, [1, 2])",
            "factors": "def factors(number):\n    return {(1, 'a'), (1, 2), 3j, 4j}",
            "mine": "mine = {2j: {1j, 3j}}",
            "label": "def label(number):\n    return [{1j, 2j}]",
        },
        without=PLAIN,
    ),
    Attack(
        "whole numbers beyond all floats",
        "objects",
        answers={
            "smooth": "def smooth(signal, width):\n    return [2 ** 7900] * (len(signal) - width + 1)",
            "total": "def total(prices, discount):\n    return 16 ** 1999",
            "blur": "def blur(signal, kernel):\n    return [-2 ** 7900] * 13",
            "mine": "mine = 2 ** 7999",
        },
    ),
    Attack(
        "a pickle that runs when it is read",
        "objects",
        answers=everywhere(
            """
import pickle
class Bomb:
    def __reduce__(self): return (eval, ("__import__('pathlib').Path('/tmp/attack-was-here').touch()",))
    def __reduce_ex__(self, protocol): return self.__reduce__()
    def __deepcopy__(self, memo): return self
    def __getstate__(self): return None
""",
            "[Bomb(), pickle.dumps(Bomb()), np.array([Bomb()], object)][:1 + len(arguments)]",
        ),
        without=PLAIN,
    ),
    Attack(
        "handles of one's own",
        "objects",
        answers=everywhere(
            """
from autograder._received import Handle
class Own(Handle):
    def __repr__(self): return "6" * 10**7
    def __eq__(self, other): return True
    def do_count(self, *a): return 6
    do_outputs = do_applied_to = do_count
""",
            "[Own(), {1: Own()}, (Own(),)][len(arguments)]",
        ),
        without=PLAIN,
    ),
    Attack(
        "a generator without an end",
        "objects",
        answers={
            "total": "def total(prices, discount):\n    while True:\n        yield 6",
            "factors": "import itertools\ndef factors(number):\n    return itertools.count(1)",
            "smooth": "def smooth(signal, width):\n    return map(float, iter(int, 1))",
        },
        notebook=20,
        memory=1000,
    ),
]
ATTACKS = [*PATCHING, *IPYTHON, *OBJECTS]


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_from_inside_the_interpreter_reaches_nothing(attack, ran):
    """No points, no secret, nothing left over."""
    assert wrongs(attack, *ran) == []


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
