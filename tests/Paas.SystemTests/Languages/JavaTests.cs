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
    }

    private static async Task JarAsync(PushedApp app)
    {
        var classes = Directory.CreateTempSubdirectory("paas-java-").FullName;
        Assert.SkipUnless(File.Exists("/usr/bin/javac") && File.Exists("/usr/bin/jar"), "The test makes its jar with javac, which is not installed");
        (await Command.RunAsync("javac", ["--release", "17", "-d", classes, Path.Combine(app.Folder, "src/Clock.java")], Cancelled)).Succeeded();
        (await Command.RunAsync("jar", ["--create", "--file", Path.Combine(app.Folder, "clock.jar"), "--main-class", "Clock", "-C", classes, "."], Cancelled)).Succeeded();
        Directory.Delete(classes, recursive: true);
    }
}
