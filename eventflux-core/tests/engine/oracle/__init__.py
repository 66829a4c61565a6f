"""A slow and obvious interpreter of plans, which the compiled engine is held to."""

from __future__ import annotations

from .evaluate import Environment, evaluate
from .interpreter import Failure, Interpreter

__all__ = ["Environment", "Failure", "Interpreter", "evaluate"]
