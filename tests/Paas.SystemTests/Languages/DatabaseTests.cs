using Paas.Testing;

namespace Paas.Languages;

/// <summary>Apps whose driver is compiled against a library, or needs none, with a real PostgreSQL.</summary>
public sealed class DatabaseTests(Platform platform)
{
    [Theory]
    [InlineData("python-flask", "/database", "visit 1, kept by PostgreSQL ")]
    [InlineData("node-typescript", "/time", "{\"now\":\"20")]
    [InlineData("php-composer", "/database", "PostgreSQL says Größe\n")]
    public async Task An_app_asks_the_database_of_its_DATABASE_URL(string sample, string path, string answer)
    {
        LongTests.Only("apps that the plain run has, with a database");
        await using var app = await PushedApp.CreateAsync(platform, sample);
        if (sample == "python-flask")
        {
            await DebianFixtures.WheelsAsync(Path.Combine(app.Folder, "wheels"), PythonTests.Flask);
            await app.CommitAsync("Wheels");
        }
        else if (sample == "node-typescript")
        {
            await NpmRegistry.SkipWithoutAsync();
        }

        await using var outside = await Outside.StartAsync();
        await using var server = await PostgresServer.StartAsync(outside);
        await app.SetAsync(("DATABASE_URL", server.Url));
        (await app.PushAsync()).Succeeded();
        Assert.StartsWith(answer, (await app.VisitAsync(path)).Body, StringComparison.Ordinal);
    }
}
