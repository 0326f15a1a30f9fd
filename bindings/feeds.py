"""The calendar itself, for programs that have its address."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from bindings import calendars


@login_not_required
@cache_control(private=True, max_age=3600)
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """iCalendar, RFC 5545. An address that nobody has, or not any more, is a 404."""
    binding = calendars.binding_of(secret)
    if binding is None:
        raise Http404
    answer = HttpResponse(calendars.render(binding), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="mooring.ics"'
    return answer
