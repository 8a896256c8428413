"""What every renderer of one product needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirewright.model.api import Api
from wirewright.model.modules import settle_modules
from wirewright.model.types import Origin
from wirewright.render.annotations import Annotations, module_of
from wirewright.render.environment import Templates
from wirewright.render.imports import RUNTIME, standard_names
from wirewright.render.prose import slug
from wirewright.render.spelling import spelled
from wirewright.render.values import signatures

MODULES = ("enums", "models", "events", "requests", "streams")
CLASSES = {"Api": "api", "Send": "send"}

FACE = [
    *signatures(),
    "Amount", "ApiError", "Auth", "BaseApi", "BaseClient", "BaseSend", "Catalog", "ClientOptions", "Ed25519Key",
    "Event", "EventList", "Gap", "HmacKey", "Json", "Levels", "Model", "OpenEnum", "OpenIntEnum",
    "OptionalLevels", "OutcomeUnknown", "Overflow", "Parameter", "Product", "Request", "RsaKey", "Security",
    "Stream", "Subscription", "Token", "UnknownEvent", "UnknownVariant", "UserPassword", "field", "one_of",
    "suffix",
]  # fmt: skip
"""What generated code takes from the runtime."""


@dataclass(frozen=True)
class Context:
    """One product on its way to text. `root` is the package that its modules live in."""

    api: Api
    root: str
    templates: Templates
    annotations: Annotations = field(init=False)
    qualified: Annotations = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "api", spelled(settle_modules(self.api)))
        object.__setattr__(self, "annotations", Annotations(self.api.types))
        object.__setattr__(self, "qualified", Annotations(self.api.types, qualified=True))

    @property
    def title(self) -> str:
        return self.api.title

    @property
    def request_socket(self) -> str:
        """The socket that takes requests unless one says otherwise."""
        answering = [socket for socket in self.api.sockets if socket.request and socket.reply]
        return min(answering, key=lambda socket: socket.subscribe is not None).name if answering else ""

    def known(self, module: str = "") -> dict[str, str]:
        """Where each name that a module may use is imported from. Only `models` and `events` name types without their module."""
        names = standard_names() | dict.fromkeys(FACE, RUNTIME)
        classes = [error.error for error in self.api.errors] + [error.error for error in self.api.error_messages]
        names |= {name: RUNTIME for name in classes if name}
        names |= dict.fromkeys(MODULES, f"{self.root}:")
        names |= {name: f"{self.root}.{module}" for name, module in CLASSES.items()}
        for named in self.api.types if module in ("models", "events") else ():
            names[named.name] = f"{self.root}.{module_of(named)}"
        return names


def source_of(origin: Origin, title: str) -> str:
    """Where something is described, as a link: the file and the heading, which move less than a line number."""
    return f"{origin.file}#{slug(title)}" if title and origin.file.endswith(".md") else origin.file
