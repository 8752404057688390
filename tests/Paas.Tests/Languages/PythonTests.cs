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
}
