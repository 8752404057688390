using Paas.Testing;

namespace Paas.Languages;

/// <summary>Python apps, pushed and visited. The Python package index may be out of reach: their packages are Debian's, as wheels.</summary>
public sealed class PythonTests(Platform platform)
{
    internal static readonly string[] Flask =
        ["python3-flask", "python3-werkzeug", "python3-jinja2", "python3-markupsafe", "python3-click", "python3-itsdangerous", "python3-blinker", "python3-gunicorn", "python3-packaging", "python3-psycopg2"];

    private static readonly string[] Django = ["python3-django", "python3-sqlparse", "python3-asgiref", "python3-whitenoise", "python3-gunicorn", "python3-packaging"];

    [Fact]
    public async Task Flask_is_found_installed_and_served()
    {
        await using var app = await PushedApp.CreateAsync(platform, "python-flask");
        await DebianFixtures.WheelsAsync(Path.Combine(app.Folder, "wheels"), Flask);
        await app.CommitAsync("Wheels");
        var cold = (await app.PushAsync()).Succeeded();
        Assert.Contains(".python-version asks for 3.13", cold.Error, StringComparison.Ordinal);
        Assert.Contains("web: gunicorn with app:app, found in the code", cold.Error, StringComparison.Ordinal);
        Assert.Contains("Flask on Python 3.13, 2 workers", (await app.VisitAsync()).Body, StringComparison.Ordinal);
        Assert.Equal("übergroß\n", (await app.VisitAsync("/größe")).Body);
        Assert.Equal("psycopg2 2.9.10 with libpq 17, but no DATABASE_URL\n", (await app.VisitAsync("/database")).Body);

        var warm = (await app.PushChangeAsync("templates/hello.html", "<p>changed</p>")).Succeeded();
        Assert.Contains("packages of requirements.txt: unchanged (kept)", warm.Error, StringComparison.Ordinal);
        Assert.Equal("<p>changed</p>", (await app.VisitAsync()).Body);
        await app.RefusesAsync(
            "There is a Pipfile but no Pipfile.lock, so nobody can say which versions to install. Run 'pipenv lock' and commit Pipfile.lock.",
            ("requirements.txt", null), ("Pipfile", "[packages]\nflask = \"*\"\n"));
    }

    [Fact]
    public async Task Django_collects_its_static_files_and_migrates_where_the_user_says_so()
    {
        LongTests.Only("another app of a language that the plain run has");
        await using var app = await PushedApp.CreateAsync(platform, "python-django");
        await DebianFixtures.WheelsAsync(Path.Combine(app.Folder, "wheels"), Django);
        await app.CommitAsync("Wheels");
        var refused = await app.PushAsync();
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("Django's settings want the secret key SECRET_KEY already while static files are collected. Set it: paas config set SECRET_KEY=<a long random text>.", refused.Error, StringComparison.Ordinal);

        await app.SetAsync(("SECRET_KEY", "for-a-test"), ("BP_DJANGO_MIGRATE", "true"));
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("1 static file copied", push.Error, StringComparison.Ordinal);
        Assert.Contains("release: manage.py migrate, because BP_DJANGO_MIGRATE says so", push.Error, StringComparison.Ordinal);
        Assert.Contains("Applying notes.0001_initial... OK", push.Error, StringComparison.Ordinal);
        var page = (await app.VisitAsync()).Body;
        Assert.Contains("hello from Django, style at /static/notes/style.", page, StringComparison.Ordinal);
        Assert.Equal("p { color: teal }\n", (await app.VisitAsync(page[page.IndexOf("/static", StringComparison.Ordinal)..].Trim())).Body);
    }

    [Fact]
    public async Task An_app_without_a_server_gets_one()
    {
        LongTests.Only("another app of a language that the plain run has");
        await using var app = await PushedApp.CreateAsync(platform, "python-flask");
        await DebianFixtures.WheelsAsync(Path.Combine(app.Folder, "wheels"), [.. Flask[..7]]);
        await app.WriteAsync("requirements.txt", "Flask\n");
        await app.CommitAsync("No server");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("gunicorn: Debian's, because the app's packages have no server", push.Error, StringComparison.Ordinal);
        Assert.Contains("Flask on Python 3.13", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }
}
