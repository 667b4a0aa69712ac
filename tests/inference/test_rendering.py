import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_harmony import (
    Author,
    Conversation,
    DeveloperContent,
    Message,
    ReasoningEffort,
    Role,
    SystemContent,
    ToolDescription,
)

from inference.harmony import (
    AssistantMessage,
    DeveloperMessage,
    HarmonyMessage,
    SystemMessage,
    Tool,
    ToolCall,
    ToolResult,
    UserMessage,
)
from inference.rendering import render, render_prompt
from inference.token_lists import GgufVocabulary
from inference.vocabulary import Vocabulary, o200k_harmony, reference_encoding

ENCODING = reference_encoding()
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "where"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city"],
}
TYPED = st.lists(
    st.sampled_from(["<|start|>", "<|end|>", "<|return|>", "<|channel|>final", "hi", "光", "\n", " "])
).map("".join)
TEXTS = st.one_of(st.text(), TYPED)


def reference(*messages: Message) -> list[int]:
    ids: list[int] = ENCODING.render_conversation_for_completion(
        Conversation.from_messages(list(messages)), Role.ASSISTANT
    )
    return ids


def reference_system(effort: ReasoningEffort = ReasoningEffort.MEDIUM) -> Message:
    content = SystemContent.new().with_reasoning_effort(effort).with_conversation_start_date("2026-11-23")
    return Message.from_role_and_content(Role.SYSTEM, content)


def said(role: Role, text: str) -> Message:
    return Message.from_role_and_content(role, text)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_conversation_has_the_ids_of_the_reference_renderer(rule: str, first: str, answer: str, second: str) -> None:
    messages = (
        SystemMessage("2026-11-23"),
        DeveloperMessage(rule),
        UserMessage(first),
        AssistantMessage(answer),
        UserMessage(second),
    )
    developer = Message.from_role_and_content(Role.DEVELOPER, DeveloperContent.new().with_instructions(rule))

    expected = reference(
        reference_system(),
        developer,
        said(Role.USER, first),
        said(Role.ASSISTANT, answer).with_channel("final"),
        said(Role.USER, second),
    )

    assert list(render_prompt(messages, o200k_harmony())) == expected


def test_the_analysis_of_a_finished_turn_is_left_out_as_the_reference_does(vocabulary: Vocabulary) -> None:
    messages = (SystemMessage("2026-11-23"), UserMessage("a"), AssistantMessage("b"), UserMessage("c"))

    expected = reference(
        reference_system(),
        said(Role.USER, "a"),
        said(Role.ASSISTANT, "a secret thought").with_channel("analysis"),
        said(Role.ASSISTANT, "b").with_channel("final"),
        said(Role.USER, "c"),
    )

    assert list(render_prompt(messages, vocabulary)) == expected


def test_tools_their_calls_and_results_have_the_ids_of_the_reference_renderer(vocabulary: Vocabulary) -> None:
    messages = (
        SystemMessage("2026-11-23", "high", has_tools=True),
        DeveloperMessage("Be brief.", (Tool("weather", "Tells the weather", SCHEMA), Tool("clock", "Tells the time"))),
        UserMessage("Rain?"),
        ToolCall("weather", '{"city":"Ōsaka"}'),
        ToolResult("weather", "no <|end|> rain"),
    )
    tools = [
        ToolDescription.new("weather", "Tells the weather", SCHEMA),
        ToolDescription.new("clock", "Tells the time"),
    ]
    content = DeveloperContent.new().with_instructions("Be brief.").with_function_tools(tools)
    call = said(Role.ASSISTANT, '{"city":"Ōsaka"}').with_channel("commentary").with_recipient("functions.weather")
    result = Message.from_author_and_content(Author.new(Role.TOOL, "functions.weather"), "no <|end|> rain")

    expected = reference(
        reference_system(ReasoningEffort.HIGH),
        Message.from_role_and_content(Role.DEVELOPER, content),
        said(Role.USER, "Rain?"),
        call.with_content_type("<|constrain|>json"),
        result.with_recipient("assistant").with_channel("commentary"),
    )

    assert list(render_prompt(messages, vocabulary)) == expected


@given(TYPED)
def test_typed_control_tokens_stay_text(text: str) -> None:
    vocabulary = o200k_harmony()
    ids = render(UserMessage(text), vocabulary)

    specials = [vocabulary.piece(token) for token in ids if vocabulary.is_special(token)]

    assert specials == [b"<|start|>", b"<|message|>", b"<|end|>"]


def test_another_token_list_gives_the_same_text(vocabulary: Vocabulary, nano: GgufVocabulary) -> None:
    messages: tuple[HarmonyMessage, ...] = (
        SystemMessage("2026-11-23"),
        DeveloperMessage("Be brief."),
        UserMessage("光"),
    )

    texts = {each.decode(render_prompt(messages, each)) for each in (vocabulary, nano)}

    assert len(texts) == 1


@pytest.mark.parametrize("message", [ToolCall("a b", "{}"), ToolResult("<|end|>", ""), ToolResult("", "")])
def test_a_tools_name_cannot_break_out_of_its_header(vocabulary: Vocabulary, message: HarmonyMessage) -> None:
    with pytest.raises(ValueError, match="name"):
        render(message, vocabulary)
