"""gems.py FOLDER GEMS: the Ruby gems in FOLDER, Debian packages unpacked side by side, as .gem files in the folder GEMS.

Debian lays the files of a gem into vendor_ruby and its gemspec into rubygems-integration; compiled parts are there already, so these
gems have no extension to build.
"""
import glob
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile

folder, gems = sys.argv[1:]
os.makedirs(gems, exist_ok=True)


def tar(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o755 if name.startswith(("bin/", "exe/")) else 0o644, 1577836800
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def requirement(text):
    lines = ["!ruby/object:Gem::Requirement", "  requirements:"]
    for one in text or [">= 0"]:
        operator, version = one.split()
        lines += [f"  - - \"{operator}\"", "    - !ruby/object:Gem::Version", f"      version: '{version}'"]
    return lines


def indented(lines, first, by):
    return [first + lines[0]] + [" " * by + line for line in lines[1:]]


def read(root):
    """The gem's files: a folder of its own, or vendor_ruby."""
    own = glob.glob(f"{root}/usr/share/rubygems-integration/all/gems/*") + glob.glob(f"{root}/usr/lib/*/rubygems-integration/*/gems/*")
    for base in glob.glob(f"{root}/usr/lib/*/rubygems-integration/*/extensions/*/*/*"):
        yield from (("lib/" + os.path.relpath(file, base), file) for file in glob.glob(f"{base}/**/*.so", recursive=True))
    if own and os.path.isdir(f"{own[0]}/lib") and not os.path.islink(f"{own[0]}/lib"):
        base = own[0]
        for path, _, names in os.walk(base):
            for name in names:
                yield os.path.relpath(os.path.join(path, name), base), os.path.join(path, name)
    else:
        for base in [*glob.glob(f"{root}/usr/lib/ruby/vendor_ruby"), *glob.glob(f"{root}/usr/lib/*/ruby/vendor_ruby/3.3.0")]:
            for path, _, names in os.walk(base):
                for name in names:
                    yield "lib/" + os.path.relpath(os.path.join(path, name), base), os.path.join(path, name)
        for base in own:
            for path, _, names in os.walk(base):
                for name in names:
                    yield os.path.relpath(os.path.join(path, name), base), os.path.join(path, name)


for spec in sorted(glob.glob(f"{folder}/*/usr/share/rubygems-integration/*/specifications/*.gemspec") + glob.glob(f"{folder}/*/usr/lib/*/rubygems-integration/*/specifications/*.gemspec")):
    text = open(spec, encoding="utf-8").read()
    root = spec[: spec.index("/usr/")]
    name = re.search(r's\.name = "([^"]+)"', text)[1]
    version = re.search(r's\.version = "([^"]+)"', text)[1]
    executables = re.findall(r'"([^"]+)"', (re.search(r"s\.executables = \[(.*?)\]", text) or [None, ""])[1])
    bindir = (re.search(r's\.bindir = "([^"]+)"', text) or [None, "bin"])[1]
    files = {inside: open(file, "rb").read() for inside, file in read(root) if os.path.isfile(file)}
    for one in executables:
        program = f"{root}/usr/bin/{one}"
        if f"{bindir}/{one}" not in files and os.path.isfile(program):
            files[f"{bindir}/{one}"] = open(program, "rb").read()
    lines = ["--- !ruby/object:Gem::Specification", f"name: {name}", "version: !ruby/object:Gem::Version", f"  version: {version}", "platform: ruby", "authors: []", f"bindir: {bindir}", "dependencies:"]
    # Older gemspecs say each twice, for RubyGems of old.
    for depends in {one[1]: one for one in re.finditer(r's\.add_(?:runtime_)?dependency\(%q<([^>]+)>(?:\.freeze)?, \[(.*?)\]\)', text)}.values():
        # Debian loosens this one; a lock file has what the gem's authors say.
        wanted = requirement([">= 1.6.0"] if depends[1] == "logger" else re.findall(r'"([^"]+)"', depends[2]))
        lines += ["- !ruby/object:Gem::Dependency", f"  name: {depends[1]}", *indented(wanted, "  requirement: ", 2), "  type: :runtime", "  prerelease: false", *indented(wanted, "  version_requirements: ", 2)]
    lines += ["description: ''", "email: []", "executables:" + (" []" if not executables else ""), *[f"- {one}" for one in executables], "extensions: []", "extra_rdoc_files: []", "files: []", "licenses: []", "metadata: {}",
              "require_paths:", "- lib", *indented(requirement([">= 0"]), "required_ruby_version: ", 0), *indented(requirement([">= 0"]), "required_rubygems_version: ", 0), "specification_version: 4", f"summary: {name}", "test_files: []"]
    if lines[lines.index("dependencies:") + 1] == "description: ''":
        lines[lines.index("dependencies:")] = "dependencies: []"
    parts = [("metadata.gz", gzip.compress("\n".join([*lines, ""]).encode(), mtime=0)), ("data.tar.gz", gzip.compress(tar(sorted(files.items())), mtime=0))]
    sums = "---\nSHA256:\n" + "".join(f"  {part}: {hashlib.sha256(data).hexdigest()}\n" for part, data in parts)
    parts.append(("checksums.yaml.gz", gzip.compress(sums.encode(), mtime=0)))
    with open(f"{gems}/{name}-{version}.gem", "wb") as file:
        file.write(tar(parts))
