using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Paas.Edge;

/// <summary>A real Kestrel that stands for an instance, or on a Unix socket for control.</summary>
internal sealed class TestUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestUpstream(WebApplication app) => _app = app;

    /// <summary>0 on a Unix socket.</summary>
    public int Port { get; private set; }

    public static Task<TestUpstream> StartAsync(RequestDelegate answer) => StartAsync(answer, static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));

    public static Task<TestUpstream> StartAsync(string socket, RequestDelegate answer) => StartAsync(answer, kestrel => kestrel.ListenUnixSocket(socket));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<TestUpstream> StartAsync(RequestDelegate answer, Action<KestrelServerOptions> listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            listen(kestrel);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestUpstream(app) { Port = url.Contains("unix", StringComparison.Ordinal) ? 0 : new Uri(url).Port };
    }
}
