"""Every public name is explained."""

import inspect
from typing import Any

import pytest

import cdp_batch
import cdp_batch.errors
import cdp_batch.events
import cdp_batch.testing


def is_public(owner: Any, name: str) -> bool:
    """Whether it is meant for users, and not what a module itself imports."""
    home = getattr(getattr(owner, name), "__module__", None) or "cdp_batch"
    return not name.startswith("_") and home.startswith("cdp_batch") and home != "cdp_batch._value"


PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (cdp_batch, cdp_batch.errors, cdp_batch.events, cdp_batch.testing)
    for name in getattr(module, "__all__", vars(module))
    if is_public(module, name)
}
NO_CLASS_STATEMENT = "cdp_batch.testing.Match"
"""One of its keys is a keyword, so that it has no place for a docstring."""
EXPLAINED = {
    name: public
    for name, public in PUBLIC.items()
    if name != NO_CLASS_STATEMENT and (inspect.isclass(public) or inspect.isfunction(public))
}
CALLS = {
    f"{owner.__name__}.{name}": call
    for owner in PUBLIC.values()
    if inspect.isclass(owner)
    and owner.__name__.removeprefix("Async") in ("Client", "Run", "Writer", "Batch", "RunReport", "Rejects", "Emulator")
    for name, call in inspect.getmembers(owner, inspect.isfunction)
    if not name.startswith("_")
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_public_class_and_function_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(EXPLAINED[name]) or "")


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(PUBLIC[name])


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(CALLS[name]) or "")


@pytest.mark.parametrize("name", [name for name in CALLS if not name.startswith("Async")])
def test_every_argument_of_a_call_is_explained(name: str) -> None:
    call: Any = CALLS[name]
    text = inspect.getdoc(call) or ""
    for argument in list(inspect.signature(call).parameters)[1:]:
        assert f"{argument}: " in text, argument
