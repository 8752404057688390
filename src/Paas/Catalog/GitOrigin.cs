using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Paas.Builds;
using Paas.Git;
using Paas.State;

namespace Paas.Catalog;

/// <summary>Fetches one commit of somebody else's repository: git runs as its own user with next to no environment, speaks http(s) and nothing else, follows no
/// redirect, and connects to the address that was looked at before (a name may point elsewhere the next time).</summary>
internal sealed partial class GitOrigin(GitProcess git, GitRepositories repositories, IOptions<GitOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of the pack; no buildpack that is scripts comes near.</summary>
    private const long MaxPack = 512L << 20;

    private static readonly Dictionary<string, string> NoQuarantine = [];

    [GeneratedRegex(@"^(fatal|error|remote): (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Said { get; }

    /// <param name="mayAskHere">Addresses of this machine itself: for administrators.</param>
    /// <param name="take">Gets the folder of the files, which is gone afterwards, and the commit.</param>
    /// <exception cref="BuildpackRefusedException">It was not fetched; the message says why.</exception>
    public async Task<T> FetchAsync<T>(GitAddress address, bool mayAskHere, Func<string, string, T> take, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var name = $"buildpack-{Path.GetRandomFileName()}";
        var folder = repositories.MakeCheckout(name);
        try
        {
            var commit = await FetchAsync(Path.Combine(folder, "repository"), address, mayAskHere, stop.Token);
            var files = repositories.MakeCheckout(Path.Combine(name, "tree"));
            await CheckOutAsync(Path.Combine(folder, "repository"), Path.Combine(folder, "index"), files, commit, stop.Token);
            return take(files, commit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NotFetched($"{address.Url} did not send the repository within {Patience.TotalMinutes:0} minutes.");
        }
        finally
        {
            repositories.RemoveCheckout(name);
        }
    }

    private async Task<string> FetchAsync(string repository, GitAddress address, bool mayAskHere, CancellationToken cancellationToken)
    {
        var host = HostSettings.Read();
        var environment = await EnvironmentAsync(address, host, mayAskHere, cancellationToken);
        await git.RunAsync(["init", "--quiet", "--bare", "--template=", "--", repository], null, cancellationToken);
        var (exitCode, _, errors) = await git.TryAsync(
            ["--git-dir", repository, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--", address.Url.ToString(), address.Ref ?? "HEAD"],
            environment,
            MaxPack,
            cancellationToken);
        if (exitCode != 0)
        {
            throw Refused(address, errors);
        }

        return (await git.RunAsync(["--git-dir", repository, "rev-parse", "--verify", "--end-of-options", "FETCH_HEAD^{commit}"], null, cancellationToken)).Trim();
    }

    /// <summary>git-config(1) by environment: nothing of it shows in a list of processes.</summary>
    private static async Task<Dictionary<string, string>> EnvironmentAsync(GitAddress address, HostSettings host, bool mayAskHere, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(host.Proxies, StringComparer.Ordinal);
        List<(string Key, string Value)> settings =
        [
            ("protocol.allow", "never"),
            ("protocol.https.allow", "always"),
            ("protocol.http.allow", "always"),
            ("http.followRedirects", "false"),
            ("http.lowSpeedLimit", "100"),
            ("http.lowSpeedTime", "60"),
            ("core.bigFileThreshold", "32m"),
            ("pack.threads", "1"),
        ];
        if (await AddressesAsync(address.Url, host, mayAskHere, cancellationToken) is { } pinned)
        {
            settings.Add(("http.curloptResolve", $"{address.Url.IdnHost}:{address.Url.Port.ToString(CultureInfo.InvariantCulture)}:{pinned}"));
        }

        if (address.Authorization is { } authorization)
        {
            settings.Add(("http.extraHeader", $"Authorization: {authorization}"));
        }

        if (host.CaBundle is { } bundle)
        {
            environment["GIT_SSL_CAINFO"] = bundle;
        }

        environment["GIT_CONFIG_COUNT"] = settings.Count.ToString(CultureInfo.InvariantCulture);
        for (var index = 0; index < settings.Count; index++)
        {
            var number = index.ToString(CultureInfo.InvariantCulture);
            (environment[$"GIT_CONFIG_KEY_{number}"], environment[$"GIT_CONFIG_VALUE_{number}"]) = settings[index];
        }

        return environment;
    }

    /// <returns>Addresses for CURLOPT_RESOLVE; null: an address stands in the URL, or only a proxy can resolve the name.</returns>
    private static async Task<string?> AddressesAsync(Uri url, HostSettings host, bool mayAskHere, CancellationToken cancellationToken)
    {
        var name = url.IdnHost.Trim('[', ']');
        var isLiteral = IPAddress.TryParse(name, out var literal);
        IPAddress[] addresses;
        try
        {
            addresses = isLiteral ? [literal!] : await Dns.GetHostAddressesAsync(name, cancellationToken);
        }
        catch (SocketException) when (host.Proxies.Count > 0)
        {
            return null;
        }
        catch (SocketException)
        {
            throw NotFetched($"The name {name} is not known: check the URL.");
        }

        var allowed = addresses.Where(item => IsAllowed(item, mayAskHere)).ToList();
        return allowed.Count == 0
            ? throw new BuildpackRefusedException("buildpack_source_invalid", mayAskHere
                ? $"{name} has an address of the machine's own link, where no repository is."
                : $"{name} is this server itself, which only an administrator may name: ask one, or add the folder with 'paas buildpacks add DIR'.")
            : isLiteral ? null : string.Join(',', allowed.Select(item => item.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{item}]" : item.ToString()));
    }

    /// <summary>Link-local is where clouds answer with a machine's own credentials; on the machine itself services trust whoever reaches them.</summary>
    private static bool IsAllowed(IPAddress address, bool mayAskHere)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var linkLocal = address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.GetAddressBytes() is [169, 254, _, _] or [>= 224, _, _, _] or [0, _, _, _];
        var isHere = IPAddress.IsLoopback(address) || System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(item => item.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));
        return !linkLocal && !address.Equals(IPAddress.IPv6Any) && (mayAskHere || !isHere);
    }

    /// <summary>Files as committed, as a push is checked out (Git/Checkout.cs).</summary>
    private async Task CheckOutAsync(string repository, string index, string files, string commit, CancellationToken cancellationToken)
    {
        try
        {
            await SourceTree.ReadAsync(git, options.Value, repository, NoQuarantine, commit, cancellationToken);
        }
        catch (UserError refused)
        {
            throw new BuildpackRefusedException("buildpack_archive_refused", refused.Message.Replace(" and push again", "", StringComparison.Ordinal), refused);
        }

        var environment = new Dictionary<string, string> { ["GIT_INDEX_FILE"] = index };
        string[] asCommitted = ["-c", "core.bare=false", "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.symlinks=true", "-c", "core.fileMode=true", "-c", "core.protectNTFS=false",
            "--git-dir", repository, "--work-tree", files];
        await git.RunAsync([.. asCommitted[..^2], "read-tree", commit], environment, cancellationToken);
        await git.RunAsync([.. asCommitted, "checkout-index", "--all", "--force", "--quiet"], environment, cancellationToken);
    }

    private static BuildpackRefusedException Refused(GitAddress address, string errors)
    {
        var said = Said.Matches(errors).Select(match => match.Groups["text"].Value.Trim()).LastOrDefault() ?? errors.Trim();
        bool Has(string text) => errors.Contains(text, StringComparison.OrdinalIgnoreCase);
        return NotFetched(
            Has("couldn't find remote ref") || Has("not our ref") || Has("upload-pack: not our ref") ? $"{address.Url} has no branch, tag or commit '{address.Ref ?? "HEAD"}'."
            : Has("could not read Username") || Has("Authentication failed") || Has("error: 401") || Has("error: 403") ? $"{address.Url} wants a login, or there is no such repository. For a private one put a token into the URL: https://TOKEN@host/path. It is used once and not kept."
            : Has("error: 404") || Has("not found") ? $"There is no git repository at {address.Url}: check the URL."
            : Has("error: 301") || Has("error: 302") || Has("error: 307") || Has("error: 308") ? $"{address.Url} redirects elsewhere, which is not followed: open it in a browser and give the address that it ends at (often with .git)."
            : Has("File size limit exceeded") || errors.Length == 0 ? $"The repository at {address.Url} is larger than {MaxPack >> 20} MB: give a smaller one, or add the built package (.cnb file)."
            : $"git could not fetch {address.Url}: {State.Printable.Cut(said, 300)}");
    }

    private static BuildpackRefusedException NotFetched(string sentence) => new("buildpack_not_fetched", sentence);
}
