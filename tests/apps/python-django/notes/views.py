from django.http import HttpResponse
from django.templatetags.static import static


def hello(request):
    return HttpResponse(f"hello from Django, style at {static('notes/style.css')}\n")
