from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "workspace.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspace.chat.kind import Turn
        from workspace.chat.naming import Title
        from workspace.chat.retention import DRAFTS, ConversationEnd
        from workspace.common import retention
        from workspace.runs import contracts as runs

        runs.register(Turn())
        runs.register(Title())
        retention.register(ConversationEnd())
        retention.register_short_lived(DRAFTS)
