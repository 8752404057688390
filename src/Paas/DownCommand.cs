using Paas.Engine.Native;
using Paas.State;

namespace Paas;

/// <summary>`paasd down`: with control stopped, ends every instance of the home and takes away what it made in the kernel.
/// Data stays; the next start brings everything back from the database.</summary>
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

        var services = new ServiceCollection().AddLogging(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        await using (var provider = services.AddContentStoreAndEngine(home, options).AddSingleton(TimeProvider.System).BuildServiceProvider())
        {
            var engine = provider.GetRequiredService<NativeEngine>();
            await engine.StartAsync(cancellationToken);
            await engine.ShutDownAsync(cancellationToken);
        }

        Keep.RunFolder.Remove(home);
        return 0;
    }
}
