namespace Paas.Languages;

/// <summary>Which Python, which packages and which server an app gets, and what it is told when that fails.</summary>
public sealed class PythonTests
{
    private const string Functions = "here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR python=python3 python_version=3.13.5 wheels=()\n. \"$here/lib/debian.sh\"; . \"$here/bin/python.sh\"; . \"$here/bin/packages.sh\"; . \"$here/bin/start.sh\"\n";

    [Theory]
    [InlineData(".python-version", "3.12\n", "3.12\t.python-version\t==3.12.*\n")]
    [InlineData(".python-version", "# comment\r\n3.13.2\r\n", "3.13.2\t.python-version\t==3.13.*\n")]
    [InlineData("runtime.txt", "python-3.11.4\n", "3.11.4\truntime.txt\t==3.11.*\n")]
    [InlineData("pyproject.toml", "[project]\nrequires-python = \">=3.11\"\n", ">=3.11\tproject.requires-python of pyproject.toml\t>=3.11\n")]
    [InlineData("pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.10\"\n", "^3.10\ttool.poetry.dependencies.python of pyproject.toml\t^3.10\n")]
    [InlineData("Pipfile", "[requires]\npython_version = \"3.12\"\n", "3.12\tPipfile\t==3.12.*\n")]
    [InlineData("requirements.txt", "Flask\n", "")]
    public void The_projects_files_say_which_python(string file, string text, string wish)
    {
        using var shell = new BuildpackShell("python").With(file, text);
        Assert.Equal(wish, shell.Run(Functions + "project wish").Output);
    }

    [Theory]
    [InlineData(">=3.11", "3.13.5")]
    [InlineData("==3.12.*", "3.12.11")]
    [InlineData("^3.9", "3.13.5")]
    [InlineData("~3.12", "3.12.11")]
    [InlineData("~=3.11", "3.13.5")]
    [InlineData("~=3.11.2", "3.11.9")]
    [InlineData(">=3.9,<3.13", "3.12.11")]
    [InlineData(">=3.8, !=3.13.*", "3.12.11")]
    [InlineData("^2.7 || ^3.7", "3.13.5")]
    [InlineData("==3.12.4", "3.12.11")]
    [InlineData("*", "3.13.5")]
    [InlineData("<3.9", "")]
    public void The_highest_version_that_the_specifier_allows_is_chosen(string specifier, string version)
    {
        using var shell = new BuildpackShell("python");
        Assert.Equal(version, shell.Run($"{Functions}printf '3.9.22\\n3.11.9\\n3.12.11\\n3.13.5\\n' | project choose '{specifier}' || true").Output.Trim());
    }

