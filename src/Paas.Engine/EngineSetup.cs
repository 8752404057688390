using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Paas.Engine.Native;
using Paas.Engine.Native.Disk;
using Paas.Engine.Native.Instances;
using Paas.Engine.Native.Logs;
using Paas.Engine.Native.Network;
using Paas.Oci;

namespace Paas.Engine;

public static class EngineSetup
{
    /// <summary>Registers <see cref="NativeEngine"/> (also as <see cref="IEngine"/>) and <see cref="Sandbox"/>.
    /// Needs <see cref="Images"/>, <see cref="TimeProvider"/> and logging. Control calls <see cref="NativeEngine.StartAsync"/> before it serves.</summary>
    public static IServiceCollection AddNativeEngine(this IServiceCollection services, NativeOptions options) => services
        .AddSingleton(options)
        .AddSingleton(provider => new InstanceNetwork(
            new NetworkOptions { Tag = options.Tag, StateFile = Path.Combine(options.DataDirectory, "network"), Avoid = options.AvoidAddresses },
            provider.GetRequiredService<ILogger<InstanceNetwork>>()))
        .AddSingleton(provider => new Uppers(new UppersOptions(options.DataDirectory, options.UppersBytes), provider.GetRequiredService<ILogger<Uppers>>()))
        .AddSingleton(provider => new InstanceLogs(
            new LogOptions { Directory = Path.Combine(options.DataDirectory, "logs"), Time = provider.GetRequiredService<TimeProvider>() }))
        .AddSingleton<EventHub>()
        .AddSingleton<Sandboxes>()
        .AddSingleton<InstanceHost>()
        .AddSingleton(provider => new Sandbox(
            provider.GetRequiredService<Sandboxes>(),
            provider.GetRequiredService<InstanceNetwork>(),
            provider.GetRequiredService<Images>(),
            options,
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new NativeEngine(
            options,
            provider.GetRequiredService<Sandboxes>(),
            provider.GetRequiredService<Sandbox>(),
            provider.GetRequiredService<InstanceHost>(),
            provider.GetRequiredService<InstanceLogs>(),
            provider.GetRequiredService<Images>(),
            provider.GetRequiredService<ILogger<NativeEngine>>()))
        .AddSingleton<IEngine>(provider => provider.GetRequiredService<NativeEngine>());
}
