"""What the web process serves."""

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from workspace.common.body_limit import BodyLimit

django: Any = get_asgi_application()
application = BodyLimit(django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
