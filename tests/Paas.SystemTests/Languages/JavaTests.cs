using System.Globalization;
using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Java as people push it: here a jar that is built already, for Maven Central cannot be reached from everywhere.</summary>
public sealed class JavaTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_jar_runs_on_a_trimmed_Java_with_its_share_of_the_memory()
    {
        await using var app = await PushedApp.CreateAsync(platform, "java-clock");
        await JarAsync(app);
        await app.CommitAsync("Jar");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("from Debian (system.properties: 21)", push.Error, StringComparison.Ordinal);
        Assert.Contains("trimming the runtime to 4 modules", push.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "Java 21\n"), await app.VisitAsync());
        Assert.InRange(int.Parse((await app.VisitAsync("/heap")).Body, CultureInfo.InvariantCulture), 128, 1024);
        Assert.InRange(int.Parse((await app.VisitAsync("/trusted")).Body, CultureInfo.InvariantCulture), 50, 500);
        await app.RefusesAsync(
            "There is a Gradle build but no gradlew, which says which Gradle builds it. Run 'gradle wrapper' and commit gradlew and the folder gradle.",
            ("build.gradle", "plugins { id 'java' }\n"));
    }

    /// <summary>The runtime's own store of certificates is used by a call to a server: what only a binding vouches for is refused until there is one.</summary>
    [Fact]
    public async Task A_TLS_client_trusts_the_world_and_the_authority_of_a_binding()
    {
        LongTests.Only("the trimmed runtime of the plain run, once more with a binding");
        await using var app = await PushedApp.CreateAsync(platform, "java-clock");
        await JarAsync(app);
        await app.CommitAsync("Jar");
        await using var outside = await Outside.StartAsync();
        using var company = new Authority();
        using var issued = company.Issue(outside.Address);
        await app.SetAsync(("TLS_URL", await outside.ServeAsync(context => context.Response.WriteAsync("trusted\n"), issued) + "/"));
        (await app.PushAsync()).Succeeded();
        Assert.Contains("unable to find valid certification path", (await app.VisitAsync("/tls")).Body, StringComparison.Ordinal);

        await CaCertificatesTests.BindAsync(app, company.Pem);
        (await app.PushChangeAsync("changed", "1")).Succeeded();
        Assert.Equal("trusted\n", (await app.VisitAsync("/tls")).Body);
        Assert.InRange(int.Parse((await app.VisitAsync("/trusted")).Body, CultureInfo.InvariantCulture), 50, 500);
    }

    internal static async Task JarAsync(PushedApp app)
    {
        var classes = Directory.CreateTempSubdirectory("paas-java-").FullName;
        Assert.SkipUnless(File.Exists("/usr/bin/javac") && File.Exists("/usr/bin/jar"), "The test makes its jar with javac, which is not installed");
        (await Command.RunAsync("javac", ["--release", "17", "-d", classes, Path.Combine(app.Folder, "src/Clock.java")], Cancelled)).Succeeded();
        (await Command.RunAsync("jar", ["--create", "--file", Path.Combine(app.Folder, "clock.jar"), "--main-class", "Clock", "-C", classes, "."], Cancelled)).Succeeded();
        Directory.Delete(classes, recursive: true);
    }
}
