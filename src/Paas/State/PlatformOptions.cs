using System.Globalization;

namespace Paas.State;

/// <summary>How this platform is reached; from the environment that install and quickstart write.</summary>
public sealed record PlatformOptions
{
    /// <summary>PAAS_HOME; default /var/lib/paas.</summary>
    public string Home { get; init; } = "/var/lib/paas";

    /// <summary>PAAS_BIND: the address the edge listens on. Default 127.0.0.1.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>PAAS_HTTP_PORT: default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>PAAS_BASE_DOMAIN: an app answers as &lt;app&gt;.&lt;base domain&gt;. Default localhost.</summary>
    public string BaseDomain { get; init; } = "localhost";

    /// <summary>PAAS_CACHE: shared between homes, read-only for them. Default /var/cache/paas.</summary>
    public string Cache { get; init; } = PlatformHome.DefaultCache;

    /// <exception cref="UserError">options_invalid, naming the variable.</exception>
    public static PlatformOptions FromEnvironment()
    {
        var defaults = new PlatformOptions();
        var port = Read("PAAS_HTTP_PORT");
        var number = defaults.HttpPort;
        if (port is not null && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is < 1 or > 65535))
        {
            throw new UserError("options_invalid", 400, $"PAAS_HTTP_PORT is '{port}', but a port is a number from 1 to 65535.");
        }

        return new PlatformOptions
        {
            Home = Read("PAAS_HOME") ?? defaults.Home,
            Bind = Read("PAAS_BIND") ?? defaults.Bind,
            HttpPort = number,
            BaseDomain = (Read("PAAS_BASE_DOMAIN") ?? defaults.BaseDomain).ToLowerInvariant(),
            Cache = Read("PAAS_CACHE") ?? defaults.Cache,
        };
    }

    /// <summary>Links and redirects are made from it (trust rule 11).</summary>
    public PlatformAddress Address => new(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{BaseDomain}:{HttpPort}")), BaseDomain);

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
