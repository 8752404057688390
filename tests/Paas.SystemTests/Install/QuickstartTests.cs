using System.Diagnostics;
using Paas.Testing;

namespace Paas.Install;

/// <summary>install/quickstart.sh on this machine, in homes of its own beside whatever runs here.</summary>
public sealed class QuickstartTests(Platform platform) : IAsyncLifetime
{
    private static readonly TimeSpan SecondRun = TimeSpan.FromSeconds(30);

    private readonly string _folder = $"/var/tmp/paas-quick-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly List<QuickstartHome> _homes = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        platform.SkipIfMissing();
        Directory.CreateDirectory(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var home in _homes)
        {
            await home.DisposeAsync();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task Two_homes_side_by_side_never_touch_each_other_and_leave_nothing()
    {
        // The first by a symbolic link: layers are never followed through one.
        Directory.CreateDirectory(Path.Combine(_folder, "real"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(_folder, "real"));
        var first = Add(Path.Combine(_folder, "link/one"));
        var second = Add(Path.Combine(_folder, "two"));

        var up = (await first.QuickstartAsync("up", Stop)).Succeeded();
        Assert.Contains($"http://hello.localhost:{first.Port}", up.Output, StringComparison.Ordinal);
        Assert.Contains("apps create myapp", up.Output, StringComparison.Ordinal);
        var control = first.PidOf("control");

        var clock = Stopwatch.StartNew();
        (await first.QuickstartAsync("up", Stop)).Succeeded();
        Assert.True(clock.Elapsed < SecondRun, $"The second run took {clock.Elapsed.TotalSeconds:0.0} s.");
        Assert.Equal(control, first.PidOf("control"));
        Assert.Contains("\"hello\"", (await first.CliAsync(Stop, "apps", "list", "--json")).Succeeded().Output, StringComparison.Ordinal);

        (await second.QuickstartAsync("up", Stop)).Succeeded();
        Assert.StartsWith("Hello from hello", await first.HelloAsync(Stop), StringComparison.Ordinal);
        Assert.StartsWith("Hello from hello", await second.HelloAsync(Stop), StringComparison.Ordinal);

        (await first.QuickstartAsync("stop", Stop)).Succeeded();
        Assert.Empty(await first.TracesAsync(Stop));
        Assert.Equal(3, (await first.QuickstartAsync("status", Stop)).Code);
        Assert.Equal(0, (await second.QuickstartAsync("status", Stop)).Code);
        Assert.StartsWith("Hello from hello", await second.HelloAsync(Stop), StringComparison.Ordinal);

        var taken = await first.QuickstartAsync("up", Stop, port: second.Port);
        Assert.Equal(1, taken.Code);
        Assert.Contains($"Port {second.Port} is taken by another program", taken.Error, StringComparison.Ordinal);

        // A keeper that was killed takes nothing with it; the next start and the next stop end what it kept.
        (await Command.RunAsync("kill", ["-9", $"{second.PidOf("keep")}"], Stop)).Succeeded();
        Assert.StartsWith("Hello from hello", await second.HelloAsync(Stop), StringComparison.Ordinal);
        var left = second.PidOf("edge");
        (await second.QuickstartAsync("up", Stop)).Succeeded();
        Assert.NotEqual(left, second.PidOf("edge"));
        (await Command.RunAsync("kill", ["-9", $"{second.PidOf("keep")}"], Stop)).Succeeded();
        Assert.StartsWith("Hello from hello", await second.HelloAsync(Stop), StringComparison.Ordinal);
        (await second.QuickstartAsync("stop", Stop)).Succeeded();
        Assert.Empty(await second.TracesAsync(Stop));

        (await first.QuickstartAsync("up", Stop)).Succeeded();
        while (await first.HelloAsync(Stop) is null)
        {
            await Task.Delay(100, Stop);
        }

        (await first.QuickstartAsync("reset", Stop)).Succeeded();
        Assert.Empty(await first.TracesAsync(Stop));
        Assert.False(Directory.Exists(first.Home.Root));
        Assert.True(Directory.Exists(Environment.GetEnvironmentVariable("PAAS_PLATFORM")), "reset leaves the shared cache alone");
    }

    [Theory]
    [InlineData("relative/home", "8080", "must be an absolute path", 2)]
    [InlineData("/var/tmp/with blank", "8080", "blanks, colons, commas", 2)]
    [InlineData("/var/tmp/paas-none", "99999", "a port is a number from 1 to 65535", 2)]
    [InlineData("/etc", "8080", "holds other things", 1)]
    public async Task Setting_that_cannot_work_is_refused_in_a_sentence(string home, string port, string sentence, int code)
    {
        var refused = await new QuickstartHome(home, "/var/tmp/none/platform").QuickstartAsync("up", Stop, port);
        Assert.Equal(code, refused.Code);
        Assert.Contains(sentence, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_that_is_no_home_is_never_removed()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "mine"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "mine/thesis"), "years of work", Stop);
        var refused = await new QuickstartHome(Path.Combine(_folder, "mine"), "/var/tmp/none/platform").QuickstartAsync("reset", Stop);
        Assert.Equal(1, refused.Code);
        Assert.Contains("not the home of a platform", refused.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "mine/thesis")));
    }

    private QuickstartHome Add(string folder)
    {
        var home = new QuickstartHome(folder, Environment.GetEnvironmentVariable("PAAS_PLATFORM") ?? "");
        _homes.Add(home);
        return home;
    }
}