    [Theory]
    [InlineData(".python-version", "myenv\n", "version_invalid: .python-version says 'myenv', which is no version of Python. Write one like 3.13.\n")]
    [InlineData("pyproject.toml", "[project\n", "project_invalid: pyproject.toml cannot be read: ")]
    public void A_file_that_cannot_be_understood_is_a_sentence(string file, string text, string sentence)
    {
        using var shell = new BuildpackShell("python").With(file, text);
        var (code, _, error) = shell.Run(Functions + "wish=$(project wish)");
        Assert.Equal(1, code);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.13", "2026-06-01", "")]
    [InlineData("3.10", "2026-06-01", "WARNING: Python 3.10 gets security fixes until 2026-10-31 only. Ask for a newer one, like 3.13, in .python-version before that.\n")]
    [InlineData("3.9", "2026-06-01", "WARNING: Python 3.9 gets no security fixes since 2025-10-31. Ask for a newer one, like 3.13, in .python-version.\n")]
    public void The_end_of_a_line_is_told_half_a_year_before(string line, string today, string warning)
    {
        using var shell = new BuildpackShell("python");
        Assert.Equal(warning, shell.Run($"{Functions}warn_of_end {line} {today}").Error);
    }

    [Theory]
    [InlineData("Pipfile", "[packages]\n", "Run 'pipenv lock' and commit Pipfile.lock.")]
    [InlineData("pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.10\"\n", "Run 'poetry lock' and commit poetry.lock.")]
    [InlineData("pyproject.toml", "[project]\nname = \"a\"\ndependencies = []\n[tool.uv]\n", "Run 'uv lock' and commit uv.lock.")]
    [InlineData("manage.py", "import django\n", "Write a requirements.txt, for example with 'pip freeze > requirements.txt', and commit it.")]
    public void Without_a_lock_file_the_sentence_names_the_command(string file, string text, string advice)
    {
        using var shell = new BuildpackShell("python").With(file, text);
        var (code, _, error) = shell.Run(Functions + "choose_manager");
        Assert.Equal(1, code);
        Assert.StartsWith("lock_file_missing: ", error, StringComparison.Ordinal);
        Assert.EndsWith(advice + "\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_lock_files_one_counts_and_the_log_says_how_to_choose()
    {
        using var shell = new BuildpackShell("python").With("uv.lock", "").With("requirements.txt", "");
        Assert.Equal(
            "packages are taken from uv.lock, though requirements.txt says some too. To choose: paas config set BP_PYTHON_PACKAGES=<file>\nuv\n",
            shell.Run(Functions + "choose_manager; echo $manager").Output);
        Assert.Equal("pip\n", shell.Run(Functions + "choose_manager; echo $manager", "BP_PYTHON_PACKAGES=requirements.txt").Output);
    }

    [Theory]
    [InlineData("app.py", "from flask import Flask\napp = Flask(__name__)\n", "wsgi\tapp:app\t.\n")]
    [InlineData("src/shop/__init__.py", "from flask import Flask\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n", "wsgi\tshop:create_app()\tsrc\n")]
    [InlineData("wsgi.py", "from shop import app as application\n", "wsgi\twsgi:application\t.\n")]
    [InlineData("app/main.py", "import fastapi\napi: fastapi.FastAPI = fastapi.FastAPI()\n", "asgi\tapp.main:api\t.\n")]
    [InlineData("main.py", "from dash import Dash\napp = Dash()\nserver = app.server\n", "wsgi\tmain:server\t.\n")]
    [InlineData("dashboard.py", "import streamlit as st\nst.title('x')\n", "streamlit\tdashboard.py\t.\n")]
    [InlineData("main.py", "from http.server import HTTPServer\n", "script\tmain.py\t.\n")]
    [InlineData("lib/other.txt", "nothing\n", "")]
    public void What_answers_is_found_in_the_code(string file, string text, string found)
    {
        using var shell = new BuildpackShell("python").With(file, text);
        Assert.Equal(found, shell.Run("python3 -I \"$CNB_BUILDPACK_DIR/bin/web.py\"").Output);
    }

    [Fact]
    public void Djangos_project_is_found_by_its_settings_also_in_a_folder()
    {
        using var shell = new BuildpackShell("python")
            .With("site/manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\nimport django\n")
            .With("site/other/wsgi.py", "").With("site/shop/wsgi.py", "").With("site/shop/asgi.py", "");
        Assert.Equal("wsgi\tshop.wsgi:application\tsite\n", shell.Run("python3 -I \"$CNB_BUILDPACK_DIR/bin/web.py\"").Output);
        Assert.Equal("asgi\tshop.asgi:application\tsite\n", shell.Run("python3 -I \"$CNB_BUILDPACK_DIR/bin/web.py\" asgi").Output);
    }

    [Fact]
    public void A_procfile_that_starts_what_is_not_installed_is_told_before_it_fails()
    {
        using var shell = new BuildpackShell("python").With("Procfile", "web: gunicorn shop.wsgi\nworker: exec celery -A shop worker\n");
        var (code, _, error) = shell.Run(Functions + "lock=requirements.txt; check_procfile");
        Assert.Equal((1, "program_missing: The Procfile starts celery, but the app's packages do not have it. Add celery to requirements.txt, and commit.\n"), (code, error));
    }

    [Fact]
    public void A_lock_file_of_pipenv_becomes_requirements_with_hashes()
    {
        using var shell = new BuildpackShell("python").With(
            "Pipfile.lock",
            """{"_meta": {"sources": [{"url": "https://pypi.org/simple"}, {"url": "https://${USER_OF_INDEX}@example.com/simple"}]}, "default": {"flask": {"version": "==3.1.1", "hashes": ["sha256:aa", "sha256:bb"], "markers": "python_version >= '3.9'"}, "mine": {"git": "https://example.com/mine.git", "ref": "abc"}}, "develop": {"pytest": {"version": "==8"}}}""");
        Assert.Equal(
            "--extra-index-url https://me@example.com/simple\nflask==3.1.1 ; python_version >= '3.9' --hash=sha256:aa --hash=sha256:bb\nmine @ git+https://example.com/mine.git@abc\n",
            shell.Run(Functions + "project pipfile", "USER_OF_INDEX=me").Output);
    }

    [Fact]
    public void Requirements_without_a_version_are_counted_also_in_a_windows_file()
    {
        using var shell = new BuildpackShell("python").With("requirements.txt", "Flask==3.1.1\r\n-r more.txt\r\nrequests>=2\r\n").With("more.txt", "redis\nurllib3==2.* # any\n");
        Assert.Equal("3 4\n", shell.Run(Functions + "project loose requirements.txt").Output);
    }

    [Theory]
    [InlineData("ERROR: Could not find a version that satisfies the requirement flask==9.9 (from versions: 0.1, 3.1.1)\nERROR: No matching distribution found for flask==9.9", "package_version_missing: There is no flask==9.9.")]
    [InlineData("ERROR: Could not find a version that satisfies the requirement flsk (from versions: none)\nERROR: No matching distribution found for flsk", "package_missing: No package index has flsk for this Python.")]
    [InlineData("ERROR: Could not find a version that satisfies the requirement pywin32==306 (from versions: none)", "package_windows_only: The package pywin32 exists for Windows only.")]
    [InlineData("ERROR: Could not find a version that satisfies the requirement command-not-found==0.3 (from versions: none)", "package_local_only: The package command-not-found is a part of Ubuntu's own Python")]
    [InlineData("WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7>: Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/flask/\nERROR: No matching distribution found for flask", "index_unreachable: ")]
    [InlineData("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes.", "hashes_differ: ")]
    [InlineData("ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:", "hashes_missing: ")]
    [InlineData("ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/", "requirements_conflict: ")]
    [InlineData("ERROR: Invalid requirement: 'flask=3': Expected end or semicolon (after name and no valid version specifier)", "requirements_invalid: The file requirements.txt has a line that pip does not understand: flask=3.")]
    [InlineData("ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'base.txt'", "requirements_missing: A requirements file includes base.txt")]
    [InlineData("ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '/home/conda/feedstock_root/build_artifacts/x/work'", "requirements_conda: ")]
    [InlineData("pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.", "lock_file_differs: The file poetry.lock does not fit pyproject.toml. Run 'poetry lock'")]
    [InlineData("error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided. To update the lockfile, run `uv lock`.", "lock_file_differs: The file uv.lock does not fit")]
    [InlineData("ERROR: Package 'shop' requires a different Python: 3.13.5 not in '<3.12,>=3.9'", "python_unsuitable: A package needs another Python than 3.13.5: '<3.12,>=3.9'.")]
    [InlineData("ERROR: HTTP error 403 while getting https://example.com/simple/mine/", "index_credentials: ")]
    [InlineData("fatal: could not read Username for 'https://example.com': terminal prompts disabled", "git_missing_rights: A package comes from a private git repository.")]
    [InlineData("Error: pg_config executable not found.", "headers_missing: The package psycopg2 is compiled here")]
    [InlineData("/bin/sh: 1: mysql_config: not found", "headers_missing: The package mysqlclient is compiled here")]
    [InlineData("src/x.c:1:10: fatal error: sasl/sasl.h: No such file or directory", "headers_missing: A package is compiled here and needs the file sasl/sasl.h.")]
    [InlineData("error: can't find Rust compiler", "compiler_missing: ")]
    [InlineData("ModuleNotFoundError: No module named 'distutils'", "package_outdated: ")]
    [InlineData("ModuleNotFoundError: No module named 'pkg_resources'", "package_needs_setuptools: ")]
    [InlineData("ERROR: file:///workspace does not appear to be a Python project: neither 'setup.py' nor 'pyproject.toml' found.", "project_invalid: ")]
    [InlineData("django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.", "secret_key_missing: ")]
    [InlineData("    SECRET_KEY = os.environ[\"SECRET_KEY\"]\nKeyError: 'SECRET_KEY'", "secret_key_missing: Django's settings want the secret key SECRET_KEY")]
    [InlineData("decouple.UndefinedValueError: STRIPE_TOKEN not found. Declare it as envvar or define a default value.", "config_missing: The code wants the variable STRIPE_TOKEN")]
    [InlineData("ModuleNotFoundError: No module named 'environ'", "module_missing: The code imports environ")]
    [InlineData("ValueError: The file 'css/missing.png' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7>.", "static_file_missing: ")]
    [InlineData("django.db.utils.OperationalError: connection to server at \"db\" failed", "database_unreachable: ")]
    [InlineData("  File \"app.py\", line 3\nSyntaxError: invalid syntax", "code_invalid: The code is not valid for this Python: invalid syntax.")]
    public void What_the_tools_say_becomes_a_sentence_with_a_fix(string said, string verdict)
    {
        using var shell = new BuildpackShell("python");
        Assert.StartsWith(verdict, shell.HintFor($"Collecting\n{said}\n"), StringComparison.Ordinal);
    }
}
