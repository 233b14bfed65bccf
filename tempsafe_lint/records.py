"""`dataclass` for the classes that every run with findings defines, at a tenth of the cost of defining them.

The standard library's compiles five methods for each class where it is defined, and copies the class; a hundred classes
are a third of what a run on one file costs beyond libcst. Here comparing and showing are the same functions for all,
and only `__init__` is compiled, when the first object is made. Known is what is asked for here: `slots`, `frozen`,
defaults, `field(default, default_factory, init, kw_only)`, single inheritance. Type checkers see the standard one.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import MISSING, dataclass, field, fields, replace
else:
    MISSING = object()

    class _Field:
        __slots__ = ("default", "factory", "init", "kw_only", "name")

        def __init__(self, default, factory, init, kw_only):
            self.name = ""
            self.default, self.factory, self.init, self.kw_only = default, factory, init, kw_only

    def field(*, default=MISSING, default_factory=MISSING, init=True, kw_only=False):
        """What is to be known of a field beside its type."""
        return _Field(default, default_factory, init, kw_only)

    def dataclass(*, slots, frozen=False):
        """A class with these fields as slots; its objects compare by them and, where frozen, are hashed by them."""
        assert slots

        def define(cls):
            own = _own_fields(cls)
            names = tuple(f.name for f in own)
            body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__", *names)}
            everything = (*getattr(cls, "__record_fields__", ()), *own)
            body.update(
                __slots__=names,
                __qualname__=cls.__qualname__,
                __record_fields__=everything,
                __match_args__=tuple(f.name for f in everything if f.init and not f.kw_only),
                __record_key__=staticmethod(attrgetter(*(f.name for f in everything)) if everything else _nothing),
                __init__=_first_init,
                __repr__=_repr,
                __eq__=_eq,
                __hash__=_hash if frozen else None,
                __reduce__=_reduce,
            )
            if frozen:
                body.update(__setattr__=_refuse, __delattr__=_refuse)
            return type(cls)(cls.__name__, cls.__bases__, body)

        return define

    def _own_fields(cls):
        own = []
        for name in vars(cls).get("__annotations__") or getattr(cls, "__annotations__", {}):
            given = vars(cls).get(name, MISSING)
            found = given if isinstance(given, _Field) else _Field(given, MISSING, True, False)
            found.name = name
            own.append(found)
        return tuple(own)

    def _nothing(_):
        return ()

    def _first_init(self, *args, **kwargs):
        """Stands for the `__init__` of a class until the first object is made; then that is compiled."""
        cls = type(self)
        known = {"MISSING": MISSING}
        head, keywords, lines = [], [], []
        frozen = cls.__setattr__ is _refuse  # else a plain assignment does, which is twice as fast
        for f in cls.__record_fields__:
            known[f"_set_{f.name}"] = getattr(cls, f.name).__set__
            known[f"_default_{f.name}"], known[f"_make_{f.name}"] = f.default, f.factory
            value = f.name if f.init else f"_default_{f.name}"
            parameter = f.name
            if f.factory is not MISSING:
                parameter = f"{f.name}=MISSING"
                value = f"_make_{f.name}() if {f.name} is MISSING else {f.name}"
            elif f.default is not MISSING:
                parameter = f"{f.name}=_default_{f.name}"
            if f.init:
                (keywords if f.kw_only else head).append(parameter)
            lines.append(f"    _set_{f.name}(self, {value})" if frozen else f"    self.{f.name} = {value}")
        parameters = ", ".join(["self", *head, *(["*", *keywords] if keywords else [])])
        exec(f"def __init__({parameters}):\n" + "\n".join(lines or ["    pass"]), known)
        made = known["__init__"]
        made.__qualname__ = f"{cls.__qualname__}.__init__"
        type.__setattr__(cls, "__init__", made)
        made(self, *args, **kwargs)

    def _repr(self):
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in self.__record_fields__)
        return f"{type(self).__qualname__}({shown})"

    def _eq(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__record_key__(self) == self.__record_key__(other)

    def _hash(self):
        return hash(self.__record_key__(self))

    def _refuse(self, name, *_):
        raise AttributeError(f"cannot change {name!r} of a {type(self).__name__}")

    def _reduce(self):
        return _again, (type(self), tuple(getattr(self, f.name) for f in self.__record_fields__))

    def _again(cls, values):
        made = object.__new__(cls)
        for f, value in zip(cls.__record_fields__, values, strict=True):
            getattr(cls, f.name).__set__(made, value)
        return made

    def replace(record, /, **changes):
        """A record, or a dataclass, that differs in some fields."""
        if not hasattr(record, "__record_fields__"):
            import dataclasses

            return dataclasses.replace(record, **changes)
        kept = {f.name: getattr(record, f.name) for f in record.__record_fields__ if f.init and f.name not in changes}
        return type(record)(**kept, **changes)

    def fields(record):
        """The fields of a record or of its class; each has a `name`."""
        if not hasattr(record, "__record_fields__"):
            import dataclasses

            return dataclasses.fields(record)
        return record.__record_fields__


__all__ = ["MISSING", "dataclass", "field", "fields", "replace"]
