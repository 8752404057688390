using System.Text.RegularExpressions;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>Another registry that this one is a cache of.</summary>
/// <param name="Name">What names of its images begin with here: "docker.io". It has a dot, as no app's name has.</param>
/// <param name="Url">Where it answers: scheme, host and port.</param>
/// <param name="Credentials">Null: as nobody.</param>
/// <param name="Revalidate">How long what a tag points to is believed.</param>
public sealed record Upstream(string Name, Uri Url, RegistryCredentials? Credentials, TimeSpan Revalidate)
{
    /// <summary>There as its own clients ask for it: "node" of Docker Hub is "library/node".</summary>
    /// <param name="rest">What follows the upstream's name here.</param>
    public ImageReference ImageOf(string rest) => ImageReference.Parse($"{(Url.Scheme == Uri.UriSchemeHttp ? "http://" : "")}{Url.Authority}/{rest}");
}

/// <summary>The registries that this one is a cache of: section registry.upstreams of paas.json in the home; without it Docker Hub alone.</summary>
public sealed partial record UpstreamOptions
{
    public static readonly TimeSpan DefaultRevalidate = TimeSpan.FromMinutes(10);

    public IReadOnlyList<Upstream> Upstreams { get; init; } = [new Upstream(ImageReference.DockerHub, new Uri("https://docker.io"), null, DefaultRevalidate)];

    /// <summary>What nobody pulls for so long is dropped. Default 30 days.</summary>
    public TimeSpan KeepUnused { get; init; } = TimeSpan.FromDays(30);

    [GeneratedRegex(@"^[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameGrammar { get; }

    /// <exception cref="UserError">options_invalid, with all faults.</exception>
    public static UpstreamOptions Read(PlatformHome home)
    {
        var section = HostFile.Read(home);
        var (defaults, faults) = (new UpstreamOptions(), new List<string>());
        if (section?.KeepUnusedDays is < 1 or > 3650)
        {
            faults.Add("registry.keepUnusedDays is a number of days from 1 to 3650");
        }

        var upstreams = section?.Upstreams?.Select(item => Of(item, home, faults)).OfType<Upstream>().ToList();
        if (upstreams?.GroupBy(upstream => upstream.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            faults.Add($"registry.upstreams names {twice} twice");
        }

        return faults.Count > 0
            ? throw HostFile.Invalid(home, faults)
            : new UpstreamOptions
            {
                Upstreams = upstreams ?? defaults.Upstreams,
                KeepUnused = section?.KeepUnusedDays is { } days ? TimeSpan.FromDays(days) : defaults.KeepUnused,
            };
    }

    private static Upstream? Of(HostFile.UpstreamItem item, PlatformHome home, List<string> faults)
    {
        var before = faults.Count;
        if (item.Name is null || item.Name.Length > 100 || !NameGrammar.IsMatch(item.Name))
        {
            faults.Add($"registry.upstreams: '{Printable.Short(item.Name)}' is no name, which is like a host's: lower-case letters and digits with at least one dot");
        }

        var text = item.Url ?? $"https://{item.Name}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
        {
            faults.Add($"registry.upstreams: the url of {Printable.Short(item.Name)} is like https://registry.example.com:5000, without a path and without a password");
        }

        if (item.RevalidateSeconds is < 0 or > 86_400)
        {
            faults.Add($"registry.upstreams: revalidateSeconds of {Printable.Short(item.Name)} is a number from 0 to 86400");
        }

        var credentials = item.CredentialsFile is { } file ? Login(Path.Combine(home.Keys, file), faults) : null;
        return faults.Count > before ? null : new Upstream(item.Name!, url!, credentials, item.RevalidateSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultRevalidate);
    }

    /// <summary>Two lines, user name and password, in a file that only its owner can read (trust rule 3).</summary>
    private static RegistryCredentials? Login(string path, List<string> faults)
    {
        if (!File.Exists(path))
        {
            faults.Add($"registry.upstreams: there is no file {path}");
        }
        else if ((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            faults.Add($"registry.upstreams: {path} can be read by others: set its mode to 0600");
        }
        else if (File.ReadAllLines(path) is [{ Length: > 0 } user, { Length: > 0 } password, ..])
        {
            return new RegistryCredentials(user, password);
        }
        else
        {
            faults.Add($"registry.upstreams: {path} has a user name in its first line and a password in its second");
        }

        return null;
    }
}
