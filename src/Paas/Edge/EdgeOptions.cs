using System.Net;
using Paas.State;

namespace Paas.Edge;

/// <summary>How the edge listens. All of it comes from the environment, so that the edge reads no file but its own.</summary>
public sealed class EdgeOptions
{
    /// <summary>The platform's state (PAAS_HOME).</summary>
    public string Home { get; init; } = "/var/lib/paas";

    /// <summary>Address of the public listener (PAAS_BIND).</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free port, for tests (PAAS_HTTP_PORT).</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>Its platform hosts are served before the first table (PAAS_BASE_DOMAIN).</summary>
    public string BaseDomain { get; init; } = "localhost";

    /// <summary>Blobs of the base images lie here (PAAS_CACHE).</summary>
    public string Cache { get; init; } = PlatformHome.DefaultCache;

    /// <summary>Requests run on the socket's own thread: fewer hand-offs, but nothing there may block. Off where control shares the process.</summary>
    public bool InlineCompletions { get; init; } = true;

    /// <summary>How long a request waits for control to come back before it is answered 503.</summary>
    public TimeSpan WaitForControl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A request or a WebSocket of an app without a byte in either direction for this long is ended.</summary>
    public TimeSpan AppIdle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The same towards control, where a build may be silent for long.</summary>
    public TimeSpan ControlIdle { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A body for the registry must bring <see cref="RegistryBodyRate"/> on average, from this time on. Control watches too, but its answer does
    /// not reach a client that neither sends nor goes away.</summary>
    public TimeSpan RegistryBodyPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Bytes a second. Default 240.</summary>
    public double RegistryBodyRate { get; init; } = 240;

    /// <summary>How long an app's connect may take before the next endpoint is tried.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests in flight may go on when the edge is asked to stop.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="UserError">"setting_invalid": a variable is malformed; the message names it.</exception>
    public static EdgeOptions FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <inheritdoc cref="FromEnvironment()"/>
    public static EdgeOptions FromEnvironment(Func<string, string?> variable)
    {
        var standard = new EdgeOptions();
        return new EdgeOptions
        {
            Home = variable("PAAS_HOME") is { Length: > 0 } home ? home : standard.Home,
            Bind = variable("PAAS_BIND") is { Length: > 0 } bind
                ? IPAddress.TryParse(bind, out var address) ? address : throw Invalid($"PAAS_BIND is '{bind}', which is not an IP address. Set it to 127.0.0.1, or to 0.0.0.0 to be reached from outside.")
                : standard.Bind,
            HttpPort = variable("PAAS_HTTP_PORT") is { Length: > 0 } port
                ? ushort.TryParse(port, out var number) && number > 0 ? number : throw Invalid($"PAAS_HTTP_PORT is '{port}', which is not a port. Set it to a number from 1 to 65535.")
                : standard.HttpPort,
            Cache = variable("PAAS_CACHE") is { Length: > 0 } cache ? cache : standard.Cache,
            BaseDomain = variable("PAAS_BASE_DOMAIN") is { Length: > 0 } domain ? domain.ToLowerInvariant() : standard.BaseDomain,
        };
    }

    internal static UserError Invalid(string message) => new("setting_invalid", StatusCodes.Status400BadRequest, message);

    /// <summary>Hosts that are control's without any table.</summary>
    internal IReadOnlyList<string> PlatformHosts => Routing.PlatformHosts.Of(BaseDomain);
}
