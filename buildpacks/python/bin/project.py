"""What the files of a Python project say: run by bin/build with the build image's own Python, which is not the app's.

  project.py wish              "text<TAB>place<TAB>specifier" of the Python that is asked for; nothing when nobody asks
  project.py choose SPECIFIER  the highest of the versions on standard input that the specifier allows; 1 when none does
  project.py requirements      [project] dependencies of pyproject.toml, one a line; 2 when its build backend makes them up
  project.py pipfile           Pipfile.lock as requirements with hashes
  project.py files FILE        FILE and every file that it includes by -r and -c; "." when it installs something of the app itself
  project.py loose FILE        how many of its packages have no exact version
  project.py get KEY...        a value of pyproject.toml as JSON; 1 when there is none
  project.py components DIR    the packages in DIR (site-packages) as a JSON array of CycloneDX 1.5 components

A sentence on standard error and exit 3: a file that cannot be understood.
"""
import json
import os
import re
import sys
import tomllib

VERSION = re.compile(r"\d+(\.\d+)*")


def stop(code, sentence):
    print(f"{code}\t{sentence}")
    sys.exit(3)


def read_toml(name):
    try:
        with open(name, "rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        stop("project_invalid", f"{name} cannot be read: {str(wrong).rstrip('.')}. Mend it and push again.")


def read_json(name):
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}
    except ValueError as wrong:
        stop("lock_file_invalid", f"{name} is not valid JSON: {str(wrong).rstrip('.')}. Write it again with 'pipenv lock' and commit it.")


