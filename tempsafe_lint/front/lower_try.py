"""What runs on the way out: `try`, `with`, and the jumps that pass them.

A `finally` body is lowered once per way out: normal, exceptional, and each `return`, `break` or `continue`. Above the
budget of ir.cfg it is left out of further ways; flow does not look at such a function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from tempsafe_lint.front.build import EXIT, Frame
from tempsafe_lint.front.lower_expr import Expressions
from tempsafe_lint.front.tree import text_of
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Block

_CATCH_ALL = ("builtins.Exception", "builtins.BaseException")


class Guarded(Expressions):
    """Lowers `try`, `with`, `return`, `break` and `continue`."""

    def suite(self, node: Any, part: str, parent: int | None) -> None:
        raise NotImplementedError

    # Ways out

    def leave(self, depth: int) -> None:
        """Run what stands between here and the frame of that depth, innermost first."""
        frames, handler, statement = self.frames, self.handler, self.statement
        for i in range(len(frames) - 1, depth - 1, -1):
            frame = frames[i]
            self.frames, self.handler = frames[:i], frame.handler
            self._pass(frame)
        self.frames, self.handler, self.statement = frames, handler, statement

    def _pass(self, frame: Frame) -> None:
        self.statement = frame.row
        if frame.kind == "finally" and not self.over_budget:
            self.suite(frame.body, "finalbody", frame.row)
        elif frame.kind == "with" and frame.manager is not None and frame.site is not None:
            self.emit(ev.Exit(frame.site, frame.manager, frame.bound))

    def _return(self, node: cst.Return, row: int) -> None:
        operand = self.value(node.value) if node.value is not None else None
        self.emit(ev.Return(self.site(node), operand))
        self.leave(0)
        self.jump(EXIT)

    def _break(self, node: cst.Break | cst.Continue, row: int) -> None:
        depth = next((i for i in range(len(self.frames) - 1, -1, -1) if self.frames[i].kind == "loop"), None)
        if depth is None:  # outside of a loop: a syntax error that libcst lets pass
            self.block = None
            return
        frame = self.frames[depth]
        self.leave(depth + 1)
        self.jump(frame.after if isinstance(node, cst.Break) else frame.again)

    # try

    def _try(self, node: cst.Try | cst.TryStar, row: int) -> None:
        outer, after = self.handler, self.new()
        final = node.finalbody
        done, unwinding = after, None
        if final is not None:
            done, unwinding = self.new(), self.new("finally")
            self.frames.append(Frame("finally", outer, row, body=final.body))
            self.handler = unwinding.number
        inner = self.handler
        dispatch = self.new("dispatch") if node.handlers else None
        if dispatch is not None:
            self.handler = dispatch.number
        self.suite(node.body, "body", row)
        self.handler = inner
        if node.orelse is not None:
            self.suite(node.orelse.body, "orelse", row)
        self.jump(done)
        if dispatch is not None:
            self._handlers(node, row, dispatch, done)
        if final is not None and unwinding is not None:
            self.frames.pop()
            self.handler = outer
            self._finally(final, row, done, unwinding, after)
        self.statement = row
        self.enter(after)

    def _finally(self, final: cst.Finally, row: int, done: Block, unwinding: Block, after: Block) -> None:
        self.enter(done)
        self.suite(final.body, "finalbody", row)
        self.jump(after)
        self.begin(unwinding)
        if not self.over_budget:
            self.suite(final.body, "finalbody", row)
        self.jump(self.handler)

    def _handlers(self, node: cst.Try | cst.TryStar, row: int, dispatch: Block, done: Block) -> None:
        """The clauses; those of `except*` may run one after the other."""
        handlers: Sequence[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
        entries = [self.new(f"except {self._caught(handler.type)}".rstrip()) for handler in handlers]
        for i, (handler, entry) in enumerate(zip(handlers, entries, strict=True)):
            dispatch.go(entry.number)
            self.begin(entry)
            self.statement = row
            self._types(handler.type)
            if handler.name is not None:
                self.assign(handler.name.name, ev.EXCEPTION)
            self.suite(handler.body, f"handler{i}", row)
            if isinstance(node, cst.TryStar):
                for later in entries[i + 1 :]:
                    self.go(later)
            self.jump(done)
        if isinstance(node, cst.TryStar) or not any(self._catches_all(handler.type) for handler in handlers):
            dispatch.go(self.handler)

    def _caught(self, node: Any) -> str:
        """The types of a clause, for the note of its block."""
        if node is None:
            return ""
        if isinstance(node, cst.Tuple):
            return ", ".join(self._caught(element.value) for element in node.elements)
        return self.names.dotted(node, self.scope) or text_of(node) or "?"

    def _catches_all(self, node: Any) -> bool:
        if isinstance(node, cst.Tuple):
            return any(self._catches_all(element.value) for element in node.elements)
        return node is None or self.names.dotted(node, self.scope) in _CATCH_ALL

    def _types(self, node: Any) -> None:
        """Evaluate the types of a clause where they are more than names."""
        if isinstance(node, cst.Tuple):
            for element in node.elements:
                self._types(element.value)
        elif node is not None and not text_of(node):
            self.value(node)

    # with

    def _with(self, node: cst.With, row: int) -> None:
        after = self.new()
        opened: list[tuple[Frame, Block]] = []
        for item in node.items:
            opened.append(self._open(item, node.asynchronous is not None, row))
        self.suite(node.body, "body", row)
        self.statement = row
        for frame, unwinding in reversed(opened):
            self.frames.pop()
            self.handler = frame.handler
            self._pass(frame)
            # Where the inner manager swallows an exception, the outer one is still left in order.
            behind = after if frame is opened[0][0] else self.new()
            self.jump(behind)
            self._unwind(frame, unwinding, behind)
            self.handler = frame.handler
            self.enter(behind)

    def _open(self, item: cst.WithItem, is_async: bool, row: int) -> tuple[Frame, Block]:
        manager = self.value(item.item)
        target = item.asname.name if item.asname is not None else None
        if isinstance(manager, ev.Const) or (target is not None and self.rebound(manager, target)):
            manager = self.copied(item.item, manager)
        bound = self.variable(target.value) if isinstance(target, cst.Name) else None
        entered = bound if bound is not None else self.temporary()
        self.emit(ev.Enter(self.site(item.item), entered, manager, is_async))
        unwinding = self.new("with exit")
        shown = bound if bound is not None else entered if target is not None else None
        frame = Frame("with", self.handler, row, manager=manager, bound=shown, site=self.site(item.item))
        self.frames.append(frame)
        self.handler = unwinding.number
        if target is not None and bound is None:
            self.assign(target, entered)
        return frame, unwinding

    def _unwind(self, frame: Frame, unwinding: Block, after: Block) -> None:
        """The exceptional exit: outward, or to the code after the `with` if the manager swallows the exception."""
        if frame.manager is None or frame.site is None:
            return
        self.handler = frame.handler
        self.begin(unwinding)
        self.emit(ev.Exit(frame.site, frame.manager, frame.bound, raised=True))
        self.go(frame.handler, ev.Assume(frame.manager, "swallows", False))
        self.jump(after, ev.Assume(frame.manager, "swallows", True))
