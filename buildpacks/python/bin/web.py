"""Which object of the app answers HTTP: prints "kind module:object folder", or nothing. Run by bin/build with the build image's Python.

Kinds: wsgi, asgi, streamlit, script. Django's comes from manage.py's settings; for the rest the usual files are read, not run.
"""
import ast
import glob
import os
import re
import sys

# The class that the app is an object of -> how it is served.
FRAMEWORKS = {
    "Flask": "wsgi", "APIFlask": "wsgi", "OpenAPI": "wsgi", "Bottle": "wsgi",
    "FastAPI": "asgi", "Starlette": "asgi", "Quart": "asgi", "Litestar": "asgi", "Sanic": "asgi", "BlackSheep": "asgi",
}
FACTORIES = ("create_app", "make_app", "build_app", "get_app", "app_factory")
NAMES = ("app", "application", "main", "server", "wsgi", "asgi", "run", "api", "web", "index", "hello")


def tree(file):
    try:
        with open(file, "rb") as source:
            return ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def called(node):
    """The name of the class or function that a value comes from."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else None


def bindings(module):
    """Every name that the module binds at its top: name -> the value, None for imports."""
    for node in module.body:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, None) for alias in node.names)


def imported(module):
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)


def factory(module):
    """A function that makes the app and needs nothing: its name and kind."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name in FACTORIES and len(node.args.args) <= len(node.args.defaults):
            for value in ast.walk(node):
                if called(value) in FRAMEWORKS:
                    return node.name, FRAMEWORKS[called(value)]
    return None


def dotted(file):
    """The module's name, and the folder that it is imported from."""
    root = "src" if file.startswith("src/") and not os.path.exists("src/__init__.py") else "."
    name = os.path.relpath(file, root).removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__"), root


def found(file):
    module = tree(file)
    name, root = dotted(file)
    everything = list(bindings(module))
    dash = any(called(value) == "Dash" for _, value in everything)
    for bound, value in everything:
        if called(value) in FRAMEWORKS:
            return FRAMEWORKS[called(value)], f"{name}:{bound}", root
        if dash and bound in ("server", "application") and isinstance(value, ast.Attribute) and value.attr == "server":
            return "wsgi", f"{name}:{bound}", root
    stem = name.rpartition(".")[2]
    made = next((bound for bound, value in everything if called(value) in FACTORIES), None)
    bare = next((bound for bound, _ in everything if bound in ("application", "app")), None)
    if stem in ("wsgi", "asgi") and (made or bare):
        return stem, f"{name}:{made or bare}", root
    if made:
        return kind_of_imports(module), f"{name}:{made}", root
    if function := factory(module):
        return function[1], f"{name}:{function[0]}()", root
    return None


def kind_of_imports(module):
    return "asgi" if {"fastapi", "starlette", "quart", "litestar"} & set(imported(module)) else "wsgi"


def named():
    """What FLASK_APP says, in the environment or in .flaskenv."""
    value = os.environ.get("FLASK_APP", "")
    if not value and os.path.isfile(".flaskenv"):
        with open(".flaskenv", encoding="utf-8", errors="replace") as file:
            match = re.search(r"^\s*(?:export\s+)?FLASK_APP\s*=\s*[\"']?([^\"'\s]+)", file.read(), re.M)
            value = match[1] if match else ""
    module, _, name = value.partition(":")
    path = module.replace("\\", "/").removeprefix("./").removesuffix(".py")
    if not path:
        return None
    for file in (f"{path}.py", f"{path.replace('.', '/')}.py", f"{path.replace('.', '/')}/__init__.py"):
        if os.path.isfile(file):
            return ("wsgi", f"{dotted(file)[0]}:{name}", dotted(file)[1]) if name else found(file)
    return None


def django():
    manage = sorted((file for depth in ("", "*/", "*/*/") for file in glob.glob(f"{depth}manage.py")), key=lambda file: file.count("/"))
    for file in manage:
        with open(file, encoding="utf-8", errors="replace") as source:
            text = source.read()
        if "django" not in text:
            continue
        root = os.path.dirname(file) or "."
        match = re.search(r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"']([\w.]+)", text)
        package = (os.environ.get("DJANGO_SETTINGS_MODULE") or (match[1] if match else "")).split(".")[0]
        for kind in ("wsgi", "asgi") if "asgi" not in sys.argv else ("asgi", "wsgi"):
            for place in [f"{root}/{package}/{kind}.py", f"{root}/{package}/config/{kind}.py", *sorted(glob.glob(f"{root}/*/{kind}.py")), f"{root}/{kind}.py"]:
                if os.path.isfile(place):
                    return kind, os.path.relpath(place, root).removesuffix(".py").replace("/", ".") + ":application", root
        return "django", "", root
    return None


def candidates():
    for name in NAMES:
        yield f"{name}.py"
    packages = sorted(os.path.dirname(file) for pattern in ("*/__init__.py", "src/*/__init__.py") for file in glob.glob(pattern))
    folders = ["app", "src", "api", "server", "backend", *packages]
    for folder in dict.fromkeys(folders):
        if re.match(r"(tests?|docs?|migrations|venv|env|node_modules)(/|$)", folder):
            continue
        for name in ("wsgi", "asgi", "main", "app", "application", "server", "api", "__init__"):
            yield f"{folder}/{name}.py"
    for file in sorted(glob.glob("*.py")):
        if not re.match(r"(test_|conftest|setup|settings|config)", file):
            yield file


def web():
    if one := named() or django():
        return one
    there = [file for file in dict.fromkeys(candidates()) if os.path.isfile(file)]
    for file in there:
        if one := found(file):
            return one
    for file in there:
        if "/" not in file and "streamlit" in imported(tree(file)):
            return "streamlit", file, "."
    for file in there:
        if re.fullmatch(r"(src/|app/)?(main|app|server|run|web|index|bot|__main__|hello|api)\.py", file):
            return "script", file, "."
    return None


if __name__ == "__main__":
    if answer := web():
        print(*answer, sep="\t")