def dig(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def lines(name):
    try:
        with open(name, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        return []
    # 'pip freeze > requirements.txt' in a PowerShell of old writes UTF-16.
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return text.decode(encoding, "replace").splitlines()


# The Python that is asked for

def plain(text):
    """A version as version files have it, as a specifier: the line of releases that it is of."""
    match = re.fullmatch(r"(?:c?python-?)?v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:-dev|t)?", text.strip())
    if not match:
        return None
    major, minor = match[1], match[2]
    return f"=={major}.{minor}.*" if minor and minor.isdigit() else f"=={major}.*"


def asked():
    for name in (".python-version", "runtime.txt"):
        for line in lines(name):
            line = line.split("#")[0].strip()
            if line:
                specifier = plain(line)
                if not specifier:
                    stop("version_invalid", f"{name} says '{line[:60]}', which is no version of Python. Write one like 3.13.")
                yield re.sub(r"^c?python-?", "", line), name, specifier
                break
    if os.path.isfile("Pipfile"):
        requires = read_toml("Pipfile").get("requires", {})
        for key in ("python_full_version", "python_version"):
            if requires.get(key) and plain(str(requires[key])):
                yield requires[key], "Pipfile", plain(str(requires[key]))
    project = read_toml("pyproject.toml")
    for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
        text = dig(project, *keys)
        if isinstance(text, str) and text.strip():
            yield text, f"{'.'.join(keys)} of pyproject.toml", text
    wished = os.environ.get("BP_PYTHON_VERSION", "").strip()
    if wished:
        yield wished, "BP_PYTHON_VERSION", plain(wished) or wished


def numbers(text):
    found = VERSION.search(text)
    return [int(part) for part in found[0].split(".")] if found else []


def padded(parts, length=3):
    return (parts + [0] * length)[:length]


def allows_one(comparison, version):
    """One comparison of a specifier (PEP 440, "Version specifiers"; ^ and a lone ~ are Poetry's) for a final release."""
    match = re.fullmatch(r"(===|==|!=|<=|>=|~=|<|>|\^|~|=)?\s*v?(\d+(?:\.\d+)*)(\.\*|\.x)?[-.a-z0-9+]*", comparison.strip())
    if not match:
        return comparison.strip() in ("", "*")
    operator, parts, star = match[1] or "==", numbers(match[2]), match[3]
    candidate, low = padded(numbers(version)), padded(parts)
    if star or (operator in ("==", "=", "===") and len(parts) < 3):
        same = candidate[:len(parts)] == parts
        return not same if operator == "!=" else same if operator in ("==", "=", "===") else compare(operator, candidate, low)
    if operator in ("==", "=", "==="):
        # The newest of its line, for its security fixes.
        return candidate[:2] == low[:2]
    if operator in ("~=", "^", "~"):
        keep = 1 if operator == "^" or len(parts) < 2 else len(parts) - 1 if operator == "~=" else 2
        return candidate >= low and candidate[:keep] == low[:keep]
    return compare(operator, candidate, low)


def compare(operator, left, right):
    return {"<=": left <= right, ">=": left >= right, "<": left < right, ">": left > right, "!=": left != right}[operator]


def allows(specifier, version):
    return any(all(allows_one(one, version) for one in re.split(r",|\s+(?=[<>=!~^])", part)) for part in re.split(r"\|\|?", specifier))


# Packages

def requirements():
    project = read_toml("pyproject.toml").get("project", {})
    if "dependencies" in project.get("dynamic", []):
        sys.exit(2)
    for requirement in project.get("dependencies", []):
        print(requirement)


def pipfile():
    lock = read_json("Pipfile.lock")
    sources = [source.get("url", "") for source in dig(lock, "_meta", "sources") or []]
    for number, url in enumerate(sources):
        # Pipenv writes $NAME and ${NAME} of the environment.
        url = os.path.expandvars(url)
        if not (number == 0 and re.match(r"https://pypi\.(python\.)?org/", url)):
            print("--index-url" if number == 0 else "--extra-index-url", url)
    for name, entry in sorted(lock.get("default", {}).items()):
        extras = f"[{','.join(entry['extras'])}]" if entry.get("extras") else ""
        marker = f" ; {entry['markers']}" if entry.get("markers") else ""
        if entry.get("git"):
            line = f"{name}{extras} @ git+{entry['git']}@{entry.get('ref', 'HEAD')}" + (f"#subdirectory={entry['subdirectory']}" if entry.get("subdirectory") else "")
            print(line + marker)
        elif entry.get("file") or entry.get("path"):
            print(("-e " if entry.get("editable") else "") + (entry.get("file") or entry.get("path")) + extras)
        else:
            print(f"{name}{extras}{entry.get('version', '')}{marker}" + "".join(f" --hash={value}" for value in entry.get("hashes", [])))


def included(name, seen):
    if name in seen:
        return
    seen.append(name)
    for line in lines(name):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        match = re.match(r"(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)", line) or re.match(r"(?:-r|-c)(\S+)", line)
        if match:
            included(os.path.normpath(os.path.join(os.path.dirname(name), match[1])), seen)
        elif re.match(r"(-e|--editable)\b|\.|file:", line) or re.search(r"@\s*file:", line):
            if "." not in seen:
                seen.append(".")


def loose(name):
    count = total = 0
    seen = []
    included(name, seen)
    for file in seen:
        for line in lines(file) if file != "." else []:
            line = re.sub(r"(^|\s)#.*", "", line).strip()
            if not line or line.startswith("-") or re.match(r"\.|/|file:", line) or "@" in line.split(";")[0]:
                continue
            total += 1
            count += 0 if re.search(r"===?\s*[^\s*]+(\s|;|$|\\)", line.split(";")[0] + " ") else 1
    print(count, total)


def components(folder):
    from importlib.metadata import distributions

    def component(one):
        name, version = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(), one.version
        licence = one.metadata.get("License-Expression")
        return {
            "type": "library", "bom-ref": f"pypi:{name}@{version}", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}",
            **({"licenses": [{"expression": licence}]} if licence else {}),
        }

    print(json.dumps(sorted((component(one) for one in distributions(path=[folder]) if one.metadata["Name"]), key=lambda one: one["bom-ref"])))


def main(command, *arguments):
    if command == "wish":
        for text, place, specifier in asked():
            print(text, place, specifier, sep="\t")
            break
    elif command == "choose":
        fitting = [version for version in sys.stdin.read().split() if allows(arguments[0], version)]
        if not fitting:
            sys.exit(1)
        print(max(fitting, key=numbers))
    elif command == "requirements":
        requirements()
    elif command == "pipfile":
        pipfile()
    elif command == "files":
        seen = []
        included(arguments[0], seen)
        print(*seen, sep="\n")
    elif command == "loose":
        loose(arguments[0])
    elif command == "get":
        value = dig(read_toml("pyproject.toml"), *arguments)
        if value is None:
            sys.exit(1)
        print(json.dumps(value))
    elif command == "components":
        components(arguments[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
