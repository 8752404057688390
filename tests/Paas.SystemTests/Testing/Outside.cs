using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Paas.Engine;

namespace Paas.Testing;

/// <summary>A host of the internet that apps and builds can reach: a network namespace with an address of a documentation range, and the
/// servers in it; gone when disposed.</summary>
internal sealed class Outside : IAsyncDisposable
{
    private readonly NetworkLab _lab = new();
    private readonly List<WebApplication> _servers = [];
    private int _holder;
    private int _port = 4000;

    private Outside()
    {
    }

    public IPAddress Address { get; private set; } = IPAddress.None;

    /// <summary>What starts a program in there: nsenter and its arguments, to be followed by the program.</summary>
    public string[] Enter => ["nsenter", "--target", _holder.ToString(CultureInfo.InvariantCulture), "--net", "--"];

    public static async Task<Outside> StartAsync()
    {
        var outside = new Outside();
        try
        {
            (outside._holder, _, outside.Address) = await outside._lab.OutsideAsync(IPAddress.Parse($"198.51.100.{RandomNumberGenerator.GetInt32(1, 255)}"));
            return outside;
        }
        catch
        {
            await outside.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers HTTP there, over TLS with a certificate; the URL without a slash at its end.</summary>
    public async Task<string> ServeAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var port = ++_port;
        // Kestrel takes the socket over, and closes it.
        var socket = NetworkLab.ListenInside(_holder, port);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.ListenHandle((ulong)socket.SafeHandle.DangerousGetHandle(), listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
            }
        }));
        var server = builder.Build();
        server.Run(answer);
        _servers.Add(server);
        await server.StartAsync(TestContext.Current.CancellationToken);
        GC.KeepAlive(socket);
        return string.Create(CultureInfo.InvariantCulture, $"{(certificate is null ? "http" : "https")}://{Address}:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _lab.DisposeAsync();
    }
}
