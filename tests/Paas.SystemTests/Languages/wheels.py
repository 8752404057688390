"""wheels.py FOLDER WHEELS: the Python packages in FOLDER, Debian packages unpacked side by side, as wheels in the folder WHEELS."""
import base64
import glob
import hashlib
import os
import re
import sys
import zipfile

folder, wheels = sys.argv[1:]
os.makedirs(wheels, exist_ok=True)
for info in sorted(glob.glob(f"{folder}/*/usr/lib/python3*/dist-packages/*.dist-info") + glob.glob(f"{folder}/*/usr/lib/python3*/dist-packages/*.egg-info")):
    root = os.path.dirname(info)
    text = open(os.path.join(info, "METADATA") if os.path.exists(os.path.join(info, "METADATA")) else os.path.join(info, "PKG-INFO"), encoding="utf-8").read()
    name = re.sub(r"[-_.]+", "_", re.search(r"^Name: (.*)$", text, re.M)[1]).lower()
    version = re.search(r"^Version: (.*)$", text, re.M)[1]
    files = [os.path.relpath(os.path.join(path, file), root) for path, _, names in os.walk(root) for file in names if os.path.exists(os.path.join(path, file))]
    files = [file for file in sorted(files) if "__pycache__" not in file and not re.match(r"[^/]*\.(dist|egg)-info/", file)]
    tag = "cp313-cp313-linux_x86_64" if any(file.endswith(".so") for file in files) else "py3-none-any"
    inside = f"{name}-{version}.dist-info"
    content = {file: open(os.path.join(root, file), "rb").read() for file in files}
    content[f"{inside}/METADATA"] = text.encode()
    content[f"{inside}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: wheels.py\nRoot-Is-Purelib: {str(tag.startswith('py3')).lower()}\nTag: {tag}\n".encode()
    if os.path.exists(os.path.join(info, "entry_points.txt")):
        content[f"{inside}/entry_points.txt"] = open(os.path.join(info, "entry_points.txt"), "rb").read()
    record = "".join(f"{file},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n" for file, data in content.items())
    content[f"{inside}/RECORD"] = (record + f"{inside}/RECORD,,\n").encode()
    with zipfile.ZipFile(os.path.join(wheels, f"{name}-{version}-{tag}.whl"), "w", zipfile.ZIP_DEFLATED) as wheel:
        for file, data in content.items():
            wheel.writestr(zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0)), data)
