"""What the web process serves.

A view that is a coroutine (a stream) runs in Django's ASGI handler. All others run in its WSGI handler on a few threads
of their own: there a request costs one change of thread, where the ASGI handler makes a thread for each request and
changes into it once for every synchronous middleware.
"""

from typing import Any

from a2wsgi import WSGIMiddleware
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import Resolver404, resolve

from workspace.common.whole_bodies import Message, Receive, Send, WholeBodies
from workspace.common.work import THREADS
from workspace.config.static_files import StaticFiles

streams: Any = get_asgi_application()
wsgi: Any = get_wsgi_application()
pages: Any = WSGIMiddleware(wsgi, workers=THREADS)


async def django(scope: Message, receive: Receive, send: Send) -> None:
    """Gives the request to the handler that its view is made for."""
    try:
        is_stream = iscoroutinefunction(resolve(scope["path"]).func)
    except Resolver404:
        is_stream = False
    await (streams if is_stream else pages)(scope, receive, send)


application = StaticFiles(WholeBodies(django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
