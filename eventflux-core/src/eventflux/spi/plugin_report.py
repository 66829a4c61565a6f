"""What is said of a plugin, whether it could be loaded or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PluginReport:
    """What became of one plugin."""

    name: str
    """The name of its entry point."""
    distribution: str
    """The distribution that it comes with."""
    version: str | None
    """That distribution's version, ``None`` where it isn't known."""
    module: str
    brings: Mapping[str, tuple[str, ...]]
    """The names that it registered, by kind: ``source``, ``sink``, ``source mapper``,
    ``sink mapper``, ``function``."""
    error: str | None = None
    """Why it could not be loaded; it brings nothing then."""
    hint: str | None = None
    """What to do about the error."""

    @property
    def module_name(self) -> str:
        """The module of the entry point, without the name of what it holds."""
        return self.module.partition(":")[0]

    def has(self, module: str) -> bool:
        """Whether a module is that of the plugin, or stands beside or below it in its package.
        The core's own plugins have none."""
        if self.module_name.startswith("eventflux."):
            return False
        package = self.module_name.rpartition(".")[0]
        return module == self.module_name or (
            bool(package) and f"{module}.".startswith(f"{package}.")
        )

    @property
    def label(self) -> str:
        """The plugin as messages name it."""
        version = "" if self.version is None else f" {self.version}"
        return f"plugin '{self.name}' ({self.distribution}{version})"
