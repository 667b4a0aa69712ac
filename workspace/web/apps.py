from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "workspace.web"
    label = "web"

    def ready(self) -> None:
        from workspace.common import shell
        from workspace.web.sidebar import sidebar

        shell.install_sidebar(sidebar)
