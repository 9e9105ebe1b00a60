"""Memory is given back between stages, wherever the C library can."""

import regulars.data.memory as memory


def test_giving_back_frees_nothing_that_is_used():
    kept = bytearray(b"x" * 10_000_000)
    memory.give_back()
    assert kept[-1] == ord("x")


def test_a_system_that_cannot_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory, "_trim", lambda: None)
    memory.give_back()


def test_a_c_library_without_it_has_none(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory._trim.__wrapped__() is None
