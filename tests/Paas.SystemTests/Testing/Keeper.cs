using System.Diagnostics;
using System.Globalization;
using Paas.Keep;
using Paas.State;

namespace Paas.Testing;

/// <summary>What `paasd keep` prepares and becomes, with the options of a test.</summary>
public sealed class Keeper : IAsyncDisposable
{
    private readonly Process _process;

    private Keeper(Process process) => _process = process;

    public static Keeper Start(KeepOptions options)
    {
        var home = new PlatformHome(options.Home);
        var roles = KeepRole.Prepare(options, home, TextWriter.Null);
        var file = Path.Combine(home.Run, "keep.roles");
        NativeKeeper.Write(file, roles, home.Root);

        // Its standard input stands for the lock.
        return new Keeper(Process.Start(options.Keeper, NativeKeeper.Arguments(options, file, lockFile: 0)));
    }

    /// <summary>Ends it and both roles.</summary>
    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
        await _process.WaitForExitAsync();
        Assert.Equal(0, _process.ExitCode);
        _process.Dispose();
    }
}
