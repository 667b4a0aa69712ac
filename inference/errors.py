"""What can go wrong between this product and a model.

AtriumError
├── Unavailable
│   ├── EngineUnavailable   503  no engine is healthy, or the one that was chosen takes no call; retryable
│   └── NoEngine            503  the same to whoever asks; a person must act first, so nothing waits for it
├── EngineFailed            502  the engine broke off, failed, or sent what cannot be read; retryable
│   └── EngineTimeout       504  the engine fell silent; retryable
├── ContextOverflow         422  the prompt does not fit; `params`: n_prompt_tokens, n_ctx
├── ModelNotServed          422  engines answer, and none of them serves the model that was asked for
└── EngineRefused           502  the engine understood the call and said no (4xx); the same call will fail again

`detail` is our own sentence: never an engine's message, address or file path. An engine's HTTP status is in
`params["status"]`.
"""

from workspace.common.errors import AtriumError, Unavailable


class EngineUnavailable(Unavailable):
    code, title = "engine_unavailable", "No model engine is available for the moment"


class NoEngine(EngineUnavailable):
    title = "No model engine can be used"


class EngineFailed(AtriumError):
    code, status, title, retryable = "engine_failed", 502, "The model engine failed", True


class EngineTimeout(EngineFailed):
    code, status, title = "engine_timeout", 504, "The model engine did not answer in time"


class ContextOverflow(AtriumError):
    code, status, title = "context_overflow", 422, "The conversation is too long for the model"

    @classmethod
    def of(cls, prompt_tokens: int, context_length: int) -> "ContextOverflow":
        return cls(params={"n_prompt_tokens": prompt_tokens, "n_ctx": context_length})


class ModelNotServed(AtriumError):
    code, status, title = "model_not_served", 422, "No engine serves this model"


class EngineRefused(AtriumError):
    code, status, title = "engine_refused", 502, "The model engine refused the request"
