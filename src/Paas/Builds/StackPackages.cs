using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Paas.Builds;

/// <summary>The part of `paasd stack` that brings what builds need of the package registry. Without the network it says what is missing and
/// goes on: apps without Node build all the same, those with it fetch it themselves.</summary>
internal sealed class StackPackages(PackageCache packages, HostSettings host, Action<string> say)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public bool AreThere => PackageCache.Wanted.All(package => packages.Find(package) is not null);

    /// <param name="refresh">Also look for newer ones.</param>
    public async Task EnsureAsync(bool refresh, CancellationToken cancellationToken)
    {
        if (refresh || !AreThere)
        {
            using var http = Client(host);
            foreach (var package in PackageCache.Wanted.Where(package => refresh || packages.Find(package) is null))
            {
                await TryFetchAsync(package, http, cancellationToken);
            }
        }

        var there = PackageCache.Wanted.Select(package => (package.Title, Version: packages.Find(package))).Where(found => found.Version is not null).ToList();
        if (there.Count > 0)
        {
            say($"Packages for builds are there: {string.Join(", ", there.Select(found => $"{found.Title} {found.Version}"))}.");
        }
    }

    private async Task TryFetchAsync(WantedPackage package, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            await packages.FetchAsync(package, Registry(host), http, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var instead = packages.Find(package) is { } version
                ? $"{package.Title} {version} from earlier stays."
                : "Apps with a package.json fetch it when they are built, other apps do not need it. Run 'paasd stack' again when the registry can be reached.";
            say($"{package} could not be fetched from the package registry {Registry(host).Host} ({Reason(e)}). {instead}");
        }
    }

    private static string Reason(Exception e) => e is OperationCanceledException ? "no answer in time" : (e.InnerException ?? e).Message.TrimEnd('.');

    internal static Uri Registry(HostSettings host) =>
        host.Variables.TryGetValue("NPM_CONFIG_REGISTRY", out var set) && Uri.TryCreate(set, UriKind.Absolute, out var url) ? url : new Uri("https://registry.npmjs.org");

    /// <summary>Goes the way that npm on this host would go; HTTPS_PROXY and the like .NET knows by itself.</summary>
    private static HttpClient Client(HostSettings host)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) };
        var proxy = host.Variables.GetValueOrDefault("NPM_CONFIG_HTTPS_PROXY") ?? host.Variables.GetValueOrDefault("NPM_CONFIG_PROXY");
        if (Uri.TryCreate(proxy, UriKind.Absolute, out var address))
        {
            handler.Proxy = new WebProxy(address);
        }

        if (host.CaBundle is { } bundle)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(bundle);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return new HttpClient(handler) { Timeout = Patience };
    }
}
