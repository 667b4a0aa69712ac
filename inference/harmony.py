"""The messages of a conversation as harmony has them, before they are ids (`inference.rendering`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Effort = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """The root of the chain of command. `date` is ISO 8601 (``2026-11-23``). `has_tools` says that functions are
    offered.
    """

    date: str
    effort: Effort = "medium"
    knowledge_cutoff: str = "2024-06"
    has_tools: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that is offered. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class DeveloperMessage:
    """Instructions of the platform, the workspace or a GPT, and the tools."""

    instructions: str
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class UserMessage:
    text: str


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """A finished answer. Its analysis is left out, as harmony rules for turns that have ended with `final`."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model made in an earlier turn. `arguments` is the JSON text as the model wrote it."""

    tool: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the tool answered: data without authority."""

    tool: str
    text: str


HarmonyMessage = SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolCall | ToolResult
