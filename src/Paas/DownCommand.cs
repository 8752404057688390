using Paas.Engine.Native;
using Paas.Keep;
using Paas.State;

namespace Paas;

/// <summary>`paasd down`: with `paasd keep` stopped, ends roles that a killed keeper left and every instance of the home, and takes
/// away what it made in the kernel. Data stays; the next start brings everything back from the database.</summary>
internal static class DownCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var options = PlatformOptions.FromEnvironment();
        var home = new PlatformHome(options.Home);
        if (!Directory.Exists(home.Root))
        {
            return 0;
        }

        await using var only = HomeLock.TryTake(Path.Combine(home.Root, KeepRole.LockFile))
            ?? throw new UserError("platform_runs", 409, $"The platform in {home.Root} runs: stop it with install/quickstart.sh stop, which ends its instances too.");
        await KeepRole.EndLeftAsync(new KeepOptions { Home = home.Root }, TimeProvider.System);

        var services = new ServiceCollection().AddLogging(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        await using (var provider = services.AddContentStoreAndEngine(home, options).AddSingleton(TimeProvider.System).BuildServiceProvider())
        {
            var engine = provider.GetRequiredService<NativeEngine>();
            await engine.StartAsync(cancellationToken);
            await engine.ShutDownAsync(cancellationToken);
        }

        RunFolder.Remove(home);
        return 0;
    }
}
