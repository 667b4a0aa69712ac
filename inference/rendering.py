"""Writes harmony messages as token ids, one message at a time, so that callers can keep the ids of each.

Every text goes through `Vocabulary.encode`, which knows no control tokens; those are put around it by name. The
wording of the system message and of tools is harmony's own (https://cookbook.openai.com/articles/openai-harmony);
`tests/inference/test_rendering.py` holds it to the reference renderer, id by id.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from openai_harmony import DeveloperContent, Message, Role, ToolDescription

from inference.harmony import (
    AssistantMessage,
    DeveloperMessage,
    HarmonyMessage,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)
from inference.vocabulary import CALL, CHANNEL, CONSTRAIN, END, MESSAGE, START, Vocabulary, reference_encoding

_TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def render_prompt(messages: Iterable[HarmonyMessage], vocabulary: Vocabulary) -> tuple[int, ...]:
    """The ids of all messages and of `<|start|>assistant`, where the model goes on.

    Raises:
        ValueError: a tool's name has characters that a header cannot hold.
    """
    ids: list[int] = []
    for message in messages:
        ids.extend(render(message, vocabulary))
    return (*ids, *render_answer_start(vocabulary))


def render_answer_start(vocabulary: Vocabulary) -> tuple[int, ...]:
    """`<|start|>assistant`: the header that the model completes itself."""
    return (vocabulary.special(START), *vocabulary.encode("assistant"))


def render(message: HarmonyMessage, vocabulary: Vocabulary) -> tuple[int, ...]:
    """The ids of one message, from its `<|start|>` to its end.

    Raises:
        ValueError: a tool's name has characters that a header cannot hold.
    """
    match message:
        case SystemMessage():
            return _written(vocabulary, "system", _system_text(message))
        case DeveloperMessage():
            return _written(vocabulary, "developer", _developer_text(message))
        case UserMessage(text):
            return _written(vocabulary, "user", text)
        case AssistantMessage(text):
            return _written(vocabulary, "assistant", text, channel="final")
        case ToolCall(tool, arguments):
            return _tool_call(vocabulary, tool, arguments)
        case ToolResult(tool, text):
            return _written(vocabulary, f"functions.{_name(tool)}", text, channel="commentary to=assistant")
        case _:
            assert_never(message)


def _written(vocabulary: Vocabulary, author: str, text: str, *, channel: str = "") -> tuple[int, ...]:
    channel_ids = (vocabulary.special(CHANNEL), *vocabulary.encode(channel)) if channel else ()
    return (
        vocabulary.special(START),
        *vocabulary.encode(author),
        *channel_ids,
        vocabulary.special(MESSAGE),
        *vocabulary.encode(text),
        vocabulary.special(END),
    )


def _tool_call(vocabulary: Vocabulary, tool: str, arguments: str) -> tuple[int, ...]:
    return (
        *render_answer_start(vocabulary),
        vocabulary.special(CHANNEL),
        *vocabulary.encode(f"commentary to=functions.{_name(tool)} "),
        vocabulary.special(CONSTRAIN),
        *vocabulary.encode("json"),
        vocabulary.special(MESSAGE),
        *vocabulary.encode(arguments),
        vocabulary.special(CALL),
    )


def _name(tool: str) -> str:
    if not _TOOL_NAME.fullmatch(tool):
        raise ValueError("a tool's name has characters that a harmony header cannot hold")
    return tool


def _system_text(message: SystemMessage) -> str:
    text = (
        "You are ChatGPT, a large language model trained by OpenAI.\n"
        f"Knowledge cutoff: {message.knowledge_cutoff}\n"
        f"Current date: {message.date}\n\n"
        f"Reasoning: {message.effort}\n\n"
        "# Valid channels: analysis, commentary, final. Channel must be included for every message."
    )
    return (
        text + "\nCalls to these tools must go to the commentary channel: 'functions'." if message.has_tools else text
    )


def _developer_text(message: DeveloperMessage) -> str:
    """With tools, the reference renderer's own text, taken out of its control tokens: it alone knows how a JSON schema
    becomes a type. Without, its text is plain, and its large token list need not be loaded.
    """
    if not message.tools:
        return f"# Instructions\n\n{message.instructions}"
    tools = [
        ToolDescription.new(_name(tool.name), tool.description, dict(tool.parameters) if tool.parameters else None)
        for tool in message.tools
    ]
    content = DeveloperContent.new().with_instructions(message.instructions).with_function_tools(tools)
    encoding = reference_encoding()
    written: str = encoding.decode(encoding.render(Message.from_role_and_content(Role.DEVELOPER, content)))
    return written.removeprefix("<|start|>developer<|message|>").removesuffix("<|end|>")
